import { execFileSync } from "node:child_process";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { conflictMarkers, matchesAny, parseUnifiedDiff } from "../../../src/workspace/diff-facts.ts";
import { cpuMs } from "../../support/cpu-time.ts";
import { tempFolder } from "../../support/operator-repository.ts";

describe("a unified diff", () => {
  test("of every kind of change is read as git meant it", () => {
    const folder = tempFolder();
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], {
        cwd: folder,
        encoding: "utf8",
      });
    const put = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content);
    git("init", "-q");
    put("edited.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n");
    put("removed.txt", "a\nb\n");
    put("mode.sh", "x\n");
    put("bin", Buffer.from([0, 1, 2]));
    git("add", "-A");
    git("commit", "-qm", "1");
    put("edited.txt", "zero\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n++ b/not-a-header\n-- a/neither\n");
    rmSync(join(folder, "removed.txt"));
    chmodSync(join(folder, "mode.sh"), 0o755);
    put("bin", Buffer.from([0, 1, 3]));
    put("new file äö.txt", "@@ -1 +1 @@\ndiff --git a/x b/x\nno newline at the end");
    put('quo"te\\\t.txt', "x\n");
    put("empty", "");
    git("add", "-A");
    const facts = parseUnifiedDiff(git("diff", "--cached", "--no-renames"));
    const of = (path: string) => facts.find((each) => each.path === path);
    expect(facts.map((each) => each.path).sort()).toEqual(
      ["bin", "edited.txt", "empty", "mode.sh", "new file äö.txt", 'quo"te\\\t.txt', "removed.txt"].sort(),
    );
    expect(of("edited.txt")).toEqual({
      path: "edited.txt",
      added: [
        { line: 1, text: "zero" },
        { line: 12, text: "++ b/not-a-header" },
        { line: 13, text: "-- a/neither" },
      ],
      removedCount: 2,
      binary: false,
    });
    expect(of("removed.txt")).toMatchObject({ added: [], removedCount: 2 });
    expect(of("bin")).toMatchObject({ binary: true });
    expect(of("new file äö.txt")?.added.map(({ text }) => text)).toEqual([
      "@@ -1 +1 @@",
      "diff --git a/x b/x",
      "no newline at the end",
    ]);
  });

  test("without anything is nothing", () => {
    expect(parseUnifiedDiff("")).toEqual([]);
  });
});

test("conflict markers are found, headings underlined with = are not", () => {
  const added = ["<<<<<<< HEAD", "a", "=======", "b", ">>>>>>> theirs", "<<<<<<<<< nine", "x <<<<<<< y"];
  const facts = {
    path: "a.md",
    added: added.map((text, i) => ({ line: i + 1, text })),
    removedCount: 0,
    binary: false,
  };
  expect(conflictMarkers([facts])).toEqual([
    { path: "a.md", line: 1 },
    { path: "a.md", line: 5 },
  ]);
});

test.each<[string, string, boolean]>([
  ["src/a.ts", "src/a.ts", true],
  ["src/a.ts", "src", true],
  ["src/a.ts", "./src/", true],
  ["srcs/a.ts", "src", false],
  ["src/a.ts", "src/*.ts", true],
  ["src/deep/a.ts", "src/*.ts", false],
  ["src/deep/a.ts", "src/**/*.ts", true],
  ["src/a.ts", "src/**/*.ts", true],
  ["src/deep/er/a.ts", "src/**", true],
  ["a.ts", "**/*.ts", true],
  ["a.ts", "?.ts", true],
  ["/.ts", "?.ts", false],
  ["a+b(c).ts", "a+b(c).ts", true],
  ["axb", "a.b", false],
  ["[id].tsx", "[id].tsx", true],
  ["a", "*", true],
  ["a/b", "*", false],
  ["ab/b", "**/b", true],
  ["ab", "**/b", false],
  ["x/ab", "**/**/b", false],
  ["x/a/b", "x/**/a/**/b", true],
  ["x/ab", "x**b", true],
  ["a\nb", "a*b", true],
  ["a*b", "a*b", true],
  ["", "**", true],
])("%s in %s is %s", (path, glob, expected) => {
  expect(matchesAny(path, [glob])).toBe(expected);
  expect(matchesAny(path, [])).toBe(false);
});

// As a regular expression the first took half a minute, and one star more would have taken hours.
test.each([
  [`**/${"*a".repeat(20)}*b`, `x/${"a".repeat(250)}`],
  [`${"**/".repeat(60)}b`, `${"a/".repeat(120)}a`],
  ["**".repeat(100), "a".repeat(4_096)],
])("the glob %s holds nothing up", async (glob, path) => {
  expect(await cpuMs(() => matchesAny(path, [glob]))).toBeLessThan(1_000);
});
