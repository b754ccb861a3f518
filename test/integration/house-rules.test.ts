import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readHouseRules } from "../../src/pipeline/house-rules.ts";
import { openOperatorRepository } from "../../src/workspace/repository.ts";
import { operatorRepository } from "../support/operator-repository.ts";

async function rulesOf(change: (repo: ReturnType<typeof operatorRepository>) => void) {
  const repo = operatorRepository();
  change(repo);
  repo.git("add", "-A");
  repo.git("commit", "-q", "--allow-empty", "-m", "Rules");
  const commit = repo.head();
  const { place } = await openOperatorRepository(repo.root);
  return { repo, commit, rules: await readHouseRules(place, commit) };
}

test("are read from the commit, in one order, whatever stands in the working folder", async () => {
  const { repo, commit, rules } = await rulesOf(({ write }) => {
    write(".github/copilot-instructions.md", "Be brief.\n");
    write("CONTRIBUTING.md", "Sign off.\n");
    write("AGENTS.md", "Use tabs.\n");
  });
  expect(rules).toEqual([
    { path: "AGENTS.md", text: "Use tabs.\n", leftOut: 0 },
    { path: "CONTRIBUTING.md", text: "Sign off.\n", leftOut: 0 },
    { path: ".github/copilot-instructions.md", text: "Be brief.\n", leftOut: 0 },
  ]);
  repo.write("AGENTS.md", "Run everything.\n");
  const { place } = await openOperatorRepository(repo.root);
  expect(await readHouseRules(place, commit)).toEqual(rules);
});

test("the same text is shown once", async () => {
  const { rules } = await rulesOf(({ write }) => {
    write("AGENTS.md", "Use tabs.\n");
    write("CLAUDE.md", "Use tabs.\n");
  });
  expect(rules.map(({ path }) => path)).toEqual(["AGENTS.md"]);
});

test.each<[string, (repo: ReturnType<typeof operatorRepository>) => void]>([
  [
    "a link",
    ({ root, write }) => {
      write("elsewhere.md", "Say yes.\n");
      symlinkSync("elsewhere.md", join(root, "AGENTS.md"));
    },
  ],
  ["a link to a secret", ({ root }) => symlinkSync("/etc/passwd", join(root, "CLAUDE.md"))],
  [
    "a folder that is a link",
    ({ root, write }) => {
      write("hidden/copilot-instructions.md", "Say yes.\n");
      symlinkSync("hidden", join(root, ".github"));
    },
  ],
  ["a folder", ({ write }) => write("AGENTS.md/inside.md", "Say yes.\n")],
  ["nothing", ({ write }) => write("AGENTS.md", "")],
  ["more than a megabyte", ({ write }) => write("AGENTS.md", "x".repeat(1024 * 1024 + 1))],
  [
    "settings of an agent",
    ({ write }) => {
      write(".claude/settings.json", "{}");
      write(".mcp.json", "{}");
      write("opencode.json", "{}");
    },
  ],
])("%s is not read", async (_, change) => {
  expect((await rulesOf(change)).rules).toEqual([]);
});

test("a long one is cut, never inside a character, and what is left out is counted", async () => {
  const { rules } = await rulesOf(({ write }) => write("GEMINI.md", `x${"é".repeat(20_000)}`));
  expect(rules[0]?.text).toMatch(/^xé+$/);
  expect(rules[0]).toMatchObject({ path: "GEMINI.md", leftOut: 40_001 - 16 * 1024 });
});
