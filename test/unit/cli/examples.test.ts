import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { commands, globalOptions } from "../../../src/cli/command-table.ts";
import { acceptedValues, examplesOf } from "../../../src/cli/help-text.ts";
import { declareCommand } from "../../../src/cli/program.ts";
import { tempProject } from "../../support/temp-project.ts";

/** The examples that `--help` ends with are what one can type. */

const examples = commands.flatMap((row) =>
  examplesOf(row).map((example) => [row.usage.split(" ")[0] ?? "", example] as const),
);

/** What a shell hands to `nimrod`; the other programs of an example are not started. */
function wordsOf(example: string): string[] {
  const project = tempProject({ git: false, files: { "commands.jsonl": "{}\n" } });
  mkdirSync(join(project.home, ".config/fish/completions"), { recursive: true });
  const script = `nimrod() { printf '%s\\0' "$@" >&3; }; git() { :; }; journalctl() { :; }; ${example}`;
  const done = spawnSync("/bin/sh", ["-euc", script], {
    cwd: project.root,
    env: { HOME: project.home, PATH: "/nowhere" },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  expect(done).toMatchObject({ status: 0, stderr: "" });
  return (done.output[3] ?? "").split("\0").slice(0, -1);
}

/** Reads the words as Nimrod does; what the command gets, without running it. */
function parse(words: readonly string[]): { name: string; args: string[]; options: Record<string, unknown> } {
  const program = new Command("nimrod").exitOverride().configureOutput({ outputError: () => undefined });
  for (const { flags, help } of globalOptions) program.option(flags, help);
  let called: ReturnType<typeof parse> | undefined;
  for (const row of commands) {
    const command = declareCommand(program, row)
      .exitOverride()
      .configureOutput({ outputError: () => undefined });
    command.action(() => {
      called = { name: command.name(), args: command.args, options: command.opts() };
    });
  }
  program.parse(words, { from: "user" });
  if (called === undefined) throw new Error("it calls no command");
  return called;
}

test.each(examples)("%s: %s", async (name, example) => {
  const called = parse(wordsOf(example));
  expect(called.name).toBe(name);
  const row = commands.find(({ usage }) => usage.split(" ")[0] === name);
  if (row === undefined) throw new Error(`no row for ${name}`);
  // `<check|test|show|sign>`: the words that are meant.
  const closed = /[<[]([a-z]+(?:\|[a-z]+)+)[>\]]/.exec(row.usage)?.[1]?.split("|");
  if (closed !== undefined) expect(closed).toContain(called.args[0]);
  const { valuesFor } = await import("../../../src/cli/completion/values.ts");
  const { lookAround } = await import("../../../src/cli/completion/surroundings.ts");
  for (const accepted of await acceptedValues(row, valuesFor(lookAround(null, {})))) {
    const key = accepted.name.replace(/^--/, "");
    const at = [...row.usage.matchAll(/[<[]([^>\]]+)[>\]]/g)].findIndex(([, one]) => one === accepted.name);
    const given = accepted.name.startsWith("--") ? called.options[key] : called.args[at];
    for (const value of [given ?? []].flat()) expect(accepted.values, accepted.name).toContain(value);
  }
});

test("a command with options has an example that uses one, and none has more than three", () => {
  for (const row of commands) {
    const given = examplesOf(row);
    expect(given.length, row.usage).toBeLessThanOrEqual(3);
    if ((row.options ?? []).length > 0) expect(given.join("\n"), row.usage).toMatch(/ -/);
  }
});

test.each([
  "nimrod list --stauts open",
  "nimrod link 7k3f9q depends_on",
  "nimrod lst",
  "nimrod close 7k3f9q now",
])("%s would be seen", (example) => {
  expect(() => parse(wordsOf(example))).toThrow();
});
