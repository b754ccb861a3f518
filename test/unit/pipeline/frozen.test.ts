import { expect, test } from "vitest";
import { frozenBy, isTestFile } from "../../../src/pipeline/frozen.ts";

const everything = () => true;
const frozen = frozenBy(
  [
    "sh scripts/check.sh",
    "./bin/verify --all",
    "python3 -B 'tools/my check.py' x",
    "grep -q hello greeting.txt && node lint.js",
    "broken '",
  ],
  everything,
);

test.each([
  // tests
  ["test/a.ts", true],
  ["packages/x/tests/data.json", true],
  ["src/__tests__/a.tsx", true],
  ["spec/models/user.rb", true],
  ["src/a.test.ts", true],
  ["src/a_spec.rb", true],
  ["test_app.py", true],
  ["src/app_test.go", true],
  ["conftest.py", true],
  // what runs them
  ["package.json", true],
  ["packages/x/package.json", true],
  ["Makefile", true],
  ["justfile", true],
  ["vitest.config.ts", true],
  ["vitest.workspace.mjs", true],
  ["vite.config.ts", true],
  ["jest.config.cjs", true],
  [".mocharc.yml", true],
  ["pytest.ini", true],
  ["pyproject.toml", true],
  ["setup.cfg", true],
  ["tox.ini", true],
  [".npmrc", true],
  [".github/workflows/ci.yml", true],
  [".ci/run", true],
  [".gitlab-ci.yml", true],
  ["ci/Jenkinsfile", true],
  // what the verifications start
  ["scripts/check.sh", true],
  ["bin/verify", true],
  ["tools/my check.py", true],
  ["lint.js", true],
  // the work itself
  ["greeting.txt", false],
  ["src/contest.ts", false],
  ["src/latest/a.ts", false],
  ["docs/testing.md", false],
  ["scripts/other.sh", false],
  ["src/makefile.ts", false],
  ["package.json.md", false],
])("%s is frozen: %s", (path, expected) => {
  expect(frozen(path)).toBe(expected);
});

test("what did not exist on the base is free", () => {
  const onBase = new Set(["test/old.test.ts"]);
  const judge = frozenBy(["sh check.sh"], (path) => onBase.has(path));
  expect(["test/old.test.ts", "test/new.test.ts", "check.sh"].map(judge)).toEqual([true, false, false]);
});

test.each([
  ["src/a.test.ts", true],
  ["package.json", false],
  ["scripts/check.sh", false],
])("%s is a test file: %s", (path, expected) => {
  expect(isTestFile(path)).toBe(expected);
});
