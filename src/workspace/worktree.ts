import { lstatSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { NimrodError } from "../errors.ts";
import { systemClock, ulid } from "../platform/clock.ts";
import { sha256 } from "../platform/digest.ts";
import { ensureFolder, readTextIfExists, removeTree, writeAtomic } from "../platform/files.ts";
import { ensureGitDir, pinnedConfig, withoutAttributes } from "./git-dir.ts";
import { mergeCommits } from "./merge.ts";
import { type GitPlace, git, gitBlob, nimrodPerson, type OperatorRepository, tryGit } from "./repository.ts";
import { type Dirt, findDirt, snapshotAll, stageAll } from "./snapshot.ts";
import { switchTree } from "./switch-tree.ts";
import { changedPaths, commitTree, type PathChange, splitNul, treeWithoutNimrod } from "./trees.ts";

/** A ticket's own working folder with a git folder that only Nimrod writes. No `.git` file leads from one to the other. */
export type Workspace = {
  path: string;
  gitDir: string;
  place: GitPlace & { indexFile: string };
  /** Further object folders that git needs to read this history: shown read-only in a sandbox, beside `gitDir`. */
  objectFolders: string[];
  branch: string;
  /** The commit it was started from. */
  base: string;
  /** For read-only git inside the sandbox. */
  gitEnv: Record<string, string>;
  head(): Promise<string>;
  /** Throws `failed` with what moved: git folder, branch, head, inode, a `.git` that appeared. */
  check(): Promise<void>;
  dirtyPaths(): Promise<string[]>;
  /** Commits everything as Nimrod; null when nothing changed. */
  commitAll(options: { message: string }): Promise<string | null>;
  changedPaths(from: string, to: string): Promise<PathChange[]>;
  /** A unified diff that no attribute or configuration of the repository can alter or hide. */
  diff(from: string, to: string): Promise<string>;
  readAt(commit: string, path: string): Promise<Uint8Array | null>;
  /** Tree id without `tickets/`, `docs/changes/` and `.nimrod/evidence/`: what verdicts are bound to. */
  treeHash(commit: string): Promise<string>;
  /** Everything uncommitted, ignored files too, under `refs/nimrod/salvage/<label>`; null when clean. */
  salvage(label: string): Promise<{ ref: string; commit: string } | null>;
  /** Salvages, then makes branch and files exactly `commit` (ignored files stay). */
  resetTo(commit: string): Promise<void>;
  /** Salvages, then leaves nothing but the branch's own files: ignored ones go too. For what runs on the host. */
  makePristine(): Promise<void>;
  /** Brings another commit into the branch. On a conflict nothing is changed. */
  mergeBase(
    commit: string,
  ): Promise<
    { kind: "current" } | { kind: "merged"; commit: string } | { kind: "conflict"; paths: string[] }
  >;
  /** Salvages, then removes the working folder. Commits and salvaged work stay in the git folder. */
  remove(): Promise<void>;
};

const markerSchema = z.object({
  version: z.literal(1),
  branch: z.string(),
  base: z.string(),
  worktreeInode: z.number(),
  gitInode: z.number(),
  configSha256: z.string(),
  /** Where the branch may be: its commit, and the one it was being moved to. */
  heads: z.array(z.string()),
});
type Marker = z.infer<typeof markerSchema>;

/** Whether `createWorkspace` has finished in this folder. */
export async function hasWorkspace(folder: string): Promise<boolean> {
  return (await readTextIfExists(layout(folder).markerFile)) !== null;
}

/** Makes `<folder>/git` (or takes it up again) and a fresh `<folder>/worktree` at `base` on `branch`. */
export async function createWorkspace(options: {
  operator: OperatorRepository;
  /** State folder of the ticket. */
  folder: string;
  branch: string;
  base: string;
}): Promise<Workspace> {
  const { operator, folder, branch, base } = options;
  const { gitDir, path, markerFile } = layout(folder);
  if ((await readTextIfExists(markerFile)) !== null) {
    throw new NimrodError("failed", `${folder} holds the workspace of this ticket already`, {
      where: folder,
    });
  }
  await ensureGitDir(gitDir, {
    objectFormat: operator.objectFormat,
    alternates: operator.objectFolders,
    head: `ref: refs/heads/${branch}`,
  });
  // Without a marker no pass has run here: what lies in the folder is a start that was cut off.
  await removeTree(path);
  await ensureFolder(path, { mode: 0o755 });
  const place = placeOf(folder);
  await removeTree(place.indexFile);

  const before = await tryGit(place, ["rev-parse", "--verify", "--quiet", `refs/heads/${branch}`]);
  if (before.code === 0 && before.stdout.trim() !== base) {
    await git(place, ["update-ref", `refs/nimrod/salvage/before-${ulid(systemClock)}`, before.stdout.trim()]);
  }
  await git(place, ["update-ref", `refs/heads/${branch}`, base]);
  await git(place, ["read-tree", "--reset", "-u", "--end-of-options", base]);
  await writeMarker(markerFile, {
    version: 1,
    branch,
    base,
    worktreeInode: lstatSync(path).ino,
    gitInode: lstatSync(gitDir).ino,
    configSha256: sha256(pinnedConfig(operator.objectFormat)),
    heads: [base],
  });
  return await openWorkspace({ operator, folder, branch });
}

/** Opens a workspace that `createWorkspace` made. Throws `failed` when it is not the one that was made. */
export async function openWorkspace(options: {
  operator: OperatorRepository;
  folder: string;
  branch: string;
}): Promise<Workspace> {
  const { operator, folder, branch } = options;
  const { gitDir, path, markerFile } = layout(folder);
  const marker = await readMarker(markerFile);
  if (marker.branch !== branch) {
    throw new NimrodError("failed", `${folder} is on ${marker.branch}; expected ${branch}`, {
      where: folder,
    });
  }
  const place = placeOf(folder);
  const workspace: Workspace = {
    path,
    gitDir,
    place,
    objectFolders: operator.objectFolders,
    branch,
    base: marker.base,
    gitEnv: {
      GIT_DIR: gitDir,
      GIT_WORK_TREE: path,
      GIT_OPTIONAL_LOCKS: "0",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
    },
    head: async () => (await git(place, ["rev-parse", "--verify", `refs/heads/${branch}^{commit}`])).trim(),
    check: () => checkWorkspace({ folder, branch }),
    async dirtyPaths() {
      const dirt = await findDirt(place, await workspace.head());
      return [...dirt.paths, ...dirt.nested].sort();
    },
    async commitAll({ message }) {
      const before = await git(place, [
        "rev-parse",
        `refs/heads/${branch}^{commit}`,
        `refs/heads/${branch}^{tree}`,
      ]);
      const [head = "", treeBefore] = before.split("\n");
      const tree = await stageAll(place, await findDirt(place, head));
      if (tree === treeBefore) return null;
      const commit = await commitTree(place, { tree, parents: [head], message });
      await moveBranch({ folder, branch, from: head, to: commit });
      return commit;
    },
    changedPaths: (from, to) => changedPaths(place, from, to),
    async diff(from, to) {
      // `*.js -diff` in a .gitattributes would show a change as "binary files differ": attributes are left out.
      const bare = { ...place, ...withoutAttributes(gitDir) };
      const form = [
        "-r",
        "-p",
        "--no-renames",
        "--no-ext-diff",
        "--no-textconv",
        "--no-color",
        "--no-relative",
      ];
      const names = ["--full-index", "--submodule=short", "--src-prefix=a/", "--dst-prefix=b/"];
      return await git(bare, ["diff-tree", ...form, ...names, "--end-of-options", from, to]);
    },
    async readAt(commit, file) {
      const tree = (
        await git(place, ["rev-parse", "--verify", "--end-of-options", `${commit}^{tree}`])
      ).trim();
      // `./x` and `../x` would be looked up from the current folder.
      return /^\.\.?(\/|$)/.test(file) ? null : await gitBlob(place, `${tree}:${file}`);
    },
    treeHash: (commit) => treeWithoutNimrod(place, commit),
    async salvage(label) {
      const head = await workspace.head();
      const dirt = await findDirt(place, head);
      return await salvageDirt(place, { label, head, dirt });
    },
    async resetTo(commit) {
      const head = await workspace.head();
      const label = `reset-${ulid(systemClock)}`;
      const dirt = await findDirt(place, head);
      const saved = await salvageDirt(place, { label, head, dirt });
      // Commits that no branch leads to any more are work as well.
      if (saved === null && head !== commit) await git(place, ["update-ref", salvageRef(label), head]);
      await git(place, ["read-tree", "--reset", "-u", "--end-of-options", commit]);
      if (head !== commit) await moveBranch({ folder, branch, from: head, to: commit });
      const rest = await findDirt(place, commit);
      for (const file of [...rest.paths, ...rest.nested]) await removeTree(join(path, file));
      await git(place, ["checkout-index", "--all", "--force"]);
    },
    async makePristine() {
      if ((await workspace.dirtyPaths()).length > 0) await workspace.resetTo(await workspace.head());
      const ignored = splitNul(await git(place, ["ls-files", "-z", "--others"]));
      if (ignored.length > 0) await workspace.salvage(`ignored-${ulid(systemClock)}`);
      for (const file of ignored) await removeTree(join(path, file));
    },
    mergeBase: (commit) => mergeInto({ workspace, folder, commit }),
    async remove() {
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
        await workspace.salvage(`removed-${ulid(systemClock)}`);
        await removeTree(path);
      }
      await removeTree(markerFile);
    },
  };
  await workspace.check();
  return workspace;
}

