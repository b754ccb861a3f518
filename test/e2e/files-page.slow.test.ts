import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { pageTicket, runJson } from "../support/sample-work.ts";
import { tempProject } from "../support/temp-project.ts";
import { fencedBlocks, textOf } from "../unit/docs/page.ts";

test("work that has not landed is fetched as docs/files.md says, and the repository has no branch of it before", {
  timeout: 60_000,
}, async () => {
  const project = tempProject({ files: pageTicket({ id: "nim-7k3f9q", title: "A page" }) });
  expect(await runJson(project, "next")).toMatchObject({ result: "in_review" });
  const ownRefs = project.git("for-each-ref", "--format=%(refname)");
  expect(ownRefs.trim().split("\n")).toHaveLength(1);
  expect(project.git("worktree", "list").trim().split("\n")).toHaveLength(1);

  const block = fencedBlocks(textOf("docs/files.md")).find(({ info }) => info === "sh unlanded");
  const text = block?.text ?? "";
  const shown = execFileSync("sh", ["-ec", text], { cwd: project.root, env: project.env, encoding: "utf8" });
  expect(shown).toContain("refs/heads/nimrod/7k3f9q");
  expect(project.git("show", "FETCH_HEAD:page.md")).toContain("hello");
  expect(project.git("for-each-ref", "--format=%(refname)")).toBe(ownRefs);
});
