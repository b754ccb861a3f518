#!/usr/bin/env node
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Readable, Writable } from "node:stream";
import { type AgentContext, agent, methods, ndJsonStream, RequestError } from "@agentclientprotocol/sdk";

/**
 * An agent behind the Agent Client Protocol that does one thing, named by its first argument; the nonce and the result
 * to submit are read from the prompt. What it is told is said again as a message, so that a test finds it in the
 * transcript. A test bundles this file into one, so that it runs in a sandbox.
 */
type World = {
  client: AgentContext;
  sessionId: string;
  say: (text: string) => Promise<void>;
  /** Calls a tool of the MCP server that it was given; the text of the answer. */
  call: (name: string, args: object) => Promise<string>;
  submit: (result?: unknown) => Promise<string>;
  prompts: number;
  cancelled: Promise<void>;
};

type Stop = "end_turn" | "max_tokens" | "max_turn_requests" | "refusal" | "cancelled";
const forever = new Promise<never>(() => setInterval(() => undefined, 60_000));

const ask = async ({ client, sessionId }: World, toolCall: object, options: object[]): Promise<string> => {
  const answer = await client
    .request("session/request_permission", {
      sessionId,
      toolCall: { toolCallId: "call-1", ...toolCall },
      options,
    })
    .catch((error: unknown) => ({ error: String(error) }));
  return JSON.stringify(answer);
};
const usual = [
  { optionId: "always", name: "Always", kind: "allow_always" },
  { optionId: "once", name: "Once", kind: "allow_once" },
  { optionId: "no", name: "No", kind: "reject_once" },
];

