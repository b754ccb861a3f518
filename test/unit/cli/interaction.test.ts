import { afterEach, describe, expect, test } from "vitest";
import { listenForInterruption } from "../../../src/cli/interruption.ts";
import { createOutput } from "../../../src/cli/output.ts";
import { canAsk, createPrompts } from "../../../src/cli/prompts.ts";

const tty = { isTTY: true };
const here = { stdin: tty, stdout: tty, stderr: tty, env: {}, input: true };

describe("a question is asked", () => {
  test.each([
    ["at a terminal", here, true],
    ["not with stdin from a pipe", { ...here, stdin: {} }, false],
    ["not with stdout into a pipe", { ...here, stdout: {} }, false],
    ["not with stderr into a file", { ...here, stderr: {} }, false],
    ["not in CI", { ...here, env: { CI: "true" } }, false],
    ["not with NIMROD_NO_INPUT", { ...here, env: { NIMROD_NO_INPUT: "1" } }, false],
    ["at a terminal with an empty CI", { ...here, env: { CI: "" } }, true],
    ["not with --no-input or --json", { ...here, input: false }, false],
  ])("%s", (_name, facts, expected) => {
    expect(canAsk(facts)).toBe(expected);
  });

  test("of nobody, it stops with the command that answers it", async () => {
    const prompts = createPrompts({ ...here, input: false });
    const hint = { hint: "nimrod approve A-1, at a terminal" };
    const questions = [
      prompts.confirm("Go on?", hint),
      prompts.text("Name?", hint),
      prompts.choose("Which?", [{ value: "a", label: "A" }], hint),
      prompts.challenge("Approve?", hint),
      prompts.passphrase("Passphrase?", hint),
    ];
    for (const question of questions) {
      await expect(question).rejects.toMatchObject({ code: "needs_person", hint: hint.hint });
    }
  });
});

describe("a signal", () => {
  const before = { SIGINT: process.listeners("SIGINT"), SIGTERM: process.listeners("SIGTERM") };
  afterEach(() => {
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      for (const listener of process.listeners(name)) {
        if (!before[name].includes(listener)) process.removeListener(name, listener);
      }
    }
  });

  test("is left alone until a command asks for it, then aborts what runs and says how to end it now", () => {
    let said = "";
    const output = createOutput({
      stdout: { write: () => undefined, on: () => undefined },
      stderr: { write: (text) => (said += text), on: () => undefined },
      json: false,
      color: { stdout: false, stderr: false },
    });
    const listener = listenForInterruption(output);
    expect(process.listenerCount("SIGTERM")).toBe(before.SIGTERM.length);
    const signal = listener.signal();
    expect([signal.aborted, listener.by()]).toEqual([false, undefined]);
    process.emit("SIGTERM");
    expect([signal.aborted, listener.by()]).toEqual([true, "SIGTERM"]);
    expect(said).toMatch(/Stopping/);
  });
});
