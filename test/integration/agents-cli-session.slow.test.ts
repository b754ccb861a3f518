import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { PassRequest, SessionEnd, Toolbox } from "../../src/agents/adapter.ts";
import { type CliEvent, runCliPass } from "../../src/agents/adapters/cli-session.ts";
import { closing, passWorld, recordingToolbox } from "../support/pass-request.ts";

/** The runner of one-shot CLIs, with programs of a few lines in their place; each line of theirs is one event. */

type Given = {
  program: string;
  end?: Promise<SessionEnd> | SessionEnd;
  limits?: Partial<PassRequest["limits"]>;
  request?: Partial<PassRequest>;
  toolbox?: Toolbox;
};

async function run({ program, end, limits, request: more, toolbox = recordingToolbox() }: Given) {
  const world = await passWorld(more);
  const file = join(world.folder, "cli.mjs");
  writeFileSync(file, `#!${process.execPath}\n${common}\n${program}\n`, { mode: 0o755 });
  const request: PassRequest = {
    ...world.request,
    limits: { ...world.request.limits, ...limits },
    openSession: async () => ({
      command: [process.execPath],
      readable: [],
      ended: end === undefined ? new Promise(() => undefined) : Promise.resolve(end),
      activity: () => ({ calls: 0, inFlight: 0, lastMs: 0 }),
      close: async () => undefined,
    }),
  };
  const outcome = await runCliPass({
    request,
    toolbox,
    agent: () => ({
      command: [file],
      env: {},
      login: { env: [], files: [] },
      passEnv: [],
      endpoints: [],
      operator: { env: process.env, home: "/nonexistent" },
    }),
    stdin: "the prompt",
    readEvent,
    mayOffer: (tool) => tool === "ours",
    install: "install another",
  });
  return { outcome, transcript: world.transcript };
}

function readEvent(line: string): CliEvent[] | null {
  try {
    return [JSON.parse(line)];
  } catch {
    return null;
  }
}

const common = `
const say = (event) => process.stdout.write(JSON.stringify(event) + "\\n");
const forever = () => setInterval(() => undefined, 1_000);
const done = { kind: "end", ok: true };
`;
const submitted: SessionEnd = { kind: "submitted", result: closing };
const used = { model: null, inputTokens: 1, cachedTokens: 0, outputTokens: 1, usd: null, turns: 1 };

describe("a result counts", () => {
  test("with an accepted submit and the end of the turn, whatever the exit code", async () => {
    const { outcome, transcript } = await run({ program: "say(done); process.exit(3);", end: submitted });
    expect(outcome).toMatchObject({ kind: "finished", result: closing });
    expect(transcript).toEqual(["in the prompt", 'out {"kind":"end","ok":true}']);
  });

  test.each([
    ["without a submit", "say(done);", undefined, "schema"],
    ["without the end of the turn", "process.exit(0);", submitted, "crash"],
    [
      "not when the turn failed",
      'say({ kind: "end", ok: false, reason: "network", message: "gone" });',
      submitted,
      "network",
    ],
    ["not when nothing follows", "forever();", submitted, "idle"],
  ])("%s it does not", async (_what, program, end, reason) => {
    const { outcome } = await run({
      program,
      ...(end === undefined ? {} : { end }),
      limits: { idleSeconds: 1 },
    });
    expect(outcome).toMatchObject({ kind: "failed", reason });
  });
});

describe("a pass ends", () => {
  test("parked, though its CLI goes on", async () => {
    const { outcome } = await run({
      program: "forever();",
      end: { kind: "parked" },
      limits: { idleSeconds: 5 },
    });
    expect(outcome).toMatchObject({ kind: "parked" });
  });

  test("as the toolbox says", async () => {
    const failed: SessionEnd = { kind: "failed", reason: "stuck", message: "circles" };
    expect((await run({ program: "forever();", end: failed })).outcome).toMatchObject(failed);
  });

  test.each<[what: string, program: string, reason: string, message: RegExp]>([
    ["silent", "forever();", "idle", /silent/],
    [
      "over its budget",
      `say(${JSON.stringify({ kind: "usage", usage: used })}); forever();`,
      "budget",
      /budget/,
    ],
    [
      "with hands of its own",
      'say({ kind: "tools", names: ["ours", "Bash"] }); forever();',
      "policy",
      /Bash.*install another/,
    ],
    ["without the toolbox", 'say({ kind: "tools", names: [] }); forever();', "crash", /toolbox/],
    ["flooded by one line", 'process.stdout.write("x".repeat(200_000)); forever();', "flood", /line/],
    [
      "flooded by strange lines",
      'process.stdout.write("x\\n".repeat(2_000)); forever();',
      "flood",
      /protocol/,
    ],
    [
      "dead, with its last words",
      'console.error("out of cheese"); process.exit(7);',
      "crash",
      /exit 7.*out of cheese/,
    ],
    ["without a login", 'console.error("Not logged in"); process.exit(1);', "auth", /Not logged in/],
  ])("%s", async (_what, program, reason, message) => {
    const { outcome } = await run({ program, limits: { idleSeconds: 1 }, request: { usage: () => "stop" } });
    expect(outcome).toMatchObject({
      kind: "failed",
      reason,
      message: expect.stringMatching(new RegExp(message.source, "s")),
    });
  });

  test("cancelled, and what it started is gone", async () => {
    const cancel = new AbortController();
    const usage = (): "go" => {
      cancel.abort();
      return "go";
    };
    const request: Partial<PassRequest> = { signal: cancel.signal, usage };
    const program = `say(${JSON.stringify({ kind: "usage", usage: used })}); forever();`;
    expect((await run({ program, request })).outcome).toMatchObject({ kind: "cancelled" });
  });
});

test("strange lines among its events are passed over, and chatter stays out of the transcript", async () => {
  const program = 'console.log("hello"); say({ kind: "activity", chatter: true }); say(done);';
  const { outcome, transcript } = await run({ program, end: submitted });
  expect(outcome.kind).toBe("finished");
  expect(transcript).toEqual(["in the prompt", "out hello", 'out {"kind":"end","ok":true}']);
});

test("time in which a person is waited for is no silence of the whole", async () => {
  const program = "setTimeout(() => say(done), 1_500);";
  const toolbox = { ...recordingToolbox(), personMs: () => 60_000 };
  const end = new Promise<SessionEnd>((resolve) => setTimeout(() => resolve(submitted), 1_200));
  const { outcome } = await run({ program, end, toolbox, limits: { wallSeconds: 1, startSeconds: 30 } });
  expect(outcome.kind).toBe("finished");
});
