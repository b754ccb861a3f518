import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { PassLimits, PassOutcome } from "../../src/agents/adapter.ts";
import { createPlainAdapter } from "../../src/agents/adapters/plain.ts";
import { probeSandbox } from "../../src/workspace/sandbox.ts";
import { closing, type PassWorld, passWorld, recordingToolbox } from "../support/pass-request.ts";
import { writeAgent } from "../support/scripted-agents.ts";

type Mode = "once" | "stream";
const modes: Mode[] = ["once", "stream"];
const sandbox = await probeSandbox();
const bare = { kind: "none", why: "the test says so" } as const;

const result = `finish(${JSON.stringify(closing)})`;
const quick: PassLimits = {
  startSeconds: 5,
  idleSeconds: 5,
  wallSeconds: 8,
  turns: 10,
  tokens: 1_000_000,
  usd: 1,
  answerBytes: 100_000,
};

type Given = {
  toolbox?: ReturnType<typeof recordingToolbox>;
  world?: PassWorld;
  limits?: Partial<PassLimits>;
};

async function run(mode: Mode, body: string, given: Given = {}): Promise<PassOutcome> {
  const agent = await writeAgent(mode, body);
  const world = given.world ?? (await passWorld({ sandbox }));
  const adapter = createPlainAdapter({ name: "scripted", vendor: null, ...agent });
  const request = { ...world.request, limits: { ...quick, ...given.limits } };
  return adapter.run(request, given.toolbox ?? recordingToolbox());
}

