import { expect, test } from "vitest";
import { frozenBy, packageScripts } from "../../../src/pipeline/frozen.ts";

const onBase = () => true;

test.each([
  ["env CI=1 ./verify.sh", "verify.sh"],
  ["timeout 9 sh check.sh", "check.sh"],
  ["cd tools && sh verify.sh", "tools/verify.sh"],
  ["python3 -m chk.all", "chk/all.py"],
  ["node --import ./hooks.mjs run.mjs", "hooks.mjs"],
])("%s freezes %s", (command, path) => {
  expect(frozenBy([command], onBase)(path)).toBe(true);
  expect(frozenBy(["true"], onBase)(path)).toBe(false);
});

test.each(["grep -q x src/app.js", "test -s src/app.js", "jq . src/app.js", "vale docs/page.md"])(
  "%s looks at the work and freezes none of it",
  (command) => {
    const frozen = frozenBy([command], onBase);
    expect([frozen("src/app.js"), frozen("docs/page.md")]).toEqual([false, false]);
  },
);

test("a runner's configuration is frozen before it exists: it decides from its first line", () => {
  const frozen = frozenBy([], () => false);
  expect(["GNUmakefile", "Makefile", "package.json"].map(frozen)).toEqual([true, true, true]);
  expect(frozen("test/new.test.ts")).toBe(false);
});

test("scripts that npm runs by name are followed; a package.json that npm cannot read has none", () => {
  const scripts = packageScripts('{"scripts":{"check":"node tools/check.mjs","n":1}}');
  expect(frozenBy(scripts, onBase)("tools/check.mjs")).toBe(true);
  expect([packageScripts(null), packageScripts("{")]).toEqual([[], []]);
});
