import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { NimrodError } from "../errors.ts";
import {
  ensureFolder,
  readFileBounded,
  removeEmptyParents,
  removeTree,
  replaceWith,
  writeAtomic,
} from "../platform/files.ts";
import { type GitPlace, git, tryGit } from "./repository.ts";
import {
  type Blob,
  type BlobChange,
  changedBlobs,
  splitNul,
  updateIndex,
  withTemporaryIndex,
} from "./trees.ts";

export type SwitchOutcome = { kind: "switched" } | { kind: "collision"; paths: string[] };

/** What is at a path in the working folder: nothing, the file of the index, the file of the new tree, or else. */
type WorkingState = "absent" | "as-index" | "as-new" | "other";

export type SwitchFacts = {
  from: Blob | null;
  to: Blob | null;
  /** `apart`: in a state that only its owner understands (unmerged, skipped, assumed unchanged). */
  index: Blob | null | "apart";
  working: WorkingState;
};

export type SwitchStep = "nothing" | "index-only" | "write" | "delete" | "collision";

/**
 * What to do at one changed path. Somebody's own change there, staged or not, is a collision; what an
 * interrupted switch already did is not.
 */
export function decideSwitch({ from, to, index, working }: SwitchFacts): SwitchStep {
  if (index === "apart") return "collision";
  // The index is written last: where it is new already, the file is, or was changed by its owner since.
  if (same(index, to)) return "nothing";
  if (!same(index, from)) return "collision";
  if (isSubmodule(from) || isSubmodule(to)) return "index-only";
  if (to === null) {
    if (working === "absent") return "index-only";
    return working === "as-index" ? "delete" : "collision";
  }
  if (working === "as-new") return "index-only";
  // A missing file that the old tree had was deleted by its owner: files are replaced in one go here.
  if (from === null) return working === "absent" ? "write" : "collision";
  return working === "as-index" ? "write" : "collision";
}

/**
 * Takes the place's working folder and index from one tree to another, touching nothing else: other
 * paths keep their staged and unstaged changes. All is decided before the first change; after a kill at
 * any point the same call ends in the same state.
 *
 * `place` must be a git folder of Nimrod's (its working folder and index may be the operator's).
 * `staging` is a folder of its own, best on the working folder's file system; it is emptied.
 */
export async function switchTree(
  place: GitPlace & { indexFile: string },
  { from, to, staging }: { from: string; to: string; staging: string },
): Promise<SwitchOutcome> {
  const changes = await changedBlobs(place, from, to);
  if (changes.length === 0) return { kind: "switched" };
  if (lstatSync(`${place.indexFile}.lock`, { throwIfNoEntry: false }) !== undefined) {
    throw new NimrodError(
      "busy",
      `${place.indexFile}.lock exists: another git command is at work, or one was killed`,
      {
        hint: `rm ${place.indexFile}.lock   # only when no git command runs`,
      },
    );
  }
  await removeTree(staging);
  await ensureFolder(staging, { mode: 0o700 });
  try {
    await stage(place, { to, changes, staging });
    const steps = await decideAll(place, { changes, staging });
    const collisions = steps.filter(({ step }) => step === "collision").map(({ change }) => change.path);
    if (collisions.length > 0) return { kind: "collision", paths: collisions };
    await apply(place.workTree, { steps, staging });
    await updateIndex(
      place,
      new Map(steps.filter(({ step }) => step !== "nothing").map(({ change }) => [change.path, change.to])),
    );
    // So that the next `git status` need not read the files again. Exit 1 only says that some are dirty.
    await tryGit(place, ["update-index", "-q", "--refresh"]);
    return { kind: "switched" };
  } finally {
    await removeTree(staging);
  }
}

type Step = { change: BlobChange; step: SwitchStep };

/** The new files as a checkout would make them (line ends by the attributes of the new tree), under `staging`. */
async function stage(
  place: GitPlace,
  { to, changes, staging }: { to: string; changes: BlobChange[]; staging: string },
): Promise<void> {
  const files = changes.filter((change) => change.to !== null && !isSubmodule(change.to));
  await withTemporaryIndex(place, async (temporary) => {
    await git(temporary, ["read-tree", "--end-of-options", to]);
    const names = files.map(({ path }) => `${path}\0`).join("");
    await git({ ...temporary, workTree: staging }, ["checkout-index", "-z", "--stdin"], names);
  });
}

