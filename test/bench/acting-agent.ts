import { writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A program in claude's place that spends no time of its own: it calls Nimrod's tools over MCP as claude would, does the
 * same itself beside it, and prints how long each took.
 */
export function writeActingAgent(folder: string): string {
  const file = join(folder, "acting-agent.mjs");
  writeFileSync(file, program, { mode: 0o755 });
  return file;
}

export const kinds = ["read_file", "list_files", "search", "run", "write_file", "edit_file"] as const;
/** `paced`: a while after the action before it, as a model would; the others come at once. */
export type Timing = { kind: (typeof kinds)[number]; paced: boolean; toolMs: number; ownMs: number };

/** No model answers sooner. Commits of what was written are finished in it, as they are behind a model's thinking. */
const thinkingMs = 150;

const program = String.raw`#!/usr/bin/env node
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const args = process.argv.slice(2);
if (args.includes("--version")) { console.log("2.1.330 (Claude Code)"); process.exit(0); }
const prompt = readFileSync(0, "utf8");
const { command, args: words } = JSON.parse(args[args.indexOf("--mcp-config") + 1]).mcpServers.nimrod;
const server = spawn(command, words, { stdio: ["pipe", "pipe", "inherit"] });
const waiting = new Map();
createInterface({ input: server.stdout }).on("line", (line) => {
  const message = JSON.parse(line);
  waiting.get(message.id)?.(message.result ?? message.error);
});
let id = 0;
const ask = (method, params) => new Promise((resolve) => {
  waiting.set(++id, resolve);
  server.stdin.write(JSON.stringify({ jsonrpc: "2.0", id, method, params }) + "\n");
});
const say = (event) => console.log(JSON.stringify(event));
await ask("initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "bench", version: "1" } });
server.stdin.write(JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }) + "\n");
const { tools } = await ask("tools/list", {});
const names = tools.map(({ name }) => "mcp__nimrod__" + name);
say({ type: "system", subtype: "init", tools: names });
const model = await fetch(process.env.ANTHROPIC_BASE_URL + "/v1/messages", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ model: "bench", max_tokens: 1, messages: [{ role: "user", content: prompt }], tools: names.map((name) => ({ name })) }),
});
await model.text();
if (!model.ok) { say({ type: "result", subtype: "success", is_error: true, result: "probed" }); process.exit(1); }

const call = (name, given) => ask("tools/call", { name, arguments: given });
const nonce = /"nonce":"([0-9a-f]{32})"/.exec(prompt)[1];
const scratch = process.env.TMPDIR;
const root = process.env.HOME;
writeFileSync(join(root, "own.txt"), "hello\n");
const own = {
  read_file: () => readFileSync(join(root, "own.txt"), "utf8"),
  list_files: () => readdirSync(root, { recursive: true }),
  search: () => execFileSync("/usr/bin/grep", ["-rn", "hello", join(root, "own.txt")]),
  run: () => execFileSync("/bin/bash", ["-c", "git --version"]),
  write_file: () => writeFileSync(join(scratch, "own.txt"), "x" + Math.random()),
  edit_file: () => { const t = readFileSync(join(scratch, "own.txt"), "utf8"); writeFileSync(join(scratch, "own.txt"), t + "y"); },
};
const rounds = 12;
const timings = [];
if (prompt.includes("You are the implementer of Nimrod")) {
  for (let round = 0; round < 2 * rounds; round += 1) {
    const paced = round < rounds;
    const mix = {
      read_file: { path: "README.md" },
      list_files: { path: "." },
      search: { pattern: "line " + round },
      run: { command: "git log --oneline -" + (round + 1) },
      write_file: { path: "greeting.txt", content: "hello " + round + "\n" },
      edit_file: { path: "greeting.txt", old_string: "hello " + round, new_string: "hello" + round },
    };
    for (const [kind, given] of Object.entries(mix)) {
      if (paced) await new Promise((resolve) => setTimeout(resolve, ${thinkingMs}));
      let began = performance.now();
      const answer = await call(kind, given);
      const toolMs = performance.now() - began;
      if (answer.isError) throw new Error(kind + ": " + JSON.stringify(answer));
      began = performance.now();
      own[kind]();
      timings.push({ kind, paced, toolMs, ownMs: performance.now() - began });
    }
  }
  await call("write_file", { path: "greeting.txt", content: "hello\n" });
}
say({ type: "system", subtype: "bench", timings });
const script = await (await fetch(process.env.ANTHROPIC_BASE_URL + "/v1/messages", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ model: "bench", max_tokens: 1, stream: false, messages: [{ role: "user", content: prompt }], tools: names.map((name) => ({ name, input_schema: { type: "object" } })) }),
})).json();
const submit = script.content.find(({ type }) => type === "tool_use");
await call("submit", submit.input);
say({ type: "result", subtype: "success", is_error: false, num_turns: 1, result: "done" });
process.exit(0);
`;
