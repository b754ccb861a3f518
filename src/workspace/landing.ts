import { join } from "node:path";
import { NimrodError } from "../errors.ts";
import { readTextIfExists } from "../platform/files.ts";
import { ensureGitDir, withoutAttributes } from "./git-dir.ts";
import { mergeTrees } from "./merge.ts";
import {
  type GitPlace,
  git,
  nimrodPerson,
  type OperatorRepository,
  type Person,
  tryGit,
} from "./repository.ts";
import { switchTree } from "./switch-tree.ts";
import {
  type Blob,
  changedBlobs,
  commitTree,
  editTree,
  listTree,
  nimrodFolders,
  splitNul,
  treeWithoutNimrod,
  withTemporaryIndex,
  writeBlob,
} from "./trees.ts";

/** A file that Nimrod itself adds to a commit; null takes it out. */
export type OwnFile = { path: string; content: Uint8Array | null };

export type Landing = { kind: "landed" } | { kind: "moved" } | { kind: "collision"; paths: string[] };

/** Where commits are made: the ticket's git folder, whether or not its working folder still exists. */
type Store = { gitDir: string };

/**
 * The merge commit of a candidate onto `baseCommit`: the candidate's tree with Nimrod's own files laid
 * over it. Only objects in the ticket's git folder are written; nothing of the operator's is touched.
 */
export async function prepareLanding(options: {
  workspace: Store;
  baseCommit: string;
  candidate: string;
  files: readonly OwnFile[];
  message: string;
  author: Person;
}): Promise<{ commit: string }> {
  const { workspace, baseCommit, candidate, files, message, author } = options;
  const place = storeOf(workspace, author);
  const tree = await withOwnFiles(place, candidate, files);
  return { commit: await commitTree(place, { tree, parents: [baseCommit, candidate], message }) };
}

/**
 * Puts a prepared commit on the operator's branch: objects, working files, index, and last the ref. All
 * collisions are found before the first change. Killed anywhere, the same call goes on to the same end.
 *
 * `moved`: the operator is no longer on that branch at `baseCommit`. Throws `refused` for files whose
 * filter driver (git-lfs, git-crypt) Nimrod would have to run, `busy` when another git command holds the index.
 */
export async function land(options: {
  operator: OperatorRepository;
  workspace: Store;
  baseCommit: string;
  commit: string;
  /** The branch the operator has checked out; null for a detached HEAD. */
  branch: string | null;
}): Promise<Landing> {
  const { operator, workspace, baseCommit, commit, branch } = options;
  const head = await operator.head();
  if (head.branch !== branch || (head.commit !== baseCommit && head.commit !== commit))
    return { kind: "moved" };

  const place = await operatorFilesPlace({ operator, workspace });
  await refuseFilters({ operator, place, from: baseCommit, to: commit });
  await copyObjects({ operator, workspace, baseCommit, commit });
  // In the operator's git folder: on the file system of the working files, so that each can be put in place at once.
  const staging = join(operator.place.gitDir, "nimrod-landing");
  const switched = await switchTree(place, { from: baseCommit, to: commit, staging });
  if (switched.kind === "collision") return switched;
  if (head.commit === commit) return { kind: "landed" };

  if (await moveRef({ operator, branch, from: baseCommit, to: commit })) return { kind: "landed" };
  // Somebody committed in this second: their commit stands, and our files go back out.
  await switchTree(place, { from: commit, to: baseCommit, staging });
  return { kind: "moved" };
}

/**
 * Undoes a landed merge by a new commit on the operator's HEAD, as `git revert -m 1` would, without hooks.
 * What Nimrod itself writes is not reverted: those folders stay as they are, with `files` laid over them.
 */
export async function revert(options: {
  operator: OperatorRepository;
  /** State folder of the ticket. */
  workspaceFolder: string;
  landedCommit: string;
  files: readonly OwnFile[];
  message: string;
  author: Person;
}): Promise<
  | { kind: "reverted"; commit: string }
  | { kind: "conflict"; paths: string[] }
  | { kind: "collision"; paths: string[] }
> {
  const { operator, workspaceFolder, landedCommit, files, message, author } = options;
  const workspace: Store = { gitDir: join(workspaceFolder, "git") };
  // The git folder may have been made on another machine, or cleaned away: objects come from the operator's.
  await ensureGitDir(workspace.gitDir, {
    objectFormat: operator.objectFormat,
    alternates: operator.objectFolders,
    head: await currentHead(workspace.gitDir),
  });
  const place = storeOf(workspace, author);
  const { branch, commit: head } = await operator.head();
  const merge = await mergeTrees(place, {
    base: await treeWithoutNimrod(place, landedCommit),
    ours: await treeWithoutNimrod(place, head),
    theirs: await treeWithoutNimrod(place, `${landedCommit}^1`),
  });
  if (merge.kind === "conflict") return merge;
  const own = await listTree(place, head, nimrodFolders);
  const tree = await withOwnFiles(place, await editTree(place, merge.tree, own), files);
  const commit = await commitTree(place, { tree, parents: [head], message });
  const landing = await land({ operator, workspace, baseCommit: head, commit, branch });
  if (landing.kind === "moved") {
    throw new NimrodError(
      "conflict",
      `${operator.root}: HEAD moved while the revert was made; nothing was changed`,
    );
  }
  return landing.kind === "landed" ? { kind: "reverted", commit } : landing;
}

