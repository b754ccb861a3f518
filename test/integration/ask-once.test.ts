import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { askOnce } from "../../src/agents/adapters/ask-once.ts";
import { probeSandbox } from "../../src/workspace/sandbox.ts";

const sandbox = await probeSandbox({});

/** Asks a Node program of the operator's, which tells what it sees. */
async function ask(body: string, given: Partial<Parameters<typeof askOnce>[0]> = {}) {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "nimrod-ask-")));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  mkdirSync(join(top, "project"));
  writeFileSync(join(top, "project", "secret.txt"), "hunter2");
  const program = join(top, "model.mjs");
  writeFileSync(
    program,
    `import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
const top = ${JSON.stringify(top)};
${body}`,
  );
  const outcome = await askOnce(
    {
      command: ["node", program],
      hosts: [],
      env: ["MODEL_KEY"],
      hostEnv: { PATH: process.env["PATH"], MODEL_KEY: "k", OTHER: "o" },
      sandbox,
      folder: join(top, "opinions"),
      timeoutMs: 20_000,
      maxOutputBytes: 65_536,
      signal: new AbortController().signal,
      clock: { now: () => new Date() },
      ...given,
    },
    "the question",
  );
  return { outcome, left: readdirSync(join(top, "opinions")) };
}

const textOf = ({ outcome }: Awaited<ReturnType<typeof ask>>) =>
  outcome.kind === "exited" ? outcome.stdout.text : JSON.stringify(outcome);

test("it gets its question, the variables that it is handed, and nothing is left of it", async () => {
  const answer = await ask(`writeFileSync(process.env.HOME + "/note", "x");
console.log(JSON.stringify([readFileSync(0, "utf8"), process.env.MODEL_KEY, process.env.OTHER ?? null]));`);
  expect(JSON.parse(textOf(answer))).toEqual(["the question", "k", null]);
  expect(answer.left).toEqual([]);
});

test.skipIf(sandbox.kind === "none")("in the sandbox it sees no project, no home, no network", async () => {
  const answer = await ask(`import { connect } from "node:net";
const reached = await new Promise((done) => {
  const socket = connect(53, "1.1.1.1", () => done("reached"));
  socket.on("error", ({ code }) => done(code));
  socket.setTimeout(3000, () => done("silence"));
});
console.log(JSON.stringify([existsSync(top + "/project"), readdirSync(process.env.HOME), reached]));
process.exit(0);`);
  const [project, home, reached] = JSON.parse(textOf(answer));
  expect([project, home]).toEqual([false, []]);
  expect(reached).not.toBe("reached");
});

test("a hang is ended, a flood is cut, a program that is not there is said to be missing", async () => {
  const hung = await ask("setInterval(() => undefined, 1000);", { timeoutMs: 1_000 });
  expect(hung.outcome.kind).toBe("timeout");
  const flood = await ask("for (;;) process.stdout.write('x'.repeat(65536));");
  expect(flood.outcome.kind).toBe("flood");
  const missing = await ask("", { command: ["no-such-model"] });
  expect(missing.outcome).not.toMatchObject({ kind: "exited", code: 0 });
  expect([hung.left, flood.left, missing.left]).toEqual([[], [], []]);
});
