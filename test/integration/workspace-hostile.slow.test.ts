import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cleanCheckout } from "../../src/workspace/checkout.ts";
import { land, prepareLanding, revert } from "../../src/workspace/landing.ts";
import { openOperatorRepository } from "../../src/workspace/repository.ts";
import { createWorkspace, openWorkspace } from "../../src/workspace/worktree.ts";
import { operatorRepository, tempFolder } from "../support/operator-repository.ts";

const author = { name: "Sara", email: "sara@lab.lan" };

/** A program that leaves a trace named after the vector that ran it. */
function trap(folder: string, name: string): string {
  const path = join(folder, `${name}.sh`);
  writeFileSync(path, `#!/bin/sh\ntouch ${folder}/ran-${name}\ncat\n`);
  chmodSync(path, 0o755);
  return path;
}

function configuration(folder: string): string {
  const run = (name: string): string => trap(folder, name);
  const hooks = join(folder, "hooks");
  mkdirSync(hooks, { recursive: true });
  for (const hook of hookNames) {
    writeFileSync(join(hooks, hook), `#!/bin/sh\ntouch ${folder}/ran-hookspath-${hook}\n`, { mode: 0o755 });
  }
  return `
[core]
	hooksPath = ${hooks}
	fsmonitor = ${run("fsmonitor")}
	sshCommand = ${run("ssh")}
	editor = ${run("editor")}
	pager = ${run("pager")}
	askPass = ${run("askpass")}
	gitProxy = ${run("proxy")}
[sequence]
	editor = ${run("sequence-editor")}
[commit]
	gpgSign = true
[tag]
	gpgSign = true
[gpg]
	program = ${run("gpg")}
[log]
	showSignature = true
[diff]
	external = ${run("diff-external")}
[diff "trap"]
	command = ${run("diff-command")}
	textconv = ${run("textconv")}
[merge]
	default = trap
[merge "trap"]
	driver = ${run("merge-driver")} %A
[protocol "ext"]
	allow = always
[url "ext::sh -c ${run("ext")}%20"]
	insteadOf = /
[uploadpack]
	packObjectsHook = ${run("pack-objects")}
[gc]
	auto = 1
[alias]
	diff-tree = !${run("alias")}
`;
}

const hookNames = [
  "pre-commit",
  "prepare-commit-msg",
  "commit-msg",
  "post-commit",
  "post-checkout",
  "post-merge",
  "post-rewrite",
  "pre-merge-commit",
  "post-index-change",
  "reference-transaction",
  "pre-auto-gc",
  "fsmonitor-watchman",
];

const filters = (folder: string): string => `
[filter "trap"]
	clean = ${trap(folder, "filter-clean")}
	smudge = ${trap(folder, "filter-smudge")}
	process = ${trap(folder, "filter-process")}
`;

const ran = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith("ran-"));

test("nothing that a repository or a worktree configures is run from workspace to revert", async () => {
  const traps = tempFolder();
  const repo = operatorRepository({
    "a.txt": "1\n2\n3\n",
    "b.txt": "b\n",
    ".gitattributes": "* diff=trap merge=trap\n*.f filter=trap diff=trap merge=trap\n",
    "untouched.f": "filtered\n",
  });
  writeFileSync(join(repo.root, ".git/config"), configuration(traps) + filters(traps), { flag: "a" });
  for (const hook of hookNames) {
    mkdirSync(join(repo.root, ".git/hooks"), { recursive: true });
    writeFileSync(join(repo.root, ".git/hooks", hook), `#!/bin/sh\ntouch ${traps}/ran-hook-${hook}\n`, {
      mode: 0o755,
    });
  }

  const operator = await openOperatorRepository(repo.root);
  const base = (await operator.head()).commit;
  await operator.identity();
  const folder = repo.stateFolder;
  const workspace = await createWorkspace({ operator, folder, branch: "nimrod/x", base });
  // What an agent may write into its worktree: attributes, and a repository of its own with a configuration.
  writeFileSync(join(workspace.path, "a.txt"), "one\n2\n3\n");
  writeFileSync(join(workspace.path, "new.f"), "new filtered\n");
  const nested = join(workspace.path, "nested/.git");
  mkdirSync(join(nested, "objects"), { recursive: true });
  mkdirSync(join(nested, "refs/heads"), { recursive: true });
  writeFileSync(join(nested, "HEAD"), `${base}\n`);
  writeFileSync(
    join(nested, "config"),
    `[core]\n\trepositoryformatversion = 0\n${configuration(traps)}${filters(traps)}`,
  );
  writeFileSync(join(workspace.path, "nested/x.f"), "in a repository of its own\n");

  await openWorkspace({ operator, folder, branch: "nimrod/x" });
  expect(await workspace.dirtyPaths()).toEqual(["a.txt", "nested/", "new.f"]);
  expect(await workspace.salvage("trapped")).not.toBeNull();
  await expect(workspace.commitAll({ message: "x" })).rejects.toThrow("git repository of its own");
  await workspace.resetTo(base);
  expect(existsSync(nested)).toBe(false);
  writeFileSync(join(workspace.path, "a.txt"), "one\n2\n3\n");
  const candidate = await workspace.commitAll({ message: "Work" });
  expect(await workspace.diff(base, candidate!)).toContain("+one");
  await workspace.treeHash(candidate!);
  await workspace.readAt(candidate!, "untouched.f");
  await cleanCheckout({ workspace, commit: candidate!, folder: join(repo.base, "checkout") });

  const options = { operator, workspace, baseCommit: base, branch: "main" };
  const { commit } = await prepareLanding({
    ...options,
    candidate: candidate!,
    files: [],
    message: "Land",
    author,
  });
  expect(await land({ ...options, commit })).toEqual({ kind: "landed" });
  expect(repo.read("a.txt")).toBe("one\n2\n3\n");
  const back = await revert({
    operator,
    workspaceFolder: folder,
    landedCommit: commit,
    files: [],
    message: "Back",
    author,
  });
  expect(back.kind).toBe("reverted");
  expect(repo.read("a.txt")).toBe("1\n2\n3\n");
  expect(await workspace.mergeBase((await operator.head()).commit)).toMatchObject({ kind: "merged" });
  await workspace.remove();
  expect(ran(traps)).toEqual([]);

  // The traps do work: an ordinary git runs a good part of them in the same repository.
  repo.write("new.f", "x\n");
  try {
    repo.git("status");
    repo.git("add", "-A");
    repo.git("diff", "HEAD");
    repo.git("commit", "-m", "x");
  } catch {
    // some of the traps make git fail; that they ran is what counts
  }
  expect(ran(traps).length).toBeGreaterThan(2);
});

test("an address that starts a program is refused", async () => {
  const traps = tempFolder();
  const repo = operatorRepository();
  const operator = await openOperatorRepository(repo.root);
  const { tryGit } = await import("../../src/workspace/repository.ts");
  const address = `ext::${trap(traps, "ext")}`;
  const refused = await tryGit(operator.place, ["ls-remote", address]).catch((error: Error) => ({
    code: 128,
    stderr: error.message,
  }));
  expect(refused.code).not.toBe(0);
  expect(ran(traps)).toEqual([]);
});
