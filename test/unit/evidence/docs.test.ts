import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { problemKinds } from "../../../src/evidence/problems.ts";
import { recordTypes } from "../../../src/evidence/record.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/evidence.md"), "utf8");

function rowsOf(heading: string): [string, string][] {
  const start = page.indexOf(heading);
  const table = page.slice(start).split("\n\n")[0] ?? "";
  return [...table.matchAll(/^\| `([a-z0-9-]+)` \| (.+) \|$/gm)].map((row) => [row[1]!, row[2]!]);
}

test("docs/evidence.md lists the record types of the code, in their order", () => {
  expect(rowsOf("| type |").map(([type]) => type)).toEqual([...recordTypes]);
});

test("docs/evidence.md lists the problem kinds of the code, with their meaning", () => {
  expect(rowsOf("| kind |")).toEqual(Object.entries(problemKinds));
});
