import { chmod, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createPlainAdapter } from "../../src/agents/adapters/plain.ts";
import { openToolboxSession } from "../../src/toolbox/server.ts";
import { probeSandbox } from "../../src/workspace/sandbox.ts";
import { sessionOptions } from "../support/call-session.ts";
import { closing, passWorld, recordingToolbox } from "../support/pass-request.ts";
import { writeAgent } from "../support/scripted-agents.ts";

/** Small programs as agents: what a person puts in front of a local model. */

const sandbox = await probeSandbox();

/** A model on this machine that says its lines in order, whatever it is asked; prompts are kept. */
async function localModel(...says: ((prompt: string) => string)[]) {
  const prompts: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const { prompt } = JSON.parse(body) as { prompt: string };
    prompts.push(prompt);
    response.end(JSON.stringify({ response: says[prompts.length - 1]?.(prompt) ?? "" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return { port: (server.address() as AddressInfo).port, prompts };
}

const script = `#!/bin/sh
# Everything that Nimrod says goes to the model, everything that the model says goes to Nimrod.
exec node -e '
const prompt = require("fs").readFileSync(0, "utf8");
const url = "http://127.0.0.1:" + process.env.MODEL_PORT + "/api/generate";
fetch(url, { method: "POST", body: JSON.stringify({ prompt, stream: false }) })
  .then((reply) => reply.json())
  .then(({ response }) => process.stdout.write(response));
'
`;

async function scriptAgent(port: number, given: { hosts?: string[] } = {}) {
  const world = await passWorld({ sandbox, prompt: "Close it. The nonce is n0nce-of-this-pass." });
  const file = join(world.folder, "ask-model");
  await writeFile(file, script);
  await chmod(file, 0o755);
  const agent = createPlainAdapter({
    name: "local",
    command: ["ask-model"], // found on PATH, and shown inside, wherever it is installed
    mode: "once",
    vendor: null,
    hosts: given.hosts ?? [`127.0.0.1:${port}`],
    env: ["MODEL_PORT"],
    hostEnv: { PATH: `${world.folder}:${process.env["PATH"]}`, MODEL_PORT: String(port), OTHER: "canary" },
  });
  return { world, agent };
}

const fenced = (text: string) => `\`\`\`json\n${text}\n\`\`\``;
const answer = (body: object) =>
  JSON.stringify({ protocol: "nimrod-pass/1", nonce: "n0nce-of-this-pass", ...body });

describe.skipIf(sandbox.kind === "none")("a script of ten lines in front of a model on this machine", () => {
  test("gets there although the model chats, writes broken JSON, and forgets a field", async () => {
    const { port, prompts } = await localModel(
      () =>
        `Sure! Here it is:\n${fenced(`{"protocol": "nimrod-pass/1", "nonce": "n0nce-of-this-pass", result: {}}`)}`,
      () => `Sorry.\n${fenced(answer({ result: { summary: "done" } }))}`,
      () => `Let me look first.\n${fenced(answer({ actions: [{ kind: "list", path: "." }] }))}`,
      () => `Now.\n${fenced(answer({ result: closing }))}`,
    );
    const { agent, world } = await scriptAgent(port);
    const toolbox = recordingToolbox(() => ({ stdout: "README.md\n" }));
    expect(script.trim().split("\n").length).toBeLessThanOrEqual(10);
    expect(await agent.run(world.request, toolbox)).toMatchObject({
      kind: "finished",
      rounds: 4,
      result: closing,
    });
    expect(toolbox.actions).toEqual([{ kind: "list", path: "." }]);
    expect(prompts[1]).toMatch(/not JSON/);
    expect(prompts[2]).toMatch(/result\.notDone/);
    expect(prompts[3]).toContain("README.md");
    for (const prompt of prompts) expect(prompt.startsWith("Close it.")).toBe(true);
  });

  test("cannot reach it unless its address is listed", async () => {
    const { port, prompts } = await localModel(() => answer({ result: closing }));
    for (const hosts of [[], ["127.0.0.1:1"]]) {
      const { agent, world } = await scriptAgent(port, { hosts });
      expect(await agent.run(world.request, recordingToolbox())).toMatchObject({
        kind: "failed",
        reason: "crash",
      });
    }
    expect(prompts).toEqual([]);
  });
});

describe.skipIf(sandbox.kind === "none")("a plain agent that speaks MCP", () => {
  const call = `
    const child = spawn(...((argv) => [argv[0], argv.slice(1)])(JSON.parse(env.NIMROD_TOOLBOX)), { stdio: ["pipe", "pipe", "inherit"] });
    const send = (message) => child.stdin.write(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\\n");
    const answers = (await import("node:readline")).createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ask = async (id, method, params) => { send({ id, method, params }); return JSON.parse((await answers.next()).value).result; };
    await ask(1, "initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "small", version: "1" } });
    send({ method: "notifications/initialized" });
    const { content } = await ask(2, "tools/call", { name: "read_file", arguments: { path: "a.txt" } });
    child.stdin.end();`;

  async function run(toolbox: ReturnType<typeof recordingToolbox>, body: string) {
    const { command, mode } = await writeAgent("once", body);
    const { request } = await passWorld({
      sandbox,
      openSession: ({ submit }) =>
        openToolboxSession({
          ...sessionOptions({ toolbox, submit }).options,
          signal: new AbortController().signal,
        }),
    });
    return createPlainAdapter({ name: "small", command, mode, vendor: null }).run(request, toolbox);
  }

  test("acts through the toolbox that it is told of, from inside the sandbox", async () => {
    const toolbox = recordingToolbox(() => ({ stdout: "blue-canary\n" }));
    const body = `${call} await finish({ ...${JSON.stringify(closing)}, summary: content[0].text.includes("blue-canary") ? "seen" : "no" });`;
    expect(await run(toolbox, body)).toMatchObject({ kind: "finished", result: { summary: "seen" } });
    expect(toolbox.actions).toMatchObject([{ kind: "read", path: "a.txt" }]);
  });

  test("is parked when a call there needs a person, and does not live on", async () => {
    const toolbox = recordingToolbox(() => ({ status: "parked" }));
    expect(await run(toolbox, `${call} await forever();`)).toMatchObject({ kind: "parked", rounds: 1 });
  });
});

test.each<[string, { hosts?: string[]; baseUrl?: string; vendorNamed?: boolean }, boolean]>([
  ["without a network", {}, true],
  ["that reaches a server on this machine", { hosts: ["127.0.0.1:11434"] }, true],
  ["that reaches one elsewhere", { hosts: ["127.0.0.1:11434", "models.example"] }, false],
  ["whose address is elsewhere", { baseUrl: "https://models.example/v1" }, false],
  ["for which a vendor is named", { hosts: ["127.0.0.1:11434"], vendorNamed: true }, false],
])("a program %s is paid by use or not", (_, given, free) => {
  const agent = createPlainAdapter({
    name: "small",
    command: ["small"],
    mode: "once",
    vendor: "small",
    ...given,
  });
  expect(agent.free).toBe(free);
});