// --- parts ---------------------------------------------------------------------------------------

function storeOf({ gitDir }: Store, author: Person): GitPlace {
  return { ...withoutAttributes(gitDir), identity: { author, committer: nimrodPerson } };
}

async function withOwnFiles(place: GitPlace, tree: string, files: readonly OwnFile[]): Promise<string> {
  const present = await listTree(
    place,
    tree,
    files.map((file) => file.path),
  );
  const edits = new Map<string, Blob | null>();
  for (const { path, content } of files) {
    const mode = present.get(path)?.mode ?? "100644";
    edits.set(path, content === null ? null : { mode, oid: await writeBlob(place, content) });
  }
  return await editTree(place, tree, edits);
}

/**
 * The operator's working files and index under Nimrod's git folder: their configuration with its filters,
 * drivers and hooks is out of reach. Only what decides how a file's bytes look is taken over.
 */
async function operatorFilesPlace(options: {
  operator: OperatorRepository;
  workspace: Store;
}): Promise<GitPlace & { indexFile: string }> {
  const { operator, workspace } = options;
  const values = await operator.config(
    "^(core\\.(autocrlf|eol|safecrlf|filemode|symlinks|ignorecase|precomposeunicode|sparsecheckout|splitindex)|index\\.sparse)$",
  );
  for (const name of ["core.sparsecheckout", "core.splitindex", "index.sparse"]) {
    if (values.get(name) !== undefined && values.get(name) !== "false") {
      throw new NimrodError("refused", `${operator.root} uses ${name}, which landing does not support yet`, {
        hint: `git -C ${operator.root} config --unset ${name}`,
      });
    }
    values.delete(name);
  }
  return {
    gitDir: workspace.gitDir,
    workTree: operator.root,
    indexFile: join(operator.place.gitDir, "index"),
    settings: [
      ...[...values].map(([name, value]) => `${name}=${value}`),
      `core.attributesFile=${join(operator.gitDir, "info", "attributes")}`,
    ],
  };
}

async function refuseFilters(options: {
  operator: OperatorRepository;
  place: GitPlace & { indexFile: string };
  from: string;
  to: string;
}): Promise<void> {
  const { operator, place, from, to } = options;
  const values = await operator.config("^filter\\..*\\.(clean|smudge|process)$");
  const drivers = new Set([...values.keys()].map((name) => name.split(".").slice(1, -1).join(".")));
  if (drivers.size === 0) return;
  const paths = (await changedBlobs(place, from, to)).map(({ path }) => path);
  const found = new Set<string>();
  // The attributes of both sides count: the old filter made the present file, the new one would make the next.
  for (const tree of [from, to]) {
    await withTemporaryIndex(place, async (temporary) => {
      await git(temporary, ["read-tree", "--end-of-options", tree]);
      const input = paths.map((path) => `${path}\0`).join("");
      const fields = splitNul(
        await git(temporary, ["check-attr", "--cached", "-z", "--stdin", "filter"], input),
      );
      for (let i = 0; i + 2 < fields.length; i += 3) {
        if (drivers.has(fields[i + 2] ?? "")) found.add(`${fields[i]}: filter=${fields[i + 2]}`);
      }
    });
  }
  if (found.size === 0) return;
  throw new NimrodError(
    "refused",
    "files with a configured filter driver cannot be landed: Nimrod runs no filters",
    {
      lines: [...found].sort(),
    },
  );
}

/**
 * Writes the new objects as one pack straight into the operator's object folder. Not `git fetch`: that
 * would run under the operator's configuration (rewritten addresses, hooks, automatic maintenance).
 */
async function copyObjects(options: {
  operator: OperatorRepository;
  workspace: Store;
  baseCommit: string;
  commit: string;
}): Promise<void> {
  const { operator, workspace, baseCommit, commit } = options;
  if ((await tryGit(operator.place, ["cat-file", "-e", `${commit}^{commit}`])).code === 0) return;
  const objects = join(operator.gitDir, "objects");
  const place = { ...withoutAttributes(workspace.gitDir), objects };
  await git(
    place,
    ["pack-objects", "--revs", "--quiet", join(objects, "pack", "pack")],
    `${commit}\n^${baseCommit}\n`,
  );
}

/** Compare and swap; false when the ref is no longer at `from`. Reference hooks do not run. */
async function moveRef(options: {
  operator: OperatorRepository;
  branch: string | null;
  from: string;
  to: string;
}): Promise<boolean> {
  const { operator, branch, from, to } = options;
  const place = { ...operator.place, identity: { author: nimrodPerson, committer: nimrodPerson } };
  const ref = branch === null ? ["--no-deref", "HEAD"] : [`refs/heads/${branch}`];
  const result = await tryGit(place, ["update-ref", "-m", "nimrod: land", ...ref, to, from]);
  if (result.code === 0) return true;
  const now = await operator.head();
  if (now.commit !== from) return false;
  throw new NimrodError("failed", `git update-ref: ${result.stderr.trim()}`);
}

async function currentHead(gitDir: string): Promise<string> {
  return (await readTextIfExists(join(gitDir, "HEAD")))?.trim() ?? "ref: refs/heads/nimrod";
}
