import { readdirSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { AgentAction, PassLimits, PassOutcome, PassRequest, Toolbox } from "../../src/agents/adapter.ts";
import { createAcpAdapter } from "../../src/agents/adapters/acp.ts";
import { watchForCircles } from "../../src/agents/adapters/stuck.ts";
import { openToolboxSession } from "../../src/toolbox/server.ts";
import { probeSandbox } from "../../src/workspace/sandbox.ts";
import { closing, type PassWorld, passWorld, recordingToolbox } from "../support/pass-request.ts";

const sandbox = await probeSandbox();
let folder: string;
let agent: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nimrod-acp-"));
  agent = join(folder, "acp-agent.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "../support/acp-agent.ts")],
    outfile: agent,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    logLevel: "error",
  });
  await chmod(agent, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const quick: PassLimits = {
  startSeconds: 8,
  idleSeconds: 8,
  wallSeconds: 12,
  turns: 10,
  tokens: 1_000_000,
  usd: 1,
  answerBytes: 100_000,
};

type Judge = NonNullable<Toolbox["judge"]>;
type Given = { limits?: Partial<PassLimits>; judge?: Judge; request?: Partial<PassRequest> };
type Ran = {
  outcome: PassOutcome;
  said: string[];
  world: PassWorld;
  notes: Record<string, unknown>[];
  actions: AgentAction[];
};

function adapterFor(doing: string) {
  return createAcpAdapter({
    name: "scripted",
    row: {
      name: "scripted",
      adapter: "acp",
      vendor: "nobody",
      command: ["scripted"],
      tested: [],
      install: "nothing",
      signIn: "nothing",
      login: { env: ["SCRIPTED_KEY"], files: [] },
      endpoints: [],
    },
    command: [agent, doing],
    vendor: "nobody",
    model: null,
    baseUrl: null,
    hosts: [],
    env: [],
    operator: { env: { PATH: process.env["PATH"], SCRIPTED_KEY: "dummy", OTHER_SECRET: "x" }, home: folder },
  });
}

async function run(doing: string, given: Given = {}): Promise<Ran> {
  const notes: Record<string, unknown>[] = [];
  const world = await passWorld({ sandbox, note: (data) => void notes.push(data) });
  await writeFile(join(world.request.worktree, "README.md"), "blue canary\n");
  const toolbox = {
    ...recordingToolbox(() => ({ stdout: "blue canary\n" })),
    ...(given.judge ? { judge: given.judge } : {}),
  };
  const request: PassRequest = {
    ...world.request,
    prompt: `Close it. nonce=${world.request.nonce}\nresult=${JSON.stringify(closing)}`,
    limits: { ...quick, ...given.limits },
    ...given.request,
  };
  const session = await openToolboxSession({
    toolbox,
    role: request.role,
    nonce: request.nonce,
    submit: true,
    capabilities: ["read", "run"],
    maxCalls: 100,
    watch: watchForCircles(),
    signal: request.signal,
  });
  const adapter = adapterFor(doing);
  const outcome = await adapter.run({ ...request, openSession: async () => session }, toolbox);
  const said = world.transcript.flatMap((line) => {
    if (!line.startsWith("out {")) return [];
    const text = JSON.parse(line.slice(4)).params?.update?.content?.text;
    return typeof text === "string" ? [text] : [];
  });
  return { outcome, said, world, notes, actions: toolbox.actions };
}

const told = (said: readonly string[], word: string) =>
  JSON.parse(said.find((text) => text.startsWith(`${word} `))?.slice(word.length + 1) ?? "null");

describe("an agent behind the Agent Client Protocol", () => {
  test("works through the toolbox, submits, ends its turn", async () => {
    const usage = vi.fn((): "go" => "go");
    const { outcome, said, notes, actions } = await run("works", { request: { usage } });
    expect(outcome).toMatchObject({ kind: "finished", result: closing });
    expect(actions).toMatchObject([{ kind: "read", path: "README.md" }]);
    expect(said[0]).toContain("blue canary");
    expect(said[1]).toContain("accepted");
    expect(notes).toContainEqual({ what: "agent", name: "scripted", version: "1.2.3" });
    expect(usage).toHaveBeenCalledWith(expect.objectContaining({ inputTokens: 1_200, usd: 0.25 }));
  });

  test("is told of neither files nor terminals, and reaches neither", async () => {
    const { outcome, said, world } = await run("reaches");
    expect(outcome.kind).toBe("finished");
    expect(told(said, "reached").join()).toMatch(/(not found.*){3}/i);
    const hello = world.transcript.find((line) => line.includes('"initialize"')) ?? "";
    expect(JSON.parse(hello.slice(3)).params.clientCapabilities).toEqual({
      fs: { readTextFile: false, writeTextFile: false },
      terminal: false,
    });
  });

  test("permission is given by the judge alone, for once, by the option's kind", async () => {
    const judged: AgentAction[] = [];
    const judge: Judge = async (action) => {
      judged.push(action);
      return { allowed: action.kind === "read", reason: "use the nimrod tool" };
    };
    const { said } = await run("asks", { judge });
    const chosen = (optionId: string) =>
      expect.objectContaining({ outcome: { outcome: "selected", optionId } });
    const cancelled = expect.objectContaining({ outcome: { outcome: "cancelled" } });
    expect(told(said, "read")).toEqual(chosen("once"));
    expect(told(said, "run")).toEqual(chosen("no"));
    expect(told(said, "edit")).toEqual(chosen("no"));
    expect(told(said, "lasting")).toEqual(cancelled);
    expect(told(said, "twins")).toEqual(cancelled);
    expect(told(said, "swapped")).toEqual(chosen("allow-once")); // its id lies, its kind is "reject once"
    expect(told(said, "disguised")).toEqual(chosen("no"));
    expect(told(said, "titled")).toEqual(chosen("no"));
    expect(judged.map(({ kind }) => kind)).toEqual(["read", "run", "read", "read", "run"]);
  });

  test("without a judge, nothing is permitted", async () => {
    const { said } = await run("asks");
    expect(told(said, "read")).toMatchObject({ outcome: { optionId: "no" } });
  });

  test("asking for ever ends the pass", async () => {
    expect((await run("pesters")).outcome).toMatchObject({ kind: "failed", reason: "stuck" });
  });

  test("the first of two results counts, and what comes after it is refused", async () => {
    const { outcome, said } = await run("submitsTwice");
    expect(outcome).toMatchObject({ kind: "finished", result: { summary: "the first" } });
    expect(said[1]).toMatch(/not done/);
  });

  test("a turn without a result is asked for once more; in vain, it is a failure", async () => {
    expect((await run("forgets")).outcome.kind).toBe("finished");
    expect((await run("neverSubmits")).outcome).toMatchObject({ kind: "failed", reason: "schema" });
  });

  test.each([
    ["refuses", "refusal"],
    ["runsOut", "budget"],
    ["notLoggedIn", "auth"],
    ["failsAtItsServer", "quota"],
    ["speaksTwo", "policy"],
    ["dies", "crash"],
    ["floods", "flood"],
    ["neverStopsTalking", "flood"],
  ])("%s: %s", async (doing, reason) => {
    expect((await run(doing)).outcome).toMatchObject({ kind: "failed", reason });
  });

  test("a result counts only with the end of the turn, whatever the exit code says", async () => {
    const { outcome } = await run("submitsAndDies");
    expect(outcome).toMatchObject({ kind: "failed", reason: "crash" });
  });

  test("one that goes on after its result is told to stop; one that does not stop has not finished", async () => {
    const limits = { idleSeconds: 1 };
    expect((await run("lingers", { limits })).outcome.kind).toBe("finished");
    expect((await run("staysForGood", { limits })).outcome).toMatchObject({ kind: "failed", reason: "idle" });
  });

  test("lines that are no message harm nobody, and none of them reaches the terminal", async () => {
    const printed = vi.spyOn(console, "error");
    onTestFinished(() => printed.mockRestore());
    expect((await run("babbles")).outcome.kind).toBe("finished");
    expect(printed).not.toHaveBeenCalled();
  });

  test("silence, the start, and the wall have their clocks", async () => {
    const hang = async (limits: Partial<PassLimits>) => (await run("hangs", { limits })).outcome;
    const ends = await Promise.all([
      hang({ idleSeconds: 1 }),
      hang({ startSeconds: 1 }),
      hang({ wallSeconds: 1 }),
    ]);
    expect(ends[0]).toMatchObject({ reason: "idle" });
    expect(ends[1]).toMatchObject({ reason: "timeout", message: /sign of the model/ });
    expect(ends[2]).toMatchObject({ reason: "timeout", message: /longer than 1 s/ });
  });

  test("turns and the budget end it", async () => {
    expect((await run("spends", { limits: { turns: 3 } })).outcome).toMatchObject({ reason: "budget" });
    expect((await run("works", { request: { usage: () => "stop" } })).outcome).toMatchObject({
      reason: "budget",
    });
  });

  test("cancelling ends it", async () => {
    const stop = new AbortController();
    const running = run("hangs", { request: { signal: stop.signal } });
    setTimeout(() => stop.abort(), 300);
    expect((await running).outcome.kind).toBe("cancelled");
  });

  test("gets its login and no other variable of the operator's; starts in an empty folder", async () => {
    const { said } = await run("looksAround");
    const env = told(said, "env");
    expect(env.SCRIPTED_KEY).toBe("dummy");
    expect(env.OTHER_SECRET).toBeUndefined();
  });

  test.skipIf(sandbox.kind === "none")("leaves no process behind", async () => {
    const { outcome } = await run("leavesChildren");
    expect(outcome.kind).toBe("finished");
    // Told by the agent's own file, which lies in this run's folder: another run's processes are not ours to judge.
    const left = () =>
      readdirSync("/proc").filter(
        (pid) => /^\d+$/.test(pid) && commandLineOf(pid).includes(`leftover of ${agent}`),
      );
    await vi.waitFor(() => expect(left()).toEqual([]), { timeout: 5_000 });
  });

  test("its probe hears its name; one that speaks another version is refused", async () => {
    const cache = join(folder, "probes");
    expect(await adapterFor("works").probe?.({ sandbox, cache })).toEqual({
      kind: "ready",
      version: "1.2.3",
      tested: false,
      gate: "sandbox",
      ownTools: [],
    });
    expect(await adapterFor("speaksTwo").probe?.({ sandbox, cache })).toMatchObject({
      kind: "refused",
      why: /version 2 of the Agent Client Protocol/,
    });
  });
});

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // gone meanwhile
  }
}
