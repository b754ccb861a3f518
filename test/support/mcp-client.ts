import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";

/** What a client of MCP gets to know of one tool call. */
type ToolAnswer = { text: string; isError: boolean };
type ListedTool = { name: string; description: string; inputSchema: Record<string, unknown> };

export type McpClient = {
  child: ChildProcess;
  /** Any request; rejects with the error's message. */
  request(method: string, params?: unknown): Promise<Record<string, unknown>>;
  tools(): Promise<ListedTool[]>;
  call(name: string, args?: unknown): Promise<ToolAnswer>;
  /** Bytes as they are. */
  write(bytes: string | Uint8Array): void;
  /** Settles when the process is gone. */
  gone: Promise<unknown>;
};

/** Starts a stdio server and shakes hands with it. Ended with the test. */
export async function mcpClient(start: {
  file: string;
  args: string[];
  env?: Record<string, string>;
  cwd?: string;
}): Promise<McpClient> {
  const child = spawn(start.file, start.args, {
    stdio: ["pipe", "pipe", "inherit"],
    env: start.env ?? { PATH: process.env["PATH"] ?? "" },
    cwd: start.cwd ?? "/",
  });
  const gone = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await gone;
  });
  const waiting = new Map<
    number,
    { resolve: (value: Record<string, unknown>) => void; reject: (error: Error) => void }
  >();
  let text = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (chunk: string) => {
    text += chunk;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      const message: { id?: number; result?: Record<string, unknown>; error?: { message: string } } =
        JSON.parse(line);
      const asked = message.id === undefined ? undefined : waiting.get(message.id);
      if (message.error) asked?.reject(new Error(message.error.message));
      else asked?.resolve(message.result ?? {});
    }
  });
  child.stdin.on("error", () => undefined); // the server may go first
  void gone.then(() => {
    for (const asked of waiting.values()) asked.reject(new Error("the server is gone"));
  });
  let last = 0;
  const write = (bytes: string | Uint8Array) => void child.stdin.write(bytes);
  const send = (message: Record<string, unknown>) =>
    write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const client: McpClient = {
    child,
    gone,
    write,
    request(method, params) {
      last += 1;
      const id = last;
      const answer = new Promise<Record<string, unknown>>((resolve, reject) =>
        waiting.set(id, { resolve, reject }),
      );
      send({ id, method, ...(params === undefined ? {} : { params }) });
      return answer;
    },
    async tools() {
      return (await client.request("tools/list"))["tools"] as ListedTool[];
    },
    async call(name, args = {}) {
      const result = await client.request("tools/call", { name, arguments: args });
      const [part] = result["content"] as { text: string }[];
      return { text: part?.text ?? "", isError: result["isError"] === true };
    },
  };
  await client.request("initialize", {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  });
  send({ method: "notifications/initialized" });
  return client;
}
