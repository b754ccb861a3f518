import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { steadyText } from "../support/steady-text.ts";
import { tempProject } from "../support/temp-project.ts";
import { type Block, blocksOf, openShell } from "../support/walk.ts";

/** docs/tutorial.md is walked from its first line to its last, and what it shows is what is printed. */

const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "tutorial.md"), "utf8");

test("the tutorial can be typed as it stands, and prints what it shows", { timeout: 120_000 }, async () => {
  const blocks = blocksOf(page);
  expect(words(blocks)).toEqual(
    expect.arrayContaining(["init", "new", "next", "approve", "close", "rollback"]),
  );
  const shell = openShell(tempProject({ git: false, tickets: false }));
  for (const block of blocks) {
    if (block.kind === "script") {
      expect(shell.run(block.text)).toEqual({ exitCode: 0, shown: "" });
      continue;
    }
    for (const { line, output } of block.commands) {
      if (block.atTerminal) {
        const { exitCode, shown } = await shell.runAtTerminal(line);
        // A terminal is drawn over and over: what the page shows was there, line after line.
        expect([line, exitCode, foundInOrder(steadyText(output), steadyText(shown))]).toEqual([
          line,
          0,
          true,
        ]);
      } else {
        expect(`$ ${line}\n${steadyText(shell.run(line).shown).trim()}`).toBe(
          `$ ${line}\n${steadyText(output)}`,
        );
      }
    }
  }
});

function words(blocks: readonly Block[]): (string | undefined)[] {
  return blocks.flatMap((block) =>
    block.kind === "script" ? [] : block.commands.map(({ line }) => line.split(" ")[1]),
  );
}

function foundInOrder(wanted: string, shown: string): boolean | string {
  let at = 0;
  for (const line of wanted.split("\n")) {
    const found = shown.indexOf(line, at);
    if (found < 0) return `not shown: ${line}`;
    at = found + line.length;
  }
  return true;
}
