import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cleanCheckout } from "../../src/workspace/checkout.ts";
import { openOperatorRepository } from "../../src/workspace/repository.ts";
import { createWorkspace, openWorkspace } from "../../src/workspace/worktree.ts";
import { operatorRepository, tempFolder } from "../support/operator-repository.ts";

async function workspaceOf(files?: Record<string, string>) {
  const repo = operatorRepository(files);
  const operator = await openOperatorRepository(repo.root);
  const options = { operator, folder: repo.stateFolder, branch: "nimrod/7k3f9q" };
  const workspace = await createWorkspace({ ...options, base: repo.head() });
  const put = (path: string, content: string): void => {
    mkdirSync(join(workspace.path, path, ".."), { recursive: true });
    writeFileSync(join(workspace.path, path), content);
  };
  return { repo, operator, options, workspace, put };
}

describe("the operator's repository", () => {
  test("tells head, identity, ancestry and what is tracked", async () => {
    const repo = operatorRepository();
    repo.git("config", "user.name", "Sara");
    repo.git("config", "user.email", "sara@lab.lan");
    const first = repo.head();
    repo.write("b.txt", "b\n");
    repo.git("add", "-A");
    repo.git("commit", "-q", "-m", "Second");
    const operator = await openOperatorRepository(repo.root);
    expect(await operator.head()).toEqual({ branch: "main", commit: repo.head() });
    expect(await operator.identity()).toEqual({ name: "Sara", email: "sara@lab.lan" });
    expect(await operator.isAncestor(first, repo.head())).toBe(true);
    expect(await operator.isAncestor(repo.head(), first)).toBe(false);
    expect(await operator.isTracked("b.txt")).toBe(true);
    expect(await operator.isTracked("c.txt")).toBe(false);
    expect(await operator.resolve("main~1")).toBe(first);
    expect(await operator.resolve("--output=/tmp/x")).toBeNull();
    expect(await operator.commitsTouching(first, "main", ["b.txt"])).toEqual([repo.head()]);
    repo.git("checkout", "-q", "--detach");
    expect((await operator.head()).branch).toBeNull();
  });

  test("says what to do without a repository, without a commit, and below the top", async () => {
    const folder = tempFolder();
    await expect(openOperatorRepository(folder)).rejects.toMatchObject({
      code: "failed",
      hint: expect.stringContaining("git init"),
    });
    execFileSync("git", ["init", "-q", folder]);
    await expect(openOperatorRepository(folder)).rejects.toThrow("no commit yet");
    const repo = operatorRepository({ "sub/a.txt": "a\n" });
    await expect(openOperatorRepository(join(repo.root, "sub"))).rejects.toThrow("must be at its top");
  });
});

