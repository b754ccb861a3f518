import { describe, expect, test } from "vitest";
import { createOutput, type Stream } from "../../../src/cli/output.ts";
import { follow, type PassView, statusLine } from "../../../src/cli/pass-view.ts";
import { tellProgress } from "../../../src/cli/progress.ts";
import { canRedraw } from "../../../src/cli/prompts.ts";
import { textWidth } from "../../../src/cli/text-width.ts";
import { visible } from "../../../src/evidence/redact.ts";
import type { Progress } from "../../../src/pipeline/ports.ts";

const limits = {
  startSeconds: 120,
  idleSeconds: 300,
  wallSeconds: 1800,
  turns: 80,
  tokens: 3_000_000,
  usd: 1.4,
  answerBytes: 1,
};
const begun: Extract<Progress, { kind: "pass" }> = {
  kind: "pass",
  pass: "implement",
  agent: "claude",
  model: "opus",
  sandbox: "bwrap",
  round: 1,
  limits,
};
const doing: Progress = { kind: "doing", what: "docker compose config -q", tier: "brief" };
const action: Progress = {
  kind: "action",
  what: "docker compose config -q",
  tier: "brief",
  status: "done",
  exit: 0,
};
const read: Progress = { kind: "action", what: "read README.md", tier: "none", status: "done", exit: null };

/** Events and the seconds at which they come; then the view. */
function viewOf(...events: [seconds: number, event: Progress][]): PassView {
  const view = events.reduce<PassView | null>(
    (before, [at, event]) => follow(before, event, at * 1000),
    null,
  );
  if (view === null) throw new Error("no pass has begun");
  return view;
}

const textOf = (view: PassView, at: number, width: number) =>
  statusLine(view, at * 1000, width)
    .map((part) => (typeof part === "string" ? part : part.text))
    .join("");

describe("the bottom line", () => {
  test("says what is done, with which tier, and the figures beside their limits", () => {
    const view = viewOf([0, begun], [10, { kind: "usage", tokens: 41_200, usd: 0.38 }], [61, doing]);
    expect(textOf(view, 64, 200)).toBe(
      "  docker compose config -q  brief · tokens 41k · $0.38 of $1.40 · working 3 s · wall 1m04 (limit 30m)",
    );
  });

  test.each([
    [0.0012, "$0.0012 of $1.40"],
    [0.1, "$0.10 of $1.40"],
    [12, "$12.00 of $1.40"],
  ])("does not show a cheap pass as a free one: %d", (usd, shown) => {
    expect(textOf(viewOf([0, begun], [1, { kind: "usage", tokens: 0, usd }]), 2, 200)).toContain(
      ` · ${shown} · `,
    );
  });

  test("counts silence from the agent's last sign of life, and leaves out what it does not tell", () => {
    const view = viewOf([0, begun], [5, doing], [6, action], [10, { kind: "heard" }]);
    expect(textOf(view, 13, 200)).toBe("  thinking · silent 3 s (limit 300) · wall 13s (limit 30m)");
  });

  test("while a person is waited for the pass's own time stands still", () => {
    const asked: Progress = { kind: "doing", what: "waiting for A-1", tier: "explicit", asked: true };
    const waiting = viewOf([0, begun], [5, asked]);
    expect(textOf(waiting, 65, 200)).toBe("  waiting for A-1  explicit · asked 60 s · wall 5s (limit 30m)");
    expect(textOf(viewOf([0, begun], [5, asked], [65, doing]), 67, 200)).toContain("working 2 s · wall 7s ");
    expect(textOf(viewOf([0, begun], [5, asked], [65, action]), 67, 200)).toContain(
      "silent 2 s (limit 300) · wall 7s ",
    );
  });

  test.each([200, 100, 80, 60, 40, 20, 5, 1])("never takes more than %d columns", (width) => {
    for (const what of ["ls", "x".repeat(500), "漢字".repeat(100), "a\nb\x1b[2Jc\u{202e}".repeat(30)]) {
      const view = viewOf([0, begun], [1, { kind: "doing", what, tier: "explicit" }]);
      // As it is printed: escapes are shown, which makes them longer.
      expect(textWidth(visible(textOf(view, 9, width)))).toBeLessThanOrEqual(width);
    }
  });

  test("gives way to nothing but the action: the figures stay", () => {
    const view = viewOf([0, begun], [1, { kind: "doing", what: "x".repeat(500), tier: "brief" }]);
    expect(textOf(view, 9, 80)).toMatch(/^ {2}x+… {2}brief · working 8 s · wall 9s \(limit 30m\)$/);
  });
});

