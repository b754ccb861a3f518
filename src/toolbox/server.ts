import { createServer, type Socket } from "node:net";
import { dirname, join } from "node:path";
import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server";
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
/** By then the agent's process is under way, and no CLI connects sooner. */
const loadAfterMs = 100;

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
  // While the agent is starting, so that its first connection does not wait for it.
  const early = setTimeout(() => void loadLibrary().catch(() => undefined), loadAfterMs);
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
    clearTimeout(early);
    options.signal.removeEventListener("abort", cancel);
    server.close();
    for (const socket of sockets) socket.destroy();
    // What is still being performed must be over before anybody looks at the worktree.
    await session.stop();
    await removeTree(folder);
  }
}

function loadLibrary() {
  return Promise.all([import("@modelcontextprotocol/server"), import("@modelcontextprotocol/server/stdio")]);
}

async function serve(socket: Socket, session: CallSession): Promise<void> {
  socket.pause();
  // Nothing is read before the library is there: the socket holds it back.
  const [{ Server, deserializeMessage, serializeMessage }, { serveStdio }] = await loadLibrary();
  const lines = startLines(socket, (message) => {
    session.end({ kind: "failed", reason: "flood", message });
    socket.destroy();
  });
  const transport: Transport = {
    async start() {
      lines.onLine((line) => {
        let message: JSONRPCMessage;
        try {
          message = deserializeMessage(line);
        } catch {
          return; // not the protocol: nothing to answer
        }
        transport.onmessage?.(message);
      });
      socket.on("close", () => transport.onclose?.());
    },
    async send(message) {
      // A client that asks and does not read.
      if (socket.writableLength > maxUnreadBytes) socket.destroy();
      else socket.write(serializeMessage(message));
    },
    async close() {
      socket.destroy();
    },
  };
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
        return { content: [{ type: "text", text }], isError };
      });
      return server;
    },
    { transport },
  );
  socket.resume();
}

/** Lines in bounded memory, counted before anything is parsed: one without an end, or too many of them, are a flood. */
function startLines(socket: Socket, flooded: (message: string) => void) {
  const listeners: ((line: string) => void)[] = [];
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let total = 0;
  socket.on("data", (chunk: Buffer) => {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = Buffer.concat([...pending, rest.subarray(0, end)]).toString("utf8");
      pending = [];
      pendingBytes = 0;
      rest = rest.subarray(end + 1);
      for (const listener of listeners) listener(line);
    }
    if (rest.length > 0) pending.push(rest);
    pendingBytes += rest.length;
    total += chunk.length;
    if (pendingBytes > maxFrameBytes) flooded(`a message of more than ${maxFrameBytes} bytes to the toolbox`);
    else if (total > maxTotalBytes) flooded(`more than ${maxTotalBytes} bytes to the toolbox`);
  });
  return { onLine: (listener: (line: string) => void) => void listeners.push(listener) };
}

/** The bundle's own entry; from source, the file itself. package.json tells Node that both are modules. */
function stdioProgram(): { file: string; readable: string[] } {
  const root = packageRoot();
  const file = runsFromSource() ? join(root, "src/toolbox/stdio.ts") : join(root, "dist/toolbox.js");
  return { file, readable: [runsFromSource() ? file : dirname(file), join(root, "package.json")] };
}