const doings: Record<string, (world: World) => Promise<Stop | undefined>> = {
  async works(world) {
    await world.client.notify(methods.client.session.update, {
      sessionId: world.sessionId,
      update: {
        sessionUpdate: "usage_update",
        used: 1_200,
        size: 9_000,
        cost: { amount: 0.25, currency: "USD" },
      },
    });
    await world.say(await world.call("read_file", { path: "README.md" }));
    await world.say(await world.submit());
    return "end_turn";
  },
  async asks(world) {
    const read = { kind: "read", title: "Read", rawInput: { file_path: "README.md" } };
    await world.say(`read ${await ask(world, read, usual)}`);
    await world.say(
      `run ${await ask(world, { kind: "execute", title: "ls", rawInput: { command: "ls" } }, usual)}`,
    );
    await world.say(
      `edit ${await ask(world, { kind: "edit", title: "Edit", rawInput: { file_path: "a" } }, usual)}`,
    );
    await world.say(`lasting ${await ask(world, read, usual.slice(0, 1))}`);
    const lying = [
      { optionId: "x", name: "No", kind: "reject_once" },
      { optionId: "x", name: "Always", kind: "allow_always" },
      { optionId: "x", name: "Once", kind: "allow_once" },
    ];
    await world.say(`twins ${await ask(world, read, lying)}`);
    const swapped = [
      { optionId: "allow-once", name: "Allow", kind: "reject_once" },
      { optionId: "reject", name: "Reject", kind: "allow_always" },
    ];
    await world.say(`swapped ${await ask(world, { kind: "edit", title: "Edit" }, swapped)}`);
    const disguised = { kind: "read", title: "Read", rawInput: { file_path: "a", command: "rm -rf /" } };
    await world.say(`disguised ${await ask(world, disguised, usual)}`);
    const titled = { kind: "execute", title: "mcp__nimrod__run", rawInput: { command: "rm -rf /" } };
    await world.say(`titled ${await ask(world, titled, usual)}`);
    await world.submit();
    return "end_turn";
  },
  async pesters(world) {
    for (;;) await ask(world, { kind: "edit", title: "Edit" }, usual);
  },
  async reaches({ client, sessionId, say, submit }) {
    const tried = await Promise.all([
      client.request("fs/read_text_file", { sessionId, path: "/etc/passwd" }).catch(String),
      client.request("fs/write_text_file", { sessionId, path: "/tmp/x", content: "x" }).catch(String),
      client.request("terminal/create", { sessionId, command: "id" }).catch(String),
    ]);
    await say(`reached ${JSON.stringify(tried)}`);
    await submit();
    return "end_turn";
  },
  async hangs() {
    return forever;
  },
  async dies({ call }) {
    await call("read_file", { path: "README.md" });
    process.exit(0);
  },
  async submitsAndDies({ submit }) {
    await submit();
    process.exit(0);
  },
  async submitsTwice({ say, submit }) {
    await say(await submit({ ...defaultResult(), summary: "the first" }));
    await say(await submit({ ...defaultResult(), summary: "the second" }));
    return "end_turn";
  },
  async lingers({ submit, cancelled }) {
    await submit();
    await cancelled;
    return "cancelled";
  },
  async staysForGood({ submit }) {
    await submit();
    return forever;
  },
  async forgets({ prompts, submit }) {
    if (prompts === 2) await submit();
    return "end_turn";
  },
  async neverSubmits() {
    return "end_turn";
  },
  async refuses() {
    return "refusal";
  },
  async runsOut() {
    return "max_tokens";
  },
  async notLoggedIn() {
    throw RequestError.authRequired();
  },
  async failsAtItsServer() {
    throw RequestError.internalError(undefined, "API Error: 429 rate limit exceeded");
  },
  async floods() {
    const text = "x".repeat(1_000_000);
    for (;;) if (!process.stdout.write(text)) await new Promise((done) => process.stdout.once("drain", done));
  },
  async neverStopsTalking({ say }) {
    for (;;) await say("x".repeat(50_000));
  },
  async babbles({ submit }) {
    const lines = [
      "this is no JSON",
      "[1,2]",
      '{"jsonrpc":"2.0"}',
      '{"jsonrpc":"2.0","id":"\\u001b[31m not asked","result":{}}',
      '{"jsonrpc":"2.0","method":"session/update","params":{"update":3}}',
      '{"jsonrpc":"2.0","method":"no/such/thing","params":{}}',
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
    await submit();
    return "end_turn";
  },
  async leavesChildren({ say, submit }) {
    const child = spawn(
      process.execPath,
      ["-e", "setInterval(() => undefined, 60_000)", `leftover of ${process.argv[1]}`],
      {
        detached: true,
        stdio: "ignore",
      },
    );
    await say(`child ${child.pid}`);
    await submit();
    return "end_turn";
  },
  async looksAround({ say, submit }) {
    await say(`env ${JSON.stringify(process.env)}`);
    await submit();
    return "end_turn";
  },
  async spends({ client, sessionId }) {
    for (let turn = 0; ; turn += 1) {
      const call = { toolCallId: `t${turn}`, title: "think" };
      const send = (update: object) => client.notify("session/update", { sessionId, update });
      await send({ sessionUpdate: "tool_call", ...call });
      await send({ sessionUpdate: "tool_call_update", ...call, status: "completed" });
    }
  },
};

let text = "";
function defaultResult(): Record<string, unknown> {
  return JSON.parse(/result=(.*)/.exec(text)?.[1] ?? "{}");
}

const sessions = new Map<
  string,
  { call: World["call"]; prompts: number; cancel: () => void; cancelled: Promise<void> }
>();

agent({ name: "scripted" })
  .onRequest(methods.agent.initialize, ({ params }) => ({
    protocolVersion: process.argv[2] === "speaksTwo" ? 2 : params.protocolVersion,
    agentInfo: { name: "scripted", version: "1.2.3" },
    agentCapabilities: {},
  }))
  .onRequest(methods.agent.session.new, async ({ params }) => {
    const [server] = params.mcpServers;
    if (server === undefined || !("command" in server)) throw RequestError.invalidParams();
    let cancel: () => void = () => undefined;
    const cancelled = new Promise<void>((resolve) => {
      cancel = resolve;
    });
    sessions.set("s1", {
      call: await connectMcp([server.command, ...server.args]),
      prompts: 0,
      cancel,
      cancelled,
    });
    return { sessionId: "s1" };
  })
  .onNotification(methods.agent.session.cancel, ({ params }) => sessions.get(params.sessionId)?.cancel())
  .onRequest(methods.agent.session.prompt, async ({ params, client }) => {
    const session = sessions.get(params.sessionId);
    const [block] = params.prompt;
    if (session === undefined || block?.type !== "text") throw RequestError.invalidParams();
    session.prompts += 1;
    if (session.prompts === 1) text = block.text;
    const say = (words: string) =>
      client.notify(methods.client.session.update, {
        sessionId: params.sessionId,
        update: { sessionUpdate: "agent_message_chunk", content: { type: "text", text: words } },
      });
    const nonce = /nonce=(\S+)/.exec(text)?.[1];
    const stopReason = await doings[process.argv[2] ?? ""]?.({
      ...session,
      client,
      sessionId: params.sessionId,
      say,
      submit: (result = defaultResult()) => session.call("submit", { nonce, result }),
    });
    return { stopReason: stopReason ?? "end_turn" };
  })
  .connect(
    ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>),
  );

/** Just enough of an MCP client. */
async function connectMcp([command = "", ...args]: string[]): Promise<World["call"]> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const waiting = new Map<
    number,
    (message: { result?: { content?: { text: string }[] }; error?: unknown }) => void
  >();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const message = JSON.parse(line);
    waiting.get(message.id)?.(message);
  });
  let last = 0;
  const request = (method: string, params: object) =>
    new Promise<{ result?: { content?: { text: string }[] }; error?: unknown }>((resolve) => {
      const id = ++last;
      waiting.set(id, resolve);
      child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    });
  const clientInfo = { name: "scripted", version: "1" };
  await request("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
  child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
  return async (name, args) => {
    const { result, error } = await request("tools/call", { name, arguments: args });
    return error === undefined
      ? (result?.content ?? []).map((part) => part.text).join("\n")
      : JSON.stringify(error);
  };
}