describe.each(modes)("a plain agent, %s", (mode) => {
  test("acts, is told the outcome, and finishes", async () => {
    const toolbox = recordingToolbox(() => ({ stdout: "blue-canary\n", exit: 0 }));
    const body =
      mode === "once"
        ? `if (round === 1) await act([{ kind: "run", argv: ["cat", "a"] }]);
           else await finish({ ...${JSON.stringify(closing)}, summary: /blue-canary/.exec(prompt)[0] });`
        : `const [outcome] = await act([{ kind: "run", argv: ["cat", "a"] }]);
           await finish({ ...${JSON.stringify(closing)}, summary: outcome.stdout.trim() });`;
    const world = await passWorld({ sandbox });
    expect(await run(mode, body, { toolbox, world })).toMatchObject({
      kind: "finished",
      rounds: 2,
      result: { summary: "blue-canary" },
    });
    expect(toolbox.actions).toEqual([{ kind: "run", argv: ["cat", "a"] }]);
    expect(world.transcript.filter((line) => line.startsWith("out ")).length).toBe(2);
  });

  test("gets exactly the environment of the protocol, in or out of the sandbox", async () => {
    for (const one of [sandbox, bare]) {
      const world = await passWorld({ sandbox: one });
      const body = `await finish({ ...${JSON.stringify(closing)}, summary: JSON.stringify(env) });`;
      const outcome = await run(mode, body, { world });
      const { summary } =
        outcome.kind === "finished" ? (outcome.result as { summary: string }) : { summary: "{}" };
      const env = JSON.parse(summary);
      delete env.PWD; // bwrap sets it to the folder it starts in
      delete env.TZ;
      expect(Object.keys(env).sort()).toEqual(
        `HOME LANG NIMROD_NONCE NIMROD_PASS NIMROD_PROTOCOL NIMROD_REVIEW_ROUND NIMROD_ROLE NIMROD_ROUND NIMROD_SCHEMA
         NIMROD_TICKET NIMROD_TOOLBOX NIMROD_WORKTREE PATH TMPDIR`.split(/\s+/),
      );
      expect(env).toMatchObject({
        HOME: world.request.home,
        TMPDIR: world.request.tmp,
        NIMROD_ROLE: "closer",
        NIMROD_WORKTREE: world.request.worktree,
        NIMROD_SCHEMA: world.request.schemaPath,
        NIMROD_TOOLBOX: "[]",
      });
    }
  });

  const failures: [
    name: string,
    reason: string,
    body: string,
    message: RegExp,
    limits?: Partial<PassLimits>,
  ][] = [
    ["says FAIL and exits 0", "schema", `await say("FAIL\\n"); process.stdin.destroy();`, /JSON/i],
    [
      "carries another nonce",
      "nonce",
      `await say(JSON.stringify({ protocol: "nimrod-pass/1", nonce: "x", result: {} }) + "\\n");`,
      /another nonce/,
    ],
    ["returns what is no closing", "schema", `await finish({ summary: "done" });`, /notDone/],
    [
      "answers twice",
      "schema",
      `await finish(${JSON.stringify(closing)}); await ${result};`,
      /second answer|more than one/,
    ],
    [
      "exits 3 after its answer",
      "crash",
      `await ${result}; process.exitCode = 3; process.stdin.destroy();`,
      /exit 3/,
    ],
    ["is killed", "crash", `process.kill(process.pid, "SIGKILL"); await forever();`, /kill|137/i],
    [
      "writes its reason to stderr and leaves",
      "crash",
      `console.error("no model found"); process.exit(1);`,
      /exit 1: no model found/,
    ],
    ["is silent", "idle", `await forever();`, /silent for 1 s/, { idleSeconds: 1 }],
    [
      "talks without end on stderr",
      "timeout",
      `setInterval(() => console.error("…"), 100);`,
      /within 2 s of the start/,
      { startSeconds: 2 },
    ],
    [
      "takes longer than the pass may",
      "timeout",
      `setInterval(() => console.error("…"), 100);`,
      /longer than 2 s/,
      { wallSeconds: 2 },
    ],
  ];
  test.each(failures)("that %s fails the pass as %s", async (_, reason, body, message, limits) => {
    const outcome = await run(mode, body, { limits: limits ?? {} });
    expect(outcome).toMatchObject({ kind: "failed", reason });
    expect(outcome.kind === "failed" && outcome.message).toMatch(message);
    expect(outcome.ms).toBeLessThan(4_500);
  });

  const sloppy = (times: number) =>
    mode === "once"
      ? `if (round <= ${times}) await say("I would say: done."); else await ${result};`
      : `for (let n = 0; n < ${times}; n += 1) { await say("I would say: done.\\n"); await next(); } await ${result};`;

  test("is told three times what is wrong with the form of its answers, and no more", async () => {
    const world = await passWorld({ sandbox });
    expect(await run(mode, sloppy(3), { world })).toMatchObject({ kind: "finished", rounds: 4 });
    const told = world.transcript.filter((line) => line.startsWith("in ")).slice(1);
    expect(told.length).toBe(3);
    for (const line of told) expect(line).toMatch(/no JSON object|not a JSON object/);

    expect(await run(mode, sloppy(4))).toMatchObject({ kind: "failed", reason: "schema", rounds: 4 });
  });

  test("is counted for the whole pass: good answers in between give no new tries", async () => {
    const acts = (n: number) => `await act([{ kind: "read", path: "${n}" }])`;
    const body =
      mode === "once"
        ? `if (round % 2) await say("no"); else ${acts(1)};`
        : `for (;;) { await say("no\\n"); await next(); ${acts(1)}; }`;
    const toolbox = recordingToolbox((_, index) => ({ stdout: String(index) }));
    expect(await run(mode, body, { toolbox })).toMatchObject({ kind: "failed", reason: "schema", rounds: 7 });
    expect(toolbox.actions.length).toBe(3);
  });

  test("is told what contradicts the facts while it can still repair it", async () => {
    const body =
      mode === "once"
        ? `await finish({ ...${JSON.stringify(closing)}, summary: prompt.includes("too long") ? "short" : "long" });`
        : `await say(envelope({ result: { ...${JSON.stringify(closing)}, summary: "long" } }) + "\\n");
           await finish({ ...${JSON.stringify(closing)}, summary: (await next()).problems[0].includes("too long") ? "short" : "" });`;
    const check = (read: unknown) =>
      (read as { summary: string }).summary === "long" ? "the summary is too long" : null;
    const world = await passWorld({ sandbox, check });
    expect(await run(mode, body, { world })).toMatchObject({
      kind: "finished",
      rounds: 2,
      result: { summary: "short" },
    });
  });

  test("that writes a line of 50 MB is a flood, in bounded memory", async () => {
    const before = process.memoryUsage().rss;
    const body = `const part = "x".repeat(1_000_000); for (let n = 0; n < 50; n += 1) await say(part);`;
    expect(await run(mode, body)).toMatchObject({ kind: "failed", reason: "flood" });
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  });

  test("that writes without end is stopped, not waited for", async () => {
    const outcome = await run(mode, `for (;;) await say("x".repeat(10_000));`);
    expect(outcome).toMatchObject({ kind: "failed", reason: "flood" });
    expect(outcome.ms).toBeLessThan(4_500);
  });

  test("that has no result in its rounds is out of budget, and the last actions are not performed", async () => {
    const toolbox = recordingToolbox((_, index) => ({ stdout: String(index) }));
    const body =
      mode === "once"
        ? `await act([{ kind: "read", path: "a" }]);`
        : `for (;;) await act([{ kind: "read", path: "a" }]);`;
    expect(await run(mode, body, { toolbox, limits: { turns: 3 } })).toMatchObject({
      kind: "failed",
      reason: "budget",
      rounds: 3,
    });
    expect(toolbox.actions.length).toBe(2);
  });

  test("that repeats one action with one outcome is stuck; one that polls something moving is not", async () => {
    const again = `[{ kind: "run", argv: ["systemctl", "is-active", "x"] }]`;
    const loop = mode === "once" ? `await act(${again});` : `for (;;) await act(${again});`;
    const stuck = await run(mode, loop, { toolbox: recordingToolbox(() => ({ stdout: "activating" })) });
    expect(stuck).toMatchObject({ kind: "failed", reason: "stuck", rounds: 5 });

    const polls =
      mode === "once"
        ? `if (round < 8) await act(${again}); else await ${result};`
        : `for (let n = 0; n < 7; n += 1) await act(${again}); await ${result};`;
    const honest = await run(mode, polls, {
      toolbox: recordingToolbox((_, index) => ({ stdout: `${index} %` })),
    });
    expect(honest).toMatchObject({ kind: "finished", rounds: 8 });
  });

  test("is stuck too when it repeats itself within a round, or whole rounds", async () => {
    const five = `await act(Array(5).fill({ kind: "read", path: "a" }));`;
    expect(await run(mode, five)).toMatchObject({ kind: "failed", reason: "stuck", rounds: 1 });
    const pair = `await act([{ kind: "read", path: "a" }, { kind: "read", path: "b" }]);`;
    const loop = mode === "once" ? pair : `for (;;) ${pair}`;
    expect(await run(mode, loop)).toMatchObject({ kind: "failed", reason: "stuck", rounds: 5 });
  });

  test("that sends a denied action a third time has violated policy", async () => {
    const denied = `[{ kind: "write", path: "nimrod.json", content: String(Math.random()).slice(0, 0) }, { kind: "read", path: String(Math.random()) }]`;
    const loop = mode === "once" ? `await act(${denied});` : `for (;;) await act(${denied});`;
    const toolbox = recordingToolbox(({ kind }) =>
      kind === "write" ? { status: "denied", reason: "protected" } : {},
    );
    expect(await run(mode, loop, { toolbox })).toMatchObject({ kind: "failed", reason: "policy", rounds: 3 });
  });

  test("is parked by the first action that needs a person, and the rest of the round is not done", async () => {
    const toolbox = recordingToolbox((_, index) => ({ status: index === 1 ? "parked" : "done" }));
    const body = `await act(["a", "b", "c"].map((path) => ({ kind: "read", path }))); await forever();`;
    const leave = mode === "once" ? body.replace("await forever();", "") : body;
    expect(await run(mode, leave, { toolbox })).toMatchObject({ kind: "parked", rounds: 1 });
    expect(toolbox.actions.length).toBe(2);
  });

  test("leaves nothing behind: a child that holds stdout does not delay the end, and does not write later", async () => {
    const world = await passWorld({ sandbox: bare, worktreeWritable: true });
    const began = performance.now();
    const late = join(world.request.worktree, "late");
    const child = `setTimeout(() => require("fs").writeFileSync(${JSON.stringify(late)}, ""), 2000); setTimeout(() => {}, 60000)`;
    const body = `spawnChild(${JSON.stringify(child)}).unref(); await ${result}; process.exit(0);`;
    const outcome = await run(mode, body, { world });
    expect(outcome).toMatchObject({ kind: "finished" });
    expect(outcome.ms).toBeLessThan(1_900);
    await vi.waitUntil(async () => performance.now() - began > 2_500, { timeout: 4_000 });
    expect(existsSync(late)).toBe(false);
  });

  test("is not alive when the pass ends before it does", async () => {
    const world = await passWorld({ sandbox: bare });
    const pidFile = join(world.request.tmp, "pid");
    const body = `writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); await act([{ kind: "read", path: "a" }]); await forever();`;
    const limits = { idleSeconds: 1 };
    await run(mode, body, { world, limits, toolbox: recordingToolbox(() => ({ status: "parked" })) });
    const pid = Number(await readFile(pidFile, "utf8"));
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });

  test("that has a limit of 3 s and a grandchild on its stdout is over within 4 s", async () => {
    const body = `spawnChild("setInterval(() => console.error(1), 100); setTimeout(() => {}, 60000)"); await forever();`;
    const world = await passWorld({ sandbox: bare });
    const outcome = await run(mode, body, { world, limits: { wallSeconds: 3 } });
    expect(outcome).toMatchObject({ kind: "failed", reason: "timeout" });
    expect(outcome.ms).toBeLessThan(4_000);
  });

  test("is cancelled at once", async () => {
    const controller = new AbortController();
    const world = await passWorld({ sandbox, signal: controller.signal });
    setTimeout(() => controller.abort(), 300);
    const outcome = await run(mode, `await forever();`, { world });
    expect(outcome).toMatchObject({ kind: "cancelled" });
    expect(outcome.ms).toBeLessThan(3_000);
  });

  test.skipIf(sandbox.kind === "none")(
    "sees its own file and the worktree, writes only to its home and scratch",
    async () => {
      const body = `
      const attempt = (path) => { try { writeFileSync(path, "x"); return "wrote"; } catch (error) { return error.code; } };
      const facts = [attempt(worktree + "/x"), attempt(env.HOME + "/x"), attempt(env.TMPDIR + "/x"), existsSync(${JSON.stringify(process.cwd() + "/package.json")})];
      await finish({ ...${JSON.stringify(closing)}, summary: facts.join(" ") });`;
      const outcome = await run(mode, body);
      expect(outcome).toMatchObject({ result: { summary: "EROFS wrote wrote false" } });

      const world = await passWorld({ sandbox, worktreeWritable: true });
      expect(await run(mode, body, { world })).toMatchObject({
        result: { summary: "wrote wrote wrote false" },
      });
      expect(await readFile(join(world.request.worktree, "x"), "utf8")).toBe("x");
    },
  );
});