describe("a workspace", () => {
  test("is the base's files without a .git, and leaves the operator's repository as it was", async () => {
    const { repo, workspace } = await workspaceOf({ "a.txt": "a\n", "dir/b.txt": "b\n" });
    expect(readFileSync(join(workspace.path, "dir/b.txt"), "utf8")).toBe("b\n");
    expect(existsSync(join(workspace.path, ".git"))).toBe(false);
    expect(await workspace.dirtyPaths()).toEqual([]);
    expect(await workspace.head()).toBe(repo.head());
    expect(repo.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main\n");
    expect(repo.git("worktree", "list").trim().split("\n")).toHaveLength(1);
  });

  test("commits edits, new, removed and executable files and links as Nimrod, and nothing when nothing changed", async () => {
    const { workspace, put } = await workspaceOf({ "a.txt": "a\n", "gone.txt": "x\n", thing: "file\n" });
    expect(await workspace.commitAll({ message: "nothing" })).toBeNull();
    put("a.txt", "changed\n");
    put("new/deep.txt", "new\n");
    rmSync(join(workspace.path, "gone.txt"));
    rmSync(join(workspace.path, "thing"));
    put("thing/inside.txt", "a file became a folder\n");
    writeFileSync(join(workspace.path, "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
    symlinkSync("/etc/hostname", join(workspace.path, "link"));
    expect(await workspace.dirtyPaths()).toEqual([
      "a.txt",
      "gone.txt",
      "link",
      "new/deep.txt",
      "run.sh",
      "thing",
      "thing/inside.txt",
    ]);
    const commit = await workspace.commitAll({ message: "Step 1: ändern" });
    expect(commit).toBe(await workspace.head());
    expect(await workspace.changedPaths(workspace.base, commit!)).toEqual([
      { path: "a.txt", status: "M", oldMode: "100644", newMode: "100644" },
      { path: "gone.txt", status: "D", oldMode: "100644", newMode: "000000" },
      { path: "link", status: "A", oldMode: "000000", newMode: "120000" },
      { path: "new/deep.txt", status: "A", oldMode: "000000", newMode: "100644" },
      { path: "run.sh", status: "A", oldMode: "000000", newMode: "100755" },
      { path: "thing", status: "D", oldMode: "100644", newMode: "000000" },
      { path: "thing/inside.txt", status: "A", oldMode: "000000", newMode: "100644" },
    ]);
    expect(await workspace.dirtyPaths()).toEqual([]);
    expect(Buffer.from((await workspace.readAt(commit!, "link"))!).toString()).toBe("/etc/hostname");
    expect(await workspace.readAt(commit!, "gone.txt")).toBeNull();
    expect(await workspace.readAt(commit!, "../a.txt")).toBeNull();
    const who = execFileSync("git", ["log", "-1", "--format=%an <%ae> %cn %s", commit!], {
      env: { PATH: process.env["PATH"], ...workspace.gitEnv },
      cwd: workspace.path,
      encoding: "utf8",
    });
    expect(who).toBe("Nimrod <nimrod@localhost> Nimrod Step 1: ändern\n");
  });

  test("keeps binary bytes", async () => {
    const { workspace } = await workspaceOf();
    const bytes = Buffer.from(Array.from({ length: 512 }, (_, i) => i % 256));
    writeFileSync(join(workspace.path, "blob.bin"), bytes);
    const commit = await workspace.commitAll({ message: "Binary" });
    expect(Buffer.from((await workspace.readAt(commit!, "blob.bin"))!).equals(bytes)).toBe(true);
    expect(await workspace.diff(workspace.base, commit!)).toContain(
      "Binary files /dev/null and b/blob.bin differ",
    );
  });

  test("shows a change that attributes try to hide from the diff", async () => {
    const { workspace, put } = await workspaceOf({ "a.js": "ok();\n" });
    put(".gitattributes", "*.js -diff\n");
    put("a.js", "evil();\n");
    const commit = await workspace.commitAll({ message: "Hide" });
    expect(await workspace.diff(workspace.base, commit!)).toContain("+evil();");
  });

  test("has a hash that Nimrod's own files do not move and every other file does", async () => {
    const { workspace, put } = await workspaceOf({
      "a.txt": "a\n",
      "tickets/active/x.md": "x\n",
      "docs/y.md": "y\n",
    });
    const before = await workspace.treeHash("HEAD");
    put("tickets/active/x.md", "changed\n");
    put("docs/changes/2026.md", "log\n");
    put(".nimrod/evidence/x/1.jsonl", "{}\n");
    await workspace.commitAll({ message: "Own files" });
    expect(await workspace.treeHash("HEAD")).toBe(before);
    put("docs/y.md", "changed\n");
    await workspace.commitAll({ message: "A document" });
    expect(await workspace.treeHash("HEAD")).not.toBe(before);
  });

  test("refuses to commit around a nested repository, and salvages its files", async () => {
    const { workspace, put } = await workspaceOf();
    put("sub/file.txt", "work\n");
    execFileSync("git", ["init", "-q", join(workspace.path, "sub")]);
    expect(await workspace.dirtyPaths()).toEqual(["sub/"]);
    await expect(workspace.commitAll({ message: "x" })).rejects.toMatchObject({ code: "failed" });
    const saved = await workspace.salvage("before");
    expect(Buffer.from((await workspace.readAt(saved!.commit, "sub/file.txt"))!).toString()).toBe("work\n");
  });

  test("salvages dirty, untracked and ignored files without touching them, and resets", async () => {
    const { workspace, put } = await workspaceOf({ "a.txt": "a\n", ".gitignore": "*.log\nnode_modules/\n" });
    expect(await workspace.salvage("clean")).toBeNull();
    put("a.txt", "dirty\n");
    put("new.txt", "untracked\n");
    put("run.log", "ignored\n");
    put("node_modules/x/index.js", "made anew by a tool\n");
    const saved = await workspace.salvage("round 1");
    expect(saved?.ref).toBe("refs/nimrod/salvage/round-1");
    const at = async (path: string) => {
      const bytes = await workspace.readAt(saved!.commit, path);
      return bytes === null ? null : Buffer.from(bytes).toString();
    };
    expect(await at("a.txt")).toBe("dirty\n");
    expect(await at("new.txt")).toBe("untracked\n");
    expect(await at("run.log")).toBe("ignored\n");
    expect(await at("node_modules/x/index.js")).toBeNull();
    expect(await workspace.dirtyPaths()).toEqual(["a.txt", "new.txt"]);
    const again = await workspace.salvage("round 1");
    expect(again?.ref).not.toBe(saved?.ref);

    const second = await workspace.commitAll({ message: "Work" });
    put("a.txt", "more\n");
    put("other.txt", "more\n");
    await workspace.resetTo(workspace.base);
    expect(await workspace.head()).toBe(workspace.base);
    expect(await workspace.dirtyPaths()).toEqual([]);
    expect(readFileSync(join(workspace.path, "a.txt"), "utf8")).toBe("a\n");
    expect(existsSync(join(workspace.path, "other.txt"))).toBe(false);
    const kept = execFileSync("git", ["rev-list", "--all"], {
      env: { PATH: process.env["PATH"], ...workspace.gitEnv },
      cwd: workspace.path,
      encoding: "utf8",
    });
    expect(kept).toContain(second);
    await workspace.check();
  });

  test("is removed with its work kept, and can be started afresh", async () => {
    const { workspace, options, put, repo } = await workspaceOf();
    put("work.txt", "kept\n");
    const commit = await workspace.commitAll({ message: "Work" });
    put("late.txt", "kept too\n");
    await workspace.remove();
    expect(existsSync(workspace.path)).toBe(false);
    await expect(openWorkspace(options)).rejects.toThrow("no workspace");
    const fresh = await createWorkspace({ ...options, base: repo.head() });
    expect(existsSync(join(fresh.path, "work.txt"))).toBe(false);
    const refs = execFileSync("git", ["for-each-ref", "--format=%(refname) %(objectname)"], {
      env: { PATH: process.env["PATH"], ...fresh.gitEnv },
      cwd: fresh.path,
      encoding: "utf8",
    });
    expect(refs).toMatch(new RegExp(`refs/nimrod/salvage/before-\\w+ ${commit}`));
    expect(refs).toMatch(/refs\/nimrod\/salvage\/removed-/);
  });

  test("takes in a moved base, and changes nothing on a conflict", async () => {
    const { repo, workspace, put } = await workspaceOf({ "a.txt": "1\n2\n3\n", "b.txt": "b\n" });
    expect(await workspace.mergeBase(repo.head())).toEqual({ kind: "current" });
    put("a.txt", "1\n2\nthree\n");
    const own = await workspace.commitAll({ message: "Ours" });
    repo.write("b.txt", "moved\n");
    repo.git("commit", "-qam", "Moved");
    const merged = await workspace.mergeBase(repo.head());
    expect(merged).toMatchObject({ kind: "merged" });
    expect(readFileSync(join(workspace.path, "b.txt"), "utf8")).toBe("moved\n");
    expect(readFileSync(join(workspace.path, "a.txt"), "utf8")).toBe("1\n2\nthree\n");
    expect(await workspace.dirtyPaths()).toEqual([]);
    await workspace.check();
    expect(own).not.toBeNull();

    const before = await workspace.head();
    repo.write("a.txt", "1\n2\nelse\n");
    repo.git("commit", "-qam", "Against");
    expect(await workspace.mergeBase(repo.head())).toEqual({ kind: "conflict", paths: ["a.txt"] });
    expect(await workspace.head()).toBe(before);
    expect(await workspace.dirtyPaths()).toEqual([]);
  });

  const intrusions: Record<string, (path: { worktree: string; git: string; base: string }) => void> = {
    "the working folder is gone": ({ worktree }) => rmSync(worktree, { recursive: true }),
    "the working folder was swapped": ({ worktree, base }) => {
      renameSync(worktree, join(base, "moved"));
      mkdirSync(worktree);
    },
    "the working folder became a link": ({ worktree, base }) => {
      renameSync(worktree, join(base, "moved"));
      symlinkSync(join(base, "moved"), worktree);
    },
    "a .git file appeared": ({ worktree }) => writeFileSync(join(worktree, ".git"), "gitdir: /somewhere\n"),
    "a .git folder appeared": ({ worktree }) => mkdirSync(join(worktree, ".git")),
    "the git folder's configuration was changed": ({ git }) =>
      writeFileSync(join(git, "config"), "[core]\n\tfsmonitor = touch /tmp/x\n", { flag: "a" }),
    "HEAD points elsewhere": ({ git }) => writeFileSync(join(git, "HEAD"), "ref: refs/heads/main\n"),
    "the branch was moved": ({ git }) =>
      writeFileSync(
        join(git, "refs/heads/nimrod/7k3f9q"),
        readFileSync(join(git, "refs/tags/other"), "utf8"),
      ),
    "the marker is gone": ({ git }) => rmSync(join(git, "..", "workspace.json")),
  };
  test.each(Object.keys(intrusions))("is refused when %s", async (name) => {
    const { repo, options, workspace, put } = await workspaceOf();
    put("x.txt", "x\n");
    const commit = await workspace.commitAll({ message: "x" });
    mkdirSync(join(workspace.gitDir, "refs/tags"), { recursive: true });
    const orphan = repo.git("commit-tree", "-m", "other", `${repo.head()}^{tree}`).trim();
    writeFileSync(join(workspace.gitDir, "refs/tags/other"), `${orphan}\n`);
    expect((await openWorkspace(options)).base).toBe(repo.head());
    expect(commit).not.toBeNull();
    intrusions[name]!({ worktree: workspace.path, git: workspace.gitDir, base: repo.base });
    await expect(workspace.check()).rejects.toMatchObject({ code: "failed" });
    await expect(openWorkspace(options)).rejects.toMatchObject({ code: "failed" });
  });

  test("survives a kill between naming the next commit and moving the branch", async () => {
    const { options, workspace, put } = await workspaceOf();
    put("x.txt", "x\n");
    const ref = join(workspace.gitDir, "refs/heads/nimrod/7k3f9q");
    const before = readFileSync(ref, "utf8");
    const commit = await workspace.commitAll({ message: "x" });
    writeFileSync(ref, before);
    const opened = await openWorkspace(options);
    expect(await opened.dirtyPaths()).toEqual(["x.txt"]);
    expect(await opened.commitAll({ message: "x" })).not.toBeNull();
    expect(commit).not.toBeNull();
  });
});

test("a clean checkout is the commit's files with a .git of its own", async () => {
  const { repo, workspace, put } = await workspaceOf({ "a.txt": "a\n", ".gitignore": "*.log\n" });
  put("a.txt", "b\n");
  put("x.log", "ignored\n");
  const commit = await workspace.commitAll({ message: "b" });
  put("a.txt", "dirty\n");
  const folder = join(repo.base, "checkout");
  const { path, objectFolders } = await cleanCheckout({ workspace, commit: commit!, folder });
  const git = (...args: string[]) => execFileSync("git", args, { cwd: path, encoding: "utf8" });
  expect(git("status", "--porcelain")).toBe("");
  expect(git("ls-files")).toBe(".gitignore\na.txt\n");
  expect(git("rev-parse", "HEAD").trim()).toBe(commit);
  expect(existsSync(join(path, "x.log"))).toBe(false);
  writeFileSync(join(path, "a.txt"), "c\n");
  expect(git("diff", "--stat")).toContain("a.txt");
  expect(git("diff", "HEAD~1", "HEAD", "--name-only")).toBe("a.txt\n");
  expect(objectFolders).toContain(join(repo.root, ".git", "objects"));
  expect(await workspace.head()).toBe(commit);
});
