import { describe, expect, test } from "vitest";
import { createOutput } from "../../../src/cli/output.ts";
import { errorText, reportError } from "../../../src/cli/report-error.ts";
import { type ErrorCode, NimrodError } from "../../../src/errors.ts";

function report(error: unknown, json: boolean, interruption?: "SIGINT" | "SIGTERM") {
  const written = { out: "", err: "" };
  const output = createOutput({
    stdout: { write: (text) => (written.out += text), on: () => undefined },
    stderr: { write: (text) => (written.err += text), on: () => undefined },
    json,
    color: { stdout: false, stderr: false },
  });
  return { exit: reportError(error, output, interruption), ...written };
}

test.each<[ErrorCode, number]>([
  ["usage", 2],
  ["config", 2],
  ["not_found", 4],
  ["ambiguous", 4],
  ["broken", 8],
  ["busy", 7],
  ["nothing_to_do", 3],
  ["needs_person", 5],
  ["refused", 6],
  ["conflict", 1],
  ["failed", 1],
  ["io", 1],
  ["interrupted", 130],
])("%s is exit %i", (code, exit) => {
  expect(report(new NimrodError(code, "x"), false).exit).toBe(exit);
});

test("an interruption by SIGTERM is exit 143", () => {
  expect(report(new NimrodError("interrupted", "x"), false, "SIGTERM").exit).toBe(143);
});

test("the text names the place, what is missing, and what to type", () => {
  const error = new NimrodError("broken", 'status is "wip"; expected draft or open', {
    where: "tickets/active/nim-7k3f9q-renew.md:4",
    lines: ["one", "two"],
    hint: "nimrod edit 7k3f9q",
  });
  expect(errorText(error)).toBe(
    'tickets/active/nim-7k3f9q-renew.md:4: status is "wip"; expected draft or open\n  one\n  two\n  hint: nimrod edit 7k3f9q',
  );
});

test("a place that begins the message is not said twice", () => {
  expect(errorText(new NimrodError("io", "/a/b is a folder", { where: "/a/b" }))).toBe("/a/b is a folder");
});

describe("with --json", () => {
  test("a failure leaves stdout empty and is one document on stderr", () => {
    const { out, err } = report(new NimrodError("not_found", "no ticket", { hint: "nimrod list" }), true);
    expect(out).toBe("");
    expect(JSON.parse(err)).toEqual({
      schemaVersion: 1,
      kind: "error",
      code: "not_found",
      message: "no ticket",
      hint: "nimrod list",
      where: null,
      lines: [],
    });
  });

  test.each<[ErrorCode, string]>([
    ["nothing_to_do", "nothing-to-do"],
    ["needs_person", "needs-person"],
    ["refused", "refused"],
  ])("%s is an answer: its document goes to stdout", (code, kind) => {
    const { out, err } = report(new NimrodError(code, "x"), true);
    expect(JSON.parse(out)).toMatchObject({ schemaVersion: 1, kind, code });
    expect(err).toBe("");
  });
});

test("a bug shows its stack and asks for a report; a person's mistake never does", () => {
  const bug = report(new TypeError("boom"), false);
  expect(bug.exit).toBe(1);
  expect(bug.err).toMatch(/bug in Nimrod.*TypeError: boom.*report-error\.test/s);
  expect(report(new NimrodError("usage", "x"), false).err).not.toContain("at ");
});