// --- parts ---------------------------------------------------------------------------------------

function layout(folder: string): { gitDir: string; path: string; markerFile: string } {
  return {
    gitDir: join(folder, "git"),
    path: join(folder, "worktree"),
    markerFile: join(folder, "workspace.json"),
  };
}

function placeOf(folder: string): GitPlace & { indexFile: string } {
  const { gitDir, path } = layout(folder);
  const identity = { author: nimrodPerson, committer: nimrodPerson };
  return { gitDir, workTree: path, indexFile: join(gitDir, "index"), identity };
}

async function checkWorkspace({ folder, branch }: { folder: string; branch: string }): Promise<void> {
  const { gitDir, path, markerFile } = layout(folder);
  const marker = await readMarker(markerFile);
  const moved = (what: string): NimrodError =>
    new NimrodError("failed", `the workspace is not the one Nimrod made: ${what}`, { where: folder });

  for (const [name, at, inode] of [
    ["its working folder", path, marker.worktreeInode],
    ["its git folder", gitDir, marker.gitInode],
  ] as const) {
    const found = lstatSync(at, { throwIfNoEntry: false });
    if (found === undefined) throw moved(`${name} ${at} is gone`);
    if (!found.isDirectory() || found.ino !== inode) throw moved(`${name} ${at} was replaced`);
  }
  if (lstatSync(join(path, ".git"), { throwIfNoEntry: false }) !== undefined) {
    throw moved(`${join(path, ".git")} appeared`);
  }
  const config = await readTextIfExists(join(gitDir, "config"));
  if (config === null || sha256(config) !== marker.configSha256) throw moved(`${gitDir}/config was changed`);
  const head = await readTextIfExists(join(gitDir, "HEAD"));
  if (head !== `ref: refs/heads/${branch}\n`)
    throw moved(`HEAD is ${JSON.stringify(head)}; expected ${branch}`);
  const commit = await git(placeOf(folder), ["rev-parse", "--verify", `refs/heads/${branch}^{commit}`]);
  if (!marker.heads.includes(commit.trim()))
    throw moved(`${branch} is at ${commit.trim()}, where Nimrod did not put it`);
}