async function decideAll(
  place: GitPlace & { indexFile: string },
  { changes, staging }: { changes: BlobChange[]; staging: string },
): Promise<Step[]> {
  const index = await readIndex(place);
  const dirty = await dirtyAgainstIndex(place);
  const changed = new Set(changes.map((change) => change.path));
  const steps: Step[] = [];
  for (const change of changes) {
    const { path } = change;
    const entry = index.get(path) ?? null;
    const kind = kindAt(place.workTree, path, changed);
    let working: WorkingState = kind === "absent" ? "absent" : "other";
    if (kind === "file") {
      const isNew = change.to !== null && (await isSameFile(join(place.workTree, path), join(staging, path)));
      if (isNew) working = "as-new";
      else if (entry !== null && entry !== "apart" && !dirty.has(path)) working = "as-index";
    }
    steps.push({ change, step: decideSwitch({ from: change.from, to: change.to, index: entry, working }) });
  }
  return steps;
}

async function apply(root: string, { steps, staging }: { steps: Step[]; staging: string }): Promise<void> {
  for (const { change, step } of steps) {
    if (change.to !== null || step === "nothing" || isSubmodule(change.from)) continue;
    if (step === "delete") await removeTree(join(root, change.path));
    await removeEmptyParents(join(root, change.path), root);
  }
  for (const { change, step } of steps) {
    if (step === "write") await replaceWith(join(staging, change.path), join(root, change.path));
    if (step === "index-only" && isSubmodule(change.to)) await ensureFolder(join(root, change.path));
  }
}

async function readIndex(place: GitPlace): Promise<Map<string, Blob | "apart">> {
  const entries = new Map<string, Blob | "apart">();
  for (const field of splitNul(await git(place, ["ls-files", "-z", "-v", "--stage"]))) {
    const match = /^(.) (\d{6}) ([0-9a-f]+) (\d)\t(.+)$/s.exec(field);
    if (match === null) throw new Error(`ls-files said ${JSON.stringify(field)}`);
    const [, tag, mode = "", oid = "", stageNumber, path = ""] = match;
    // S: not checked out on purpose. Lower case: the owner told git not to look at it.
    entries.set(path, tag === "H" && stageNumber === "0" ? { mode, oid } : "apart");
  }
  return entries;
}

/** Paths whose working file is not the index's. On a copy of the index: looking must not change it. */
async function dirtyAgainstIndex(place: GitPlace & { indexFile: string }): Promise<Set<string>> {
  if (lstatSync(place.indexFile, { throwIfNoEntry: false }) === undefined) return new Set();
  const bytes = await readFileBounded(place.indexFile, { maxBytes: 1024 * 1024 * 1024 });
  return await withTemporaryIndex(place, async (temporary) => {
    await writeAtomic(temporary.indexFile, bytes, { mode: 0o600 });
    await tryGit(temporary, ["update-index", "-q", "--refresh"]);
    return new Set(
      splitNul(await git(temporary, ["diff-files", "-z", "--name-only", "--ignore-submodules=all"])),
    );
  });
}

/** A folder holding only changed paths, or such a file above, is no obstacle: their own steps decide about them. */
function kindAt(root: string, path: string, changed: ReadonlySet<string>): "absent" | "file" | "other" {
  const parents: string[] = [];
  for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) parents.unshift(folder);
  for (const parent of parents) {
    const found = lstatSync(join(root, parent), { throwIfNoEntry: false });
    if (found === undefined) return "absent";
    // A link to a folder would lead the write out of the working folder.
    if (!found.isDirectory()) return changed.has(parent) ? "absent" : "other";
  }
  const found = lstatSync(join(root, path), { throwIfNoEntry: false });
  if (found === undefined) return "absent";
  if (found.isFile() || found.isSymbolicLink()) return "file";
  return found.isDirectory() && holdsOnly(root, path, changed) ? "absent" : "other";
}

function holdsOnly(root: string, folder: string, changed: ReadonlySet<string>): boolean {
  return readdirSync(join(root, folder), { withFileTypes: true }).every((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? holdsOnly(root, path, changed) : changed.has(path);
  });
}

async function isSameFile(present: string, wanted: string): Promise<boolean> {
  const [a, b] = [lstatSync(present), lstatSync(wanted, { throwIfNoEntry: false })];
  if (b === undefined) return false;
  if (a.isSymbolicLink() || b.isSymbolicLink()) {
    return a.isSymbolicLink() && b.isSymbolicLink() && readlinkSync(present) === readlinkSync(wanted);
  }
  if (a.size !== b.size || (a.mode & 0o100) !== (b.mode & 0o100)) return false;
  const maxBytes = Math.max(a.size, 1);
  const [left, right] = await Promise.all([
    readFileBounded(present, { maxBytes }),
    readFileBounded(wanted, { maxBytes }),
  ]);
  return Buffer.compare(left, right) === 0;
}

function same(a: Blob | null, b: Blob | null): boolean {
  return a === null || b === null ? a === b : a.mode === b.mode && a.oid === b.oid;
}

function isSubmodule(blob: Blob | null): boolean {
  return blob?.mode === "160000";
}
