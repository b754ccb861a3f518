import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { NimrodError } from "../errors.ts";
import { readFileBounded, writeAtomic } from "../platform/files.ts";
import { type GitPlace, git } from "./repository.ts";
import { splitNul, withTemporaryIndex } from "./trees.ts";

/** What the working folder holds beside the last commit. */
export type Dirt = {
  /** Changed, removed and new files that a commit would take. */
  paths: string[];
  /** Folders with a `.git` of their own; git would not look inside. With a trailing slash. */
  nested: string[];
};

// Never `git status`, `git add` or `git diff`: with a submodule they start git inside of it, under the
// configuration found there, which an agent may have written. `ls-files` and `update-index` start nothing.

/** Changes of the working folder and the index against `commit`. */
export async function findDirt(place: GitPlace, commit: string): Promise<Dirt> {
  const form = ["--cached", "--name-only", "-z", "--no-renames", "--end-of-options"];
  const [staged, listed] = await Promise.all([
    git(place, ["diff-index", ...form, commit]),
    git(place, [
      "ls-files",
      "-z",
      "-t",
      "--stage",
      "--modified",
      "--deleted",
      "--others",
      "--exclude-standard",
    ]),
  ]);
  const submodules = new Set<string>();
  const paths = new Set(splitNul(staged));
  const nested: string[] = [];
  for (const entry of splitNul(listed)) {
    // `? path` for what is not tracked; `H`, `C` or `R`, then `mode oid stage TAB path`: there, changed, removed.
    const path = entry.slice(entry.startsWith("? ") ? 2 : entry.indexOf("\t") + 1);
    if (entry.startsWith("? ") && path.endsWith("/")) nested.push(path);
    else if (!entry.startsWith("H ")) paths.add(path);
    if (/^\w 160000 /.test(entry)) submodules.add(path);
  }
  return { paths: [...paths].filter((path) => !submodules.has(path)).sort(), nested };
}

/** Takes all changes into the index and writes its tree. Throws `failed` for nested repositories. */
export async function stageAll(place: GitPlace, dirt: Dirt): Promise<string> {
  if (dirt.nested.length > 0) {
    throw new NimrodError(
      "failed",
      `${place.workTree} holds a git repository of its own; its files would be lost`,
      {
        lines: dirt.nested.map((path) => join(path, ".git")),
        hint: `rm -r ${join(place.workTree, dirt.nested[0] ?? "", ".git")}`,
      },
    );
  }
  await addPaths(place, dirt.paths);
  return (await git(place, ["write-tree"])).trim();
}

/** 20 MiB a file and 100 MiB in all: salvage is for work, not for caches. */
const salvageLimits = { file: 20 * 1024 * 1024, total: 100 * 1024 * 1024 };

/** Ignored folders that a tool makes anew on demand. */
const remade =
  /(^|\/)(node_modules|\.venv|venv|__pycache__|\.tox|\.mypy_cache|\.pytest_cache|\.gradle|\.cache)\//;

/**
 * A tree of everything in the working folder, also what is ignored or in nested repositories (without
 * their `.git`). `left` names what was too large. The place's index is not changed.
 */
export async function snapshotAll(
  place: GitPlace & { indexFile: string },
  dirt: Dirt,
): Promise<{ tree: string; left: string[] }> {
  const ignored = splitNul(
    await git(place, ["ls-files", "-z", "--others", "--ignored", "--exclude-standard"]),
  );
  const hidden = [...dirt.nested, ...ignored.filter((path) => !remade.test(path))].flatMap((path) =>
    path.endsWith("/") ? filesUnder(place.workTree, path.slice(0, -1)) : [path],
  );
  const left: string[] = [];
  let total = 0;
  const kept = hidden.filter((path) => {
    const size = lstatSync(join(place.workTree, path), { throwIfNoEntry: false })?.size ?? 0;
    if (size > salvageLimits.file || total + size > salvageLimits.total) {
      left.push(path);
      return false;
    }
    total += size;
    return true;
  });
  const index = await readFileBounded(place.indexFile, { maxBytes: 1024 * 1024 * 1024 });
  return await withTemporaryIndex(place, async (temporary) => {
    await writeAtomic(temporary.indexFile, index, { mode: 0o600 });
    await addPaths(temporary, [...dirt.paths, ...kept]);
    return { tree: (await git(temporary, ["write-tree"])).trim(), left };
  });
}

async function addPaths(place: GitPlace, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  // Removals before additions: a file may have become a folder of the same name.
  const gone = paths.filter((path) => !isThere(place.workTree, path));
  const there = paths.filter((path) => isThere(place.workTree, path));
  const named = (list: readonly string[]): string => list.map((path) => `${path}\0`).join("");
  if (gone.length > 0) await git(place, ["update-index", "-z", "--force-remove", "--stdin"], named(gone));
  if (there.length > 0)
    await git(place, ["update-index", "-z", "--add", "--replace", "--stdin"], named(there));
}

function isThere(root: string, path: string): boolean {
  try {
    return !lstatSync(join(root, path)).isDirectory();
  } catch {
    return false; // gone, or below what is a file now; git says so itself for anything else
  }
}

function filesUnder(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.name === ".git") return [];
    if (entry.isDirectory()) return filesUnder(root, path);
    return entry.isFile() || entry.isSymbolicLink() ? [path] : [];
  });
}