/** The marker names the new commit before the branch goes there: a kill between the two is no alarm. */
async function moveBranch(move: { folder: string; branch: string; from: string; to: string }): Promise<void> {
  const { markerFile } = layout(move.folder);
  const marker = await readMarker(markerFile);
  await writeMarker(markerFile, { ...marker, heads: [move.from, move.to] });
  await git(placeOf(move.folder), ["update-ref", `refs/heads/${move.branch}`, move.to, move.from]);
}

async function salvageDirt(
  place: GitPlace & { indexFile: string },
  { label, head, dirt }: { label: string; head: string; dirt: Dirt },
): Promise<{ ref: string; commit: string } | null> {
  const { tree, left } = await snapshotAll(place, dirt);
  if (tree === (await treeOf(place, head))) return null;
  const note = left.length === 0 ? "" : `\n\nToo large to keep:\n${left.join("\n")}`;
  const commit = await commitTree(place, { tree, parents: [head], message: `Salvage: ${label}${note}` });
  const taken = await tryGit(place, ["rev-parse", "--verify", "--quiet", salvageRef(label)]);
  const ref = taken.code === 0 ? salvageRef(`${label}-${ulid(systemClock)}`) : salvageRef(label);
  await git(place, ["update-ref", ref, commit, "0".repeat(commit.length)]);
  return { ref, commit };
}

function salvageRef(label: string): string {
  return `refs/nimrod/salvage/${label.replaceAll(/[^A-Za-z0-9_-]+/g, "-")}`;
}

async function mergeInto(options: {
  workspace: Workspace;
  folder: string;
  commit: string;
}): Promise<
  { kind: "current" } | { kind: "merged"; commit: string } | { kind: "conflict"; paths: string[] }
> {
  const { workspace, folder, commit } = options;
  const { place, branch } = workspace;
  const head = await workspace.head();
  if ((await tryGit(place, ["merge-base", "--is-ancestor", commit, head])).code === 0)
    return { kind: "current" };
  const merge = await mergeCommits(place, head, commit);
  if (merge.kind === "conflict") return merge;
  // Files first, then the branch. Cut off between, the next call finds the files as it wants them.
  const staging = join(folder, "staging");
  const switched = await switchTree(place, { from: head, to: merge.tree, staging });
  if (switched.kind === "collision") {
    throw new NimrodError("failed", `uncommitted changes in ${workspace.path} are in the way of the merge`, {
      lines: switched.paths,
    });
  }
  const message = `Merge ${commit.slice(0, 12)} into ${branch}`;
  const merged = await commitTree(place, { tree: merge.tree, parents: [head, commit], message });
  await moveBranch({ folder, branch, from: head, to: merged });
  return { kind: "merged", commit: merged };
}

async function treeOf(place: GitPlace, commit: string): Promise<string> {
  return (await git(place, ["rev-parse", "--verify", `${commit}^{tree}`])).trim();
}

async function readMarker(file: string): Promise<Marker> {
  const text = await readTextIfExists(file);
  if (text === null)
    throw new NimrodError("failed", `${file} is gone: this ticket has no workspace`, { where: file });
  try {
    return markerSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new NimrodError("broken", `${file} is not a workspace marker`, { where: file, cause });
  }
}

async function writeMarker(file: string, marker: Marker): Promise<void> {
  await writeAtomic(file, `${JSON.stringify(marker, null, 2)}\n`, { mode: 0o600 });
}
