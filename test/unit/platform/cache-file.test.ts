import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readCache, writeCache } from "../../../src/platform/cache-file.ts";
import { tempProject } from "../../support/temp-project.ts";

const folder = () => tempProject({ git: false, tickets: false }).root;

test("what killed writers of the same file left goes with the next write; a live writer's stays, and all else", () => {
  const root = folder();
  const dead = spawnSync("true").pid;
  const kept = [
    `a.index.${process.pid}-1a.tmp`,
    `b.index.${dead}-1a.tmp`,
    `a.index.${dead}.tmp`,
    "a.index.old",
  ];
  for (const name of [...kept, `a.index.${dead}-1a.tmp`]) writeFileSync(join(root, name), "half");
  expect(writeCache(join(root, "a.index"), "whole")).toBe(true);
  expect(readdirSync(root).sort()).toEqual(["a.index", ...kept].sort());
  expect(readCache(join(root, "a.index"))?.toString()).toBe("whole");
});

test("a write that fails leaves nothing behind", () => {
  const root = folder();
  mkdirSync(join(root, "a.index"));
  expect(writeCache(join(root, "a.index"), "whole")).toBe(false);
  expect(readdirSync(root)).toEqual(["a.index"]);
});

test.each<[string, (file: string) => void]>([
  ["that others may write", (file) => chmodSync(file, 0o666)],
  ["that is a link", (file) => symlinkSync(file, `${file}.link`)],
])("a file %s is not believed", (name, change) => {
  const file = join(folder(), "a.index");
  writeCache(file, "whole");
  change(file);
  expect(readCache(name.endsWith("link") ? `${file}.link` : file)).toBeNull();
});
