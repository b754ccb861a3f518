import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { git, openOperatorRepository } from "../../src/workspace/repository.ts";
import { createWorkspace } from "../../src/workspace/worktree.ts";
import { operatorRepository } from "../support/operator-repository.ts";

test("a pristine worktree holds the branch's files alone; what was ignored is kept aside, not lost", async () => {
  const repo = operatorRepository({ ".gitignore": "GNUmakefile\n", Makefile: "deploy:\n\ttrue\n" });
  const operator = await openOperatorRepository(repo.root);
  const workspace = await createWorkspace({
    operator,
    folder: repo.stateFolder,
    branch: "nimrod/a",
    base: repo.head(),
  });
  writeFileSync(join(workspace.path, "GNUmakefile"), "deploy:\n\techo mine\n");
  expect(await workspace.dirtyPaths()).toEqual([]);

  await workspace.makePristine();
  expect(existsSync(join(workspace.path, "GNUmakefile"))).toBe(false);
  expect(existsSync(join(workspace.path, "Makefile"))).toBe(true);
  const [ref = ""] = (
    await git(workspace.place, ["for-each-ref", "--format=%(refname)", "refs/nimrod/salvage"])
  ).split("\n");
  expect(await git(workspace.place, ["cat-file", "blob", `${ref}:GNUmakefile`])).toContain("echo mine");
});
