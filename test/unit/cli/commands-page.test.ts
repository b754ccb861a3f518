import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commands } from "../../../src/cli/command-table.ts";
import { exitCodes } from "../../../src/cli/exit-codes.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/commands.md"), "utf8");
const section = (title: string) => page.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? "";

test("docs/commands.md has the exit codes of the code, no more and no less", () => {
  const rows = [...section("Exit codes").matchAll(/^\| (\d+) \| (.+) \|$/gm)].map(([, code, text]) => [
    code,
    text,
  ]);
  expect(rows).toEqual(Object.entries(exitCodes));
});

test("docs/commands.md has a row for every command and none for another", () => {
  const rows = [...section("Commands").matchAll(/^\| (`.+?`(?:, `.+?`)*) \|/gm)].map(([, cell = ""]) => cell);
  const documented = rows.flatMap((cell) => [...cell.matchAll(/`([a-z][a-z-]*)/g)].map(([, name]) => name));
  const names = commands.flatMap(({ usage, alias }) => [
    usage.split(" ")[0],
    ...(alias === undefined ? [] : [alias]),
  ]);
  expect([...new Set(documented)].sort()).toEqual([...names, "help"].sort());
});
