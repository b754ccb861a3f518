import { createServer, type Socket } from "node:net";
import { dirname, join } from "node:path";
import type { ToolboxSession } from "../agents/adapter.ts";
import { packageRoot, runsFromSource } from "../agents/package-root.ts";
import { removeTree } from "../platform/files.ts";
import { makeSocketFolder } from "../platform/socket-folder.ts";
import { type CallSession, openCallSession, type SessionOptions } from "./session.ts";

/** The toolbox of one pass over MCP, on a unix socket. The only file that knows the protocol's library. */

/** One message of a client: a file of a million characters fits, however they are escaped. */
const maxFrameBytes = 8 * 1024 * 1024;
/** Answers that a client has not read yet; more, and it is cut off. */
const maxUnreadBytes = 4 * 1024 * 1024;
/** What one connection may send in all. */
const maxTotalBytes = 256 * 1024 * 1024;
const maxConnections = 8;

export type ToolboxSessionOptions = SessionOptions & {
  signal: AbortSignal;
};

/**
 * Listens until `close`. Every connection is one MCP client of the same pass. What the pass's toolbox throws ends the
 * session as `crash`; whoever owns the toolbox hears of it from there.
 */
export async function openToolboxSession(options: ToolboxSessionOptions): Promise<ToolboxSession> {
  const session = openCallSession(options);
  const folder = await makeSocketFolder();
  const path = join(folder, "mcp");
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    if (sockets.size >= maxConnections) return void socket.destroy();
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    void serve(socket, session).catch(() => socket.destroy());
  });
  const cancel = (): void => void session.stop();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    options.signal.addEventListener("abort", cancel, { once: true });
  } catch (error) {
    await removeTree(folder);
    throw error;
  }
  const { file, readable } = stdioProgram();
  let closing: Promise<void> | null = null;
  return {
    command: [process.execPath, file, path],
    readable: [folder, ...readable],
    ended: session.ended,
    activity: session.activity,
    close() {
      closing ??= close();
      return closing;
    },
  };

  async function close(): Promise<void> {
    options.signal.removeEventListener("abort", cancel);
    server.close();
    for (const socket of sockets) socket.destroy();
    // What is still being performed must be over before anybody looks at the worktree.
    await session.stop();
    await removeTree(folder);
  }
}

async function serve(socket: Socket, session: CallSession): Promise<void> {
  socket.pause();
  // Nothing is read before the library is there: the socket holds it back.
  const [{ Server }, { serveStdio, StdioServerTransport }] = await Promise.all([
    import("@modelcontextprotocol/server"),
    import("@modelcontextprotocol/server/stdio"),
  ]);
  watchFlood(socket, (message) => {
    session.end({ kind: "failed", reason: "flood", message });
    socket.destroy();
  });
  const transport = new StdioServerTransport(socket, socket, { maxBufferSize: maxFrameBytes });
  serveStdio(
    () => {
      const server = new Server({ name: "nimrod", version: "1" }, { capabilities: { tools: {} } });
      server.setRequestHandler("tools/list", () => ({
        tools: session.list().map(({ name, description, inputSchema, readOnly }) => ({
          name,
          description,
          inputSchema,
          annotations: { readOnlyHint: readOnly, destructiveHint: false },
        })),
      }));
      server.setRequestHandler("tools/call", async ({ params }) => {
        const { text, isError } = await session.call(params.name, params.arguments);
        // It asks and does not read.
        if (socket.writableLength > maxUnreadBytes) socket.destroy();
        return { content: [{ type: "text", text }], isError };
      });
      return server;
    },
    { transport },
  );
  socket.resume();
}

/** Counts before anything is parsed: a line without an end, or lines without number, are a flood. */
function watchFlood(socket: Socket, flooded: (message: string) => void): void {
  let pending = 0;
  let total = 0;
  socket.on("data", (chunk: Buffer) => {
    const last = chunk.lastIndexOf(10);
    pending = last < 0 ? pending + chunk.length : chunk.length - last - 1;
    total += chunk.length;
    if (pending > maxFrameBytes) flooded(`a message of more than ${maxFrameBytes} bytes to the toolbox`);
    else if (total > maxTotalBytes) flooded(`more than ${maxTotalBytes} bytes to the toolbox`);
  });
}

/** The bundle's own entry; from source, the file itself. package.json tells Node that both are modules. */
function stdioProgram(): { file: string; readable: string[] } {
  const root = packageRoot();
  const file = runsFromSource() ? join(root, "src/toolbox/stdio.ts") : join(root, "dist/toolbox.js");
  return { file, readable: [runsFromSource() ? file : dirname(file), join(root, "package.json")] };
}
