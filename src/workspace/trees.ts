import { join } from "node:path";
import { NimrodError } from "../errors.ts";
import { systemClock, ulid } from "../platform/clock.ts";
import { removeTree } from "../platform/files.ts";
import { type GitPlace, git } from "./repository.ts";

/** What Nimrod itself writes: outside the hash that verdicts are bound to. */
export const nimrodFolders = ["tickets", "docs/changes", ".nimrod/evidence"] as const;

/** `T`: the kind changed (file, link, submodule). Modes as git writes them, `000000` for "not there". */
export type PathChange = {
  path: string;
  status: "A" | "M" | "D" | "T";
  oldMode: string;
  newMode: string;
};

export type Blob = { mode: string; oid: string };
export type BlobChange = PathChange & { from: Blob | null; to: Blob | null };

/** Without rename detection: a renamed file is a D and an A. */
export async function changedPaths(place: GitPlace, from: string, to: string): Promise<PathChange[]> {
  return (await changedBlobs(place, from, to)).map(({ path, status, oldMode, newMode }) => ({
    path,
    status,
    oldMode,
    newMode,
  }));
}

export async function changedBlobs(place: GitPlace, from: string, to: string): Promise<BlobChange[]> {
  const args = ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--ignore-submodules=none"];
  const fields = splitNul(await git(place, [...args, "--end-of-options", from, to]));
  const changes: BlobChange[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const match = /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) ([AMDT])$/.exec(fields[i] ?? "");
    const path = fields[i + 1];
    if (match === null || path === undefined) throw new Error(`diff-tree said ${JSON.stringify(fields[i])}`);
    const [, oldMode = "", newMode = "", oldOid = "", newOid = "", status = ""] = match;
    if (status !== "A" && status !== "M" && status !== "D" && status !== "T") continue;
    changes.push({
      path,
      status,
      oldMode,
      newMode,
      from: status === "A" ? null : { mode: oldMode, oid: oldOid },
      to: status === "D" ? null : { mode: newMode, oid: newOid },
    });
  }
  return changes;
}

/** Every file of a tree below these folders (all without any). */
export async function listTree(
  place: GitPlace,
  tree: string,
  folders: readonly string[] = [],
): Promise<Map<string, Blob>> {
  const args = ["ls-tree", "-r", "-z", "--full-tree", "--end-of-options", tree];
  const fields = splitNul(await git(place, folders.length === 0 ? args : [...args, "--", ...folders]));
  return new Map(
    fields.map((field): [string, Blob] => {
      const match = /^(\d{6}) \w+ ([0-9a-f]+)\t(.+)$/s.exec(field);
      if (match === null) throw new Error(`ls-tree said ${JSON.stringify(field)}`);
      return [match[3] ?? "", { mode: match[1] ?? "", oid: match[2] ?? "" }];
    }),
  );
}

/** The tree id of `tree` with some paths replaced (null: taken out). Needs no working files. */
export async function editTree(
  place: GitPlace,
  tree: string,
  edits: ReadonlyMap<string, Blob | null>,
): Promise<string> {
  return await withTemporaryIndex(place, async (temporary) => {
    await git(temporary, ["read-tree", "--end-of-options", tree]);
    await updateIndex(temporary, edits);
    return (await git(temporary, ["write-tree"])).trim();
  });
}

/** The tree without what Nimrod itself writes. */
export async function treeWithoutNimrod(place: GitPlace, tree: string): Promise<string> {
  const own = await listTree(place, tree, nimrodFolders);
  return await editTree(place, tree, new Map([...own.keys()].map((path) => [path, null])));
}

/** Sets entries of the place's index by name, whatever the working files are. */
export async function updateIndex(place: GitPlace, edits: ReadonlyMap<string, Blob | null>): Promise<void> {
  if (edits.size === 0) return;
  const lines = [...edits].map(([path, blob]) =>
    blob === null ? `0 ${"0".repeat(40)}\t${path}\0` : `${blob.mode} ${blob.oid}\t${path}\0`,
  );
  // Removals first: a file may become a folder of the same name.
  const ordered = [
    ...lines.filter((line) => line.startsWith("0 ")),
    ...lines.filter((line) => !line.startsWith("0 ")),
  ];
  await git(place, ["update-index", "-z", "--index-info"], ordered.join(""));
}

export async function writeBlob(place: GitPlace, content: Uint8Array): Promise<string> {
  return (await git(place, ["hash-object", "-w", "-t", "blob", "--stdin"], content)).trim();
}

/** A commit object; no ref moves, no hook runs, nothing is signed. */
export async function commitTree(
  place: GitPlace,
  { tree, parents, message }: { tree: string; parents: readonly string[]; message: string },
): Promise<string> {
  const args = ["commit-tree", ...parents.flatMap((parent) => ["-p", parent]), "-F", "-", tree];
  return (await git(place, args, message.endsWith("\n") ? message : `${message}\n`)).trim();
}

export async function withTemporaryIndex<T>(
  place: GitPlace,
  use: (temporary: GitPlace & { indexFile: string }) => Promise<T>,
): Promise<T> {
  const indexFile = join(place.gitDir, `nimrod-${ulid(systemClock)}.index`);
  try {
    return await use({ ...place, indexFile });
  } finally {
    await removeTree(indexFile);
    await removeTree(`${indexFile}.lock`);
  }
}

/** Throws `failed` on a name that is no UTF-8: it could not be named again without being another one. */
export function splitNul(output: string): string[] {
  if (output.includes("\uFFFD")) {
    const name = output.split("\0").find((each) => each.includes("\uFFFD")) ?? "";
    throw new NimrodError("failed", `a file name is not valid UTF-8: ${JSON.stringify(name)}`);
  }
  return output.split("\0").filter((field) => field !== "");
}
