import { describe, expect, test } from "vitest";
import type { ActionOutcome } from "../../../src/agents/adapter.ts";
import { partOf } from "../../../src/toolbox/part-of-text.ts";
import { headAndTail, replyTo, wholeLines } from "../../../src/toolbox/replies.ts";

const done = (given: Partial<ActionOutcome>): ActionOutcome => ({
  kind: "run",
  status: "done",
  tier: "none",
  ...given,
});
const bytes = (text: string) => Buffer.byteLength(text);
const file = Array.from({ length: 5000 }, (_, index) => `line ${index + 1} ${"ä".repeat(10)}\n`).join("");

/** What a model does that follows the advice of each answer. */
function readThrough(text: string, limit = 2000): { answers: string[]; read: string } {
  const answers: string[] = [];
  let read = "";
  for (let offset: number | null = 1; offset !== null; ) {
    const part = partOf(text, offset, limit);
    const reply = replyTo(done({ kind: "read", stdout: part.text, lines: part.lines })).text;
    answers.push(reply);
    const end = reply.indexOf("\n");
    read += reply.slice(end + 1).replace(/\n?$/, "\n");
    const next = /read on with offset (\d+)/.exec(reply.slice(0, end));
    offset = next === null ? null : Number(next[1]);
  }
  return { answers, read };
}

describe("a file read by lines", () => {
  test("fits its answers, and reading on as they say gives the whole file, once", () => {
    const { answers, read } = readThrough(file);
    expect(read).toBe(file);
    expect(Math.max(...answers.map(bytes))).toBeLessThanOrEqual(32 * 1024);
    expect(answers.length).toBeLessThan(8);
    expect(answers[0]).toMatch(/^lines 1-\d+ of 5000; read on with offset \d+\n/);
  });

  test("says where a line is longer than an answer, and goes on behind it", () => {
    const { answers } = readThrough(`short\n${"x".repeat(100_000)}\nend\n`);
    expect(answers).toHaveLength(3);
    expect(answers[1]).toMatch(
      /^lines 2-2 of 3; read on with offset 3; line 2 is longer than what is shown\n/,
    );
    expect(answers[2]).toBe("lines 3-3 of 3\nend\n");
  });

  test.each<[string, number, number, string]>([
    ["a\nb\nc\n", 2, 1, "lines 2-2 of 3; read on with offset 3\nb\n"],
    ["a\nb\nc", 3, 9, "lines 3-3 of 3\nc\n"],
    ["a\n", 5, 1, "no lines from 5 on: the file has 1 lines"],
    ["", 1, 10, "no lines from 1 on: the file has 0 lines"],
    ["\n\n", 1, 10, "lines 1-2 of 2\n\n\n"],
  ])("%j from %i, %i lines", (text, offset, limit, expected) => {
    const part = partOf(text, offset, limit);
    expect(replyTo(done({ kind: "read", stdout: part.text, lines: part.lines })).text).toBe(expected);
  });

  test("that was too large to be counted says so", () => {
    const part = partOf("a\n", 1, 10);
    expect(
      replyTo(done({ kind: "read", stdout: part.text, lines: part.lines, truncated: true })).text,
    ).toContain("only the first 1 MB");
  });
});

describe("a command's answer", () => {
  test("has the exit code, the beginning and the end, and stderr apart", () => {
    const stdout = `first\n${"x".repeat(100_000)}\nlast\n`;
    const { text, isError } = replyTo(done({ exit: 0, stdout, stderr: "warned\n" }));
    expect(isError).toBe(false);
    expect(text).toMatch(/^exit 0\nfirst\n/);
    expect(text).toContain("bytes left out");
    expect(text).toMatch(/last\n\nstderr:\nwarned\n$/);
    expect(bytes(text)).toBeLessThanOrEqual(32 * 1024);
  });

  test("fits however much both streams hold", () => {
    const flood = "ä".repeat(100_000);
    expect(bytes(replyTo(done({ exit: 1, stdout: flood, stderr: flood })).text)).toBeLessThanOrEqual(
      32 * 1024,
    );
  });

  test("is no error when the command failed: that is what was asked", () => {
    expect(replyTo(done({ status: "failed", exit: 1, stdout: "2 tests failed\n" }))).toEqual({
      text: "exit 1\n2 tests failed\n",
      isError: false,
    });
  });

  test("says what ended a command that did not end by itself", () => {
    expect(replyTo(done({ status: "failed", reason: "ended by timeout", stdout: "so far\n" })).text).toBe(
      "failed: ended by timeout\nso far",
    );
  });
});

test.each<[Partial<ActionOutcome>, string, boolean]>([
  [{ kind: "write" }, "done", false],
  [{ kind: "search", stdout: "" }, "nothing found", false],
  [
    { kind: "list", stdout: "a\nb\n", truncated: true },
    "a\nb\n[there is more; narrow it with path or glob]",
    false,
  ],
  [
    { kind: "search", stdout: "a:1:x\n", reason: "2 lines are in secrets" },
    "a:1:x\n[2 lines are in secrets]",
    false,
  ],
  [{ kind: "read", status: "failed", reason: "a cannot be read" }, "failed: a cannot be read", true],
  [
    { kind: "edit", status: "failed", reason: "a holds the text twice" },
    "failed: a holds the text twice",
    true,
  ],
])("%j", (outcome, text, isError) => {
  expect(replyTo(done(outcome))).toEqual({ text, isError });
});

test("a long list says how many lines are missing", () => {
  const stdout = "some/path/to/a/file.ts\n".repeat(5000);
  const { text } = replyTo(done({ kind: "list", stdout }));
  expect(bytes(text)).toBeLessThanOrEqual(32 * 1024);
  const shown = text.split("\n").length - 1;
  expect(text).toContain(`[${5000 - shown} more lines are not shown;`);
});

test("cuts leave no half character", () => {
  for (let size = 10; size < 20; size += 1) {
    expect(headAndTail("äöü€".repeat(20), size)).not.toContain("\ufffd");
    expect(wholeLines("äöü€".repeat(20), size).text).not.toContain("\ufffd");
  }
});
