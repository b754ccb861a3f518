// `node scripts/write-reviewed-list.mjs`: writes test/unit/authorization/reviewed anew from the tables. For a person who
// reads its diff before committing it; a run that writes what it is compared with proves nothing, so CI refuses.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { families } from "../src/authorization/effects/families.ts";
import {
  fileOf,
  renderLine,
  reviewedFolder,
  reviewedLines,
} from "../test/unit/authorization/reviewed-list.ts";

if (process.env["CI"] !== undefined) throw new Error("the reviewed list is written by a person, not in CI");
mkdirSync(reviewedFolder, { recursive: true });
for (const name of readdirSync(reviewedFolder)) rmSync(join(reviewedFolder, name));
for (const family of families) {
  const lines = reviewedLines(family()).map((line) => `${renderLine(line)}\n`);
  writeFileSync(join(reviewedFolder, fileOf(family)), lines.join(""));
}
