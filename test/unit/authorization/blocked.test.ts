import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stricter, type Tier } from "../../../src/authorization/action.ts";
import { run } from "./context.ts";

// Written by scripts/freeze-blocks.mjs, which only adds. A row that is wrong is taken out by hand, with the reason in
// the commit, and this number goes down with it.
const reviewed = 993;

test("a reviewed block never becomes an allow", () => {
  const rows: { command: string; tier: Tier }[] = readFileSync(
    join(import.meta.dirname, "blocked.jsonl"),
    "utf8",
  )
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(rows.length).toBeGreaterThanOrEqual(reviewed);
  const opened = rows.flatMap(({ command, tier }) => {
    const now = run(command);
    return stricter(now.tier, tier) === now.tier
      ? []
      : [`${command}: was ${tier}, is ${now.tier} by ${now.rule}`];
  });
  expect(opened).toEqual([]);
});
