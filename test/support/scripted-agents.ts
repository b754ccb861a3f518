import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const made: string[] = [];
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))));

/**
 * Small programs that speak `nimrod-pass/1`, written to a folder as `.mjs`. The body is JavaScript (top-level await
 * works) with these names in scope:
 *
 * - `env`, `role`, `nonce`, `round` (of the exchange), `reviewRound`, `worktree`
 * - `act(actions)` and `finish(result)`: write an answer; in the stream form `await act(…)` returns the outcomes
 * - `say(text)`: write anything; `envelope(body)`: an answer as text
 * - stream form: `next()` reads the next line
 * - once form: `prompt` is the whole of stdin. Stream form: `prompt` is that of the first line
 * - `spawnChild(code, options)`: starts another Node program, detached if `options.detached`
 */
const common = `
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync, existsSync, appendFileSync } from "node:fs";
const env = process.env;
const role = env.NIMROD_ROLE, nonce = env.NIMROD_NONCE, worktree = env.NIMROD_WORKTREE;
const round = Number(env.NIMROD_ROUND), reviewRound = Number(env.NIMROD_REVIEW_ROUND);
const envelope = (body) => JSON.stringify({ protocol: "nimrod-pass/1", nonce, ...body });
const say = (text) => new Promise((done) => process.stdout.write(text, done));
const finish = async (result) => { await say(envelope({ result }) + "\\n"); process.stdin.destroy(); };
const spawnChild = (code, options = {}) => spawn(process.execPath, ["-e", code], { stdio: "inherit", ...options });
const forever = () => new Promise(() => setInterval(() => undefined, 1_000));
`;

const forms = {
  once: `
const prompt = readFileSync(0, "utf8");
const act = (actions) => say(envelope({ actions }));
`,
  stream: `
import { createInterface } from "node:readline";
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => JSON.parse((await lines.next()).value);
const { prompt } = await next();
const act = async (actions) => { await say(envelope({ actions }) + "\\n"); return (await next()).outcomes; };
`,
};

export type ScriptedAgent = { file: string; command: string[]; mode: "once" | "stream" };

/** Writes the program and returns how to configure it as a `plain` agent. */
export async function writeAgent(
  mode: "once" | "stream",
  body: string,
  options: { folder?: string; name?: string } = {},
): Promise<ScriptedAgent> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "nimrod-agent-")));
  if (options.folder === undefined) made.push(folder);
  const file = join(folder, `${options.name ?? "agent"}.mjs`);
  await writeFile(file, `${common}${forms[mode]}\n${body}\n`);
  return { file, command: [process.execPath, file], mode };
}