function teller(live: boolean) {
  let at = 0;
  let tick: (() => void) | null = null;
  let err = "";
  const stream: Stream = { write: (text) => (err += text), isTTY: true, columns: 80, on: () => undefined };
  const output = createOutput({
    stdout: stream,
    stderr: stream,
    json: false,
    color: { stdout: false, stderr: false },
  });
  const progress = tellProgress(output, {
    live,
    time: () => new Date(2026, 10, 22, 6, 41, 2),
    now: () => at,
    every: (_, act) => {
      tick = act;
      return () => {
        tick = null;
      };
    },
  });
  const wait = (ms: number) => {
    for (const end = at + ms; at < end; ) {
      at += 250;
      tick?.();
    }
  };
  const taken = () => {
    const text = err;
    err = "";
    return text;
  };
  return { output, ...progress, wait, taken, isTicking: () => tick !== null };
}

const erase = "\r\x1b[2K";

describe("on a terminal", () => {
  test("a finished action stays as a line with its time, above the line that is redrawn", () => {
    const { tell, wait, taken } = teller(true);
    tell(begun);
    expect(taken()).toMatch(
      /^▸ implement {2}claude · opus · own context · sandbox bwrap\n\r\x1b\[2K {2}thinking/,
    );
    wait(500);
    taken();
    tell(doing);
    tell(action);
    expect(taken()).toBe(`${erase}  06:41:02  docker compose config -q  brief done exit 0\n`);
    wait(250);
    expect(taken()).toMatch(/^\r\x1b\[2K {2}thinking[^\n]*$/);
  });

  test("nothing else is printed into the line: it is taken away first, and gone when the pass is over", () => {
    const { tell, wait, taken, output, isTicking } = teller(true);
    tell(begun);
    wait(250);
    taken();
    output.line("a result");
    expect(taken()).toBe(`${erase}a result\n`);
    wait(250);
    taken();
    tell({ kind: "pass-over" });
    expect([taken(), isTicking()]).toEqual([erase, false]);
    output.complain("an error");
    expect(taken()).toBe("an error\n");
  });

  test("it is redrawn at most four times a second, however much happens", () => {
    const { tell, wait, taken } = teller(true);
    tell(begun);
    wait(250);
    taken();
    for (let n = 0; n < 1000; n += 1) tell({ kind: "usage", tokens: n, usd: 0 });
    expect(taken()).toBe("");
    wait(1000);
    expect(taken().split(erase).length - 1).toBe(4);
  });

  test("while a person is asked nothing is drawn, and that time is no silence", async () => {
    const { tell, wait, taken, paused } = teller(true);
    tell(begun);
    wait(1000);
    taken();
    await paused(async () => {
      expect(taken()).toBe(erase);
      wait(60_000);
      expect(taken()).toBe("");
    });
    wait(250);
    expect(taken()).toContain("silent 1 s (limit 300) · wall 1s (limit 30m)");
  });
});

describe("without a terminal", () => {
  test("no cursor is moved, and a word comes only after a minute without a line", () => {
    const { tell, wait, taken } = teller(false);
    tell(begun);
    tell(read);
    tell(doing);
    tell(action);
    const lines = taken();
    expect(lines).toBe(
      "▸ implement  claude · opus · own context · sandbox bwrap\n  docker compose config -q  brief done exit 0\n",
    );
    wait(59_000);
    expect(taken()).toBe("");
    wait(1_000);
    expect(taken()).toBe("  … thinking · silent 60 s (limit 300) · wall 1m (limit 30m)\n");
    wait(119_000);
    expect(taken().split("\n")).toHaveLength(2);
    tell({ kind: "pass-over" });
    tell({ kind: "pass-done", pass: "implement", summary: "1 of 1 steps done", objects: false, ms: 1200 });
    expect(taken()).toBe("  ✓ 1 of 1 steps done · 1 read  1.2 s\n");
    const summary = "asks for changes, 2 findings";
    tell({ kind: "pass-done", pass: "review", summary, objects: true, ms: 900 });
    expect(taken()).toMatch(/^ {2}! asks for changes, 2 findings/);
  });

  const terminal = { stderr: { isTTY: true }, env: { TERM: "xterm" }, input: true };
  test.each<[string, Parameters<typeof canRedraw>[0], boolean]>([
    ["a terminal", terminal, true],
    ["a terminal without colour", { ...terminal, env: { NO_COLOR: "1" } }, true],
    ["a pipe", { ...terminal, stderr: {} }, false],
    ["TERM=dumb", { ...terminal, env: { TERM: "dumb" } }, false],
    ["CI", { ...terminal, env: { CI: "true" } }, false],
    ["NIMROD_NO_INPUT", { ...terminal, env: { NIMROD_NO_INPUT: "1" } }, false],
    ["--no-input", { ...terminal, input: false }, false],
  ])("is what %s is, or is not", (_, facts, live) => {
    expect(canRedraw(facts)).toBe(live);
  });
});
