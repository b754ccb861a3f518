import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { land, type OwnFile, prepareLanding, revert } from "../../src/workspace/landing.ts";
import { openOperatorRepository } from "../../src/workspace/repository.ts";
import { createWorkspace } from "../../src/workspace/worktree.ts";
import { operatorRepository, tempFolder } from "../support/operator-repository.ts";

const author = { name: "Sara", email: "sara@lab.lan" };
const bytes = (text: string): Uint8Array => Buffer.from(text);

/** A candidate that edits `edit.txt`, removes `gone.txt`, adds `new/file.txt`, and a ticket that moves. */
async function prepared(change?: (worktree: string) => void, files: Record<string, string> = {}) {
  const repo = operatorRepository({
    "edit.txt": "old\n",
    "gone.txt": "gone\n",
    "other.txt": "1\n2\n3\n",
    "tickets/active/x.md": "status: in_review\n",
    ...files,
  });
  const operator = await openOperatorRepository(repo.root);
  const base = repo.head();
  const workspace = await createWorkspace({ operator, folder: repo.stateFolder, branch: "nimrod/x", base });
  const put = (path: string, content: string): void => {
    mkdirSync(dirname(join(workspace.path, path)), { recursive: true });
    writeFileSync(join(workspace.path, path), content);
  };
  put("edit.txt", "new\n");
  put("new/file.txt", "added\n");
  rmSync(join(workspace.path, "gone.txt"));
  change?.(workspace.path);
  const candidate = await workspace.commitAll({ message: "Work" });
  const own: OwnFile[] = [
    { path: "tickets/active/x.md", content: null },
    { path: "tickets/closed/x.md", content: bytes("status: closed\n") },
    { path: ".nimrod/evidence/x/1.jsonl", content: bytes("{}\n") },
  ];
  const { commit } = await prepareLanding({
    workspace,
    baseCommit: base,
    candidate: candidate!,
    files: own,
    message: "Land x\n\nNimrod-Evidence: x 1 abc",
    author,
  });
  const options = { operator, workspace, baseCommit: base, commit, branch: "main" };
  return { repo, operator, workspace, base, candidate: candidate!, commit, options, own };
}

type Prepared = Awaited<ReturnType<typeof prepared>>;

function expectLanded({ repo, base, candidate, commit }: Prepared): void {
  expect(repo.head()).toBe(commit);
  expect(repo.git("log", "-1", "--format=%P|%an|%cn")).toBe(`${base} ${candidate}|Sara|Nimrod\n`);
  expect(repo.read("edit.txt")).toBe("new\n");
  expect(repo.read("new/file.txt")).toBe("added\n");
  expect(existsSync(join(repo.root, "gone.txt"))).toBe(false);
  expect(repo.read("tickets/closed/x.md")).toBe("status: closed\n");
  expect(existsSync(join(repo.root, "tickets/active"))).toBe(false);
  expect(existsSync(join(repo.root, ".git/nimrod-landing"))).toBe(false);
  expect(repo.git("fsck", "--strict", "--no-dangling")).toBe("");
}

