import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { families } from "../../../src/authorization/effects/families.ts";
import {
  fileOf,
  parseLine,
  type ReviewedLine,
  renderLine,
  reviewedFolder,
  reviewedLines,
} from "./reviewed-list.ts";

/** What is to be changed in the list, or looked at in the tables: the line to write, and the words that it is about. */
function differences(name: string, lines: readonly ReviewedLine[]): string[] {
  const path = join(reviewedFolder, name);
  const listed = existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n").map(parseLine) : [];
  const other = (among: readonly ReviewedLine[], { head, words }: ReviewedLine): string[] => {
    const same = new Set(among.find((line) => line.head === head)?.words);
    return words.filter((word) => !same.has(word));
  };
  const changed = lines.flatMap((line) => {
    const words = other(listed, line);
    if (words.length === 0 && listed.some(({ head }) => head === line.head)) return [];
    return [`reviewed/${name} has not: ${words.join(" ")}\n  write: ${renderLine(line)}`];
  });
  const tooMany = listed.flatMap((line) => {
    const words = other(lines, line);
    if (words.length === 0 && lines.some(({ head }) => head === line.head)) return [];
    return [`reviewed/${name} has too many: ${words.join(" ")}\n  in: ${renderLine(line)}`];
  });
  return [...changed, ...tooMany];
}

describe("the plain call of every row has the tier that was reviewed", () => {
  // A tier that is right is written down with `node scripts/write-reviewed-list.mjs`, and its diff is read.
  test.each(families.map((family) => [fileOf(family), family] as const))("%s", (name, family) => {
    expect(differences(name, reviewedLines(family())).join("\n")).toBe("");
  });

  test("no list is left of a family that is gone", () => {
    const names = families.map(fileOf);
    expect(readdirSync(reviewedFolder).filter((name) => !names.includes(name))).toEqual([]);
  });
});