test("a missing program is a crash that names it", async () => {
  const { request } = await passWorld({ sandbox: bare });
  const adapter = createPlainAdapter({
    name: "gone",
    vendor: null,
    command: ["no-such-program-here"],
    mode: "once",
  });
  expect(await adapter.run(request, recordingToolbox())).toMatchObject({
    kind: "failed",
    reason: "crash",
    message: expect.stringMatching(/no-such-program-here/),
  });
});

test("a command that would show Nimrod's own state to the agent is refused", async () => {
  const { request, folder } = await passWorld({ sandbox });
  const adapter = createPlainAdapter({ name: "wide", vendor: null, command: ["cat", folder], mode: "once" });
  await expect(adapter.run(request, recordingToolbox())).rejects.toThrow(/holds Nimrod's own state/);
});

test("a stream agent that does not read its input cannot stop the clocks", async () => {
  const agent = await writeAgent("once", "").then(({ file }) => file);
  const { request } = await passWorld({
    sandbox: bare,
    prompt: "x".repeat(1_000_000),
    limits: { ...quick, idleSeconds: 1 },
  });
  const command = [process.execPath, "-e", "setInterval(() => {}, 1000)", agent];
  const adapter = createPlainAdapter({ name: "deaf", vendor: null, command, mode: "stream" });
  expect(await adapter.run(request, recordingToolbox())).toMatchObject({ kind: "failed", reason: "idle" });
});

test("time in which a person is asked does not count", async () => {
  const agent = await writeAgent(
    "once",
    `if (round === 1) await act([{ kind: "read", path: "a" }]); else await ${result};`,
  );
  const { request } = await passWorld({ sandbox: bare, limits: { ...quick, wallSeconds: 2 } });
  const adapter = createPlainAdapter({ name: "patient", vendor: null, ...agent });
  const waits = async () => {
    await new Promise((resolve) => setTimeout(resolve, 2_200));
    return { kind: "read" as const, status: "done" as const, tier: "none" };
  };
  expect(await adapter.run(request, { perform: waits, personMs: () => 2_200 })).toMatchObject({
    kind: "finished",
  });
  expect(await adapter.run(request, { perform: waits })).toMatchObject({ kind: "failed", reason: "timeout" });
});

test("what an agent is, is told by its command and mode", () => {
  const one = { name: "a", vendor: null, command: ["x"], mode: "once" as const };
  const { identity } = createPlainAdapter(one);
  expect(createPlainAdapter({ ...one, name: "b" }).identity).toBe(identity);
  expect(createPlainAdapter({ ...one, mode: "stream" }).identity).not.toBe(identity);
  expect(createPlainAdapter({ ...one, command: ["y"] }).identity).not.toBe(identity);
});