describe("landing", () => {
  test("puts one merge commit on the operator's branch and leaves a clean checkout", async () => {
    const world = await prepared();
    expect(await land(world.options)).toEqual({ kind: "landed" });
    expectLanded(world);
    expect(world.repo.git("status", "--porcelain")).toBe("");
    expect(world.repo.git("log", "-1", "--format=%(trailers:key=Nimrod-Evidence,valueonly)")).toContain(
      "x 1 abc",
    );
    rmSync(world.workspace.gitDir, { recursive: true });
    expect(world.repo.git("fsck", "--strict", "--no-dangling")).toBe("");
  });

  test("keeps staged, unstaged and untracked changes elsewhere as they are, byte for byte", async () => {
    const world = await prepared(undefined, { "both.txt": "a\n", "removed.txt": "r\n" });
    const { repo } = world;
    repo.write("staged.txt", "staged new\n");
    repo.git("add", "staged.txt");
    repo.write("both.txt", "staged\n");
    repo.git("add", "both.txt");
    repo.write("both.txt", "staged and more\n");
    repo.write("other.txt", "1\n2\n3 unstaged\n");
    repo.write("untracked.bin", Buffer.from([0, 255, 10, 13]));
    repo.git("rm", "-q", "--cached", "removed.txt");
    const before = {
      status: repo.git("status", "--porcelain"),
      staged: repo.git("diff", "--cached"),
      unstaged: repo.git("diff"),
    };
    expect(await land(world.options)).toEqual({ kind: "landed" });
    expectLanded(world);
    expect(repo.git("status", "--porcelain")).toBe(before.status);
    expect(repo.git("diff", "--cached")).toBe(before.staged);
    expect(repo.git("diff")).toBe(before.unstaged);
    expect(readFileSync(join(repo.root, "untracked.bin"))).toEqual(Buffer.from([0, 255, 10, 13]));
  });

  const collisions: Record<string, { change: (world: Prepared) => void; paths: string[] }> = {
    "an unstaged edit": { change: ({ repo }) => repo.write("edit.txt", "mine\n"), paths: ["edit.txt"] },
    "a staged edit": {
      change: ({ repo }) => {
        repo.write("edit.txt", "mine\n");
        repo.git("add", "edit.txt");
        repo.write("edit.txt", "old\n");
      },
      paths: ["edit.txt"],
    },
    "an edit of the removed file": {
      change: ({ repo }) => repo.write("gone.txt", "mine\n"),
      paths: ["gone.txt"],
    },
    "a deletion of the edited file": {
      change: ({ repo }) => rmSync(join(repo.root, "edit.txt")),
      paths: ["edit.txt"],
    },
    "an untracked file in the way": {
      change: ({ repo }) => repo.write("new/file.txt", "mine\n"),
      paths: ["new/file.txt"],
    },
    "a file where a folder must come": {
      change: ({ repo }) => repo.write("new", "mine\n"),
      paths: ["new/file.txt"],
    },
    "a folder where a file must come": {
      change: ({ repo }) => repo.write("new/file.txt/mine", "mine\n"),
      paths: ["new/file.txt"],
    },
    "a link that leads out of the checkout": {
      change: ({ repo }) => symlinkSync(tempFolder(), join(repo.root, "new")),
      paths: ["new/file.txt"],
    },
    "a file git was told not to look at": {
      change: ({ repo }) => {
        repo.git("update-index", "--assume-unchanged", "edit.txt");
        repo.write("edit.txt", "mine\n");
      },
      paths: ["edit.txt"],
    },
    "a ticket that somebody edited meanwhile": {
      change: ({ repo }) => repo.write("tickets/closed/x.md", "status: closed # mine\n"),
      paths: ["tickets/closed/x.md"],
    },
  };
  test.each(Object.entries(collisions))(
    "is refused before anything changes by %s",
    async (_, { change, paths }) => {
      const world = await prepared();
      const { repo, base } = world;
      change(world);
      const index = readFileSync(join(repo.root, ".git/index"));
      const before = repo.git("status", "--porcelain", "-uall");
      const indexBefore = repo.git("ls-files", "-s");
      expect(await land(world.options)).toEqual({ kind: "collision", paths });
      expect(repo.head()).toBe(base);
      expect(repo.git("ls-files", "-s")).toBe(indexBefore);
      expect(repo.git("status", "--porcelain", "-uall")).toBe(before);
      expect(repo.read("other.txt")).toBe("1\n2\n3\n");
      expect(index.length).toBeGreaterThan(0);
    },
  );

  test("takes Nimrod's own files that are in the working folder already", async () => {
    const world = await prepared();
    const { repo } = world;
    rmSync(join(repo.root, "tickets/active/x.md"));
    repo.write("tickets/closed/x.md", "status: closed\n");
    repo.write(".nimrod/evidence/x/1.jsonl", "{}\n");
    expect(await land(world.options)).toEqual({ kind: "landed" });
    expectLanded(world);
    expect(repo.git("status", "--porcelain")).toBe("");
  });

  test("says moved when the operator committed, switched or is asked for another branch", async () => {
    const world = await prepared();
    expect(await land({ ...world.options, branch: "release" })).toEqual({ kind: "moved" });
    world.repo.git("commit", "-q", "--allow-empty", "-m", "Meanwhile");
    expect(await land(world.options)).toEqual({ kind: "moved" });
    expect(world.repo.git("status", "--porcelain")).toBe("");
  });

  test("works on a detached HEAD and in a linked worktree", async () => {
    const world = await prepared();
    const linked = join(world.repo.base, "linked");
    world.repo.git("worktree", "add", "-q", "--detach", linked, world.base);
    const operator = await openOperatorRepository(linked);
    expect(await land({ ...world.options, operator, branch: null })).toEqual({ kind: "landed" });
    expect(readFileSync(join(linked, "edit.txt"), "utf8")).toBe("new\n");
    expect((await operator.head()).commit).toBe(world.commit);
    expect(world.repo.git("-C", linked, "status", "--porcelain")).toBe("");
    expect(world.repo.head()).toBe(world.base);
  });

  const kills: Record<string, (world: Prepared) => void> = {
    "only some objects and a stale staging folder are there": ({ repo }) => {
      mkdirSync(join(repo.root, ".git/nimrod-landing/x"), { recursive: true });
      writeFileSync(join(repo.root, ".git/objects/pack/tmp_pack_dead"), "half");
    },
    "half of the files are written": ({ repo }) => {
      repo.write("edit.txt", "new\n");
      rmSync(join(repo.root, "gone.txt"));
    },
    "all files are written": ({ repo }) => {
      repo.write("edit.txt", "new\n");
      repo.write("new/file.txt", "added\n");
      rmSync(join(repo.root, "gone.txt"));
      rmSync(join(repo.root, "tickets/active/x.md"));
      repo.write("tickets/closed/x.md", "status: closed\n");
      repo.write(".nimrod/evidence/x/1.jsonl", "{}\n");
    },
    "files and index are written, the ref is not": ({ repo, options }) => {
      repo.write("edit.txt", "new\n");
      repo.write("new/file.txt", "added\n");
      rmSync(join(repo.root, "gone.txt"));
      rmSync(join(repo.root, "tickets/active"), { recursive: true });
      repo.write("tickets/closed/x.md", "status: closed\n");
      repo.write(".nimrod/evidence/x/1.jsonl", "{}\n");
      repo.git("add", "-A");
      expect(options.commit).not.toBe(repo.head());
    },
  };
  test.each(Object.entries(kills))("goes on to the same end when %s", async (_, kill) => {
    const world = await prepared();
    kill(world);
    expect(await land(world.options)).toEqual({ kind: "landed" });
    expectLanded(world);
    expect(world.repo.git("status", "--porcelain")).toBe("");
  });

  test("called again after it landed, changes nothing", async () => {
    const world = await prepared();
    expect(await land(world.options)).toEqual({ kind: "landed" });
    world.repo.write("edit.txt", "edited after landing\n");
    expect(await land(world.options)).toEqual({ kind: "landed" });
    expect(world.repo.read("edit.txt")).toBe("edited after landing\n");
    expectLanded({
      ...world,
      repo: { ...world.repo, read: (p) => (p === "edit.txt" ? "new\n" : world.repo.read(p)) },
    });
  });

  test("waits for nobody: an index that another git command holds is busy", async () => {
    const world = await prepared();
    world.repo.write(".git/index.lock", "");
    await expect(land(world.options)).rejects.toMatchObject({ code: "busy" });
    expect(world.repo.read("edit.txt")).toBe("old\n");
    rmSync(join(world.repo.root, ".git/index.lock"));
    expect(await land(world.options)).toEqual({ kind: "landed" });
  });

  test.each([
    ["at once", () => undefined],
    [
      "after a kill between files and index",
      ({ repo }: Prepared) => {
        rmSync(join(repo.root, "thing"));
        repo.write("thing/inside", "in\n");
        rmSync(join(repo.root, "dir"), { recursive: true });
        repo.write("dir", "a file now\n");
      },
    ],
  ])("turns a file into a folder and a folder into a file, %s", async (_, before) => {
    const world = await prepared(
      (worktree) => {
        rmSync(join(worktree, "thing"));
        mkdirSync(join(worktree, "thing"));
        writeFileSync(join(worktree, "thing/inside"), "in\n");
        rmSync(join(worktree, "dir"), { recursive: true });
        writeFileSync(join(worktree, "dir"), "a file now\n");
        symlinkSync("edit.txt", join(worktree, "link"));
        writeFileSync(join(worktree, "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
      },
      { thing: "file\n", "dir/a/b": "deep\n" },
    );
    before(world);
    expect(await land(world.options)).toEqual({ kind: "landed" });
    expectLanded(world);
    expect(world.repo.git("status", "--porcelain")).toBe("");
    expect(readdirSync(join(world.repo.root, "thing"))).toEqual(["inside"]);
    expect(world.repo.read("dir")).toBe("a file now\n");
  });

  test("writes line ends as the operator's configuration says", async () => {
    const world = await prepared();
    world.repo.git("config", "core.autocrlf", "true");
    world.repo.git("rm", "-q", "-r", "--cached", ".");
    world.repo.git("reset", "-q", "--hard");
    expect(await land(world.options)).toEqual({ kind: "landed" });
    expect(world.repo.read("edit.txt")).toBe("new\r\n");
    expect(world.repo.git("status", "--porcelain")).toBe("");
  });

  test("refuses files whose filter it would have to run, and lands others beside them", async () => {
    const filtered = await prepared(undefined, { ".gitattributes": "edit.txt filter=lfs\n" });
    filtered.repo.git("config", "filter.lfs.smudge", "false");
    await expect(land(filtered.options)).rejects.toMatchObject({
      code: "refused",
      lines: ["edit.txt: filter=lfs"],
    });
    expect(filtered.repo.git("status", "--porcelain")).toBe("");
    const beside = await prepared(undefined, {
      ".gitattributes": "*.psd filter=lfs\n",
      "big.psd": "pointer\n",
    });
    beside.repo.git("config", "filter.lfs.smudge", "false");
    expect(await land(beside.options)).toEqual({ kind: "landed" });
  });

  test("refuses a sparse checkout", async () => {
    const world = await prepared();
    world.repo.git("config", "core.sparseCheckout", "true");
    await expect(land(world.options)).rejects.toMatchObject({ code: "refused" });
  });
});

describe("reverting", () => {
  const message = "Roll back x";
  const files = [{ path: "tickets/closed/x.md", content: bytes("status: blocked\n") }];

  test("undoes the work and not Nimrod's records, on top of later commits and beside dirty files", async () => {
    const world = await prepared();
    await land(world.options);
    const { repo, operator } = world;
    repo.write("later.txt", "later\n");
    repo.git("add", "later.txt");
    repo.git("commit", "-qm", "Later");
    repo.write("other.txt", "dirty\n");
    await world.workspace.remove();
    const options = {
      operator,
      workspaceFolder: repo.stateFolder,
      landedCommit: world.commit,
      files,
      message,
      author,
    };
    const done = await revert(options);
    expect(done).toEqual({ kind: "reverted", commit: repo.head() });
    expect(repo.read("edit.txt")).toBe("old\n");
    expect(repo.read("gone.txt")).toBe("gone\n");
    expect(repo.read("later.txt")).toBe("later\n");
    expect(existsSync(join(repo.root, "new/file.txt"))).toBe(false);
    expect(repo.read("tickets/closed/x.md")).toBe("status: blocked\n");
    expect(repo.read(".nimrod/evidence/x/1.jsonl")).toBe("{}\n");
    expect(repo.git("status", "--porcelain")).toBe(" M other.txt\n");
    expect(repo.git("log", "-1", "--format=%s %an")).toBe("Roll back x Sara\n");
  });

  test("changes nothing on a conflict or a collision", async () => {
    const world = await prepared();
    await land(world.options);
    const { repo, operator } = world;
    const options = {
      operator,
      workspaceFolder: repo.stateFolder,
      landedCommit: world.commit,
      files,
      message,
      author,
    };
    repo.write("edit.txt", "dirty\n");
    expect(await revert(options)).toEqual({ kind: "collision", paths: ["edit.txt"] });
    expect(repo.head()).toBe(world.commit);
    repo.git("commit", "-qam", "Changed again");
    const head = repo.head();
    expect(await revert(options)).toEqual({ kind: "conflict", paths: ["edit.txt"] });
    expect(repo.head()).toBe(head);
    expect(repo.git("status", "--porcelain")).toBe("");
  });
});
