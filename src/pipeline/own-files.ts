import { join } from "node:path";
import { listFolder, readFileBounded } from "../platform/files.ts";
import type { OwnFile } from "../workspace/landing.ts";
import { nimrodFolders } from "../workspace/trees.ts";

/** What Nimrod writes itself: outside the candidate and its tree hash, added to the commits that land or revert. */
export function isNimrodsOwn(path: string): boolean {
  return nimrodFolders.some((folder) => path.startsWith(`${folder}/`));
}

export async function readOwnFiles(root: string, paths: readonly string[]): Promise<OwnFile[]> {
  return Promise.all(
    paths.map(async (path) => ({
      path,
      content: await readFileBounded(join(root, path), { maxBytes: maxOwnBytes }),
    })),
  );
}

/** The regular files directly in a folder; what editors and writers leave there in dot files is not ours to commit. */
export async function readOwnFolder(root: string, folder: string): Promise<OwnFile[]> {
  const entries = await listFolder(join(root, folder));
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith("."));
  return readOwnFiles(
    root,
    files.map((entry) => `${folder}/${entry.name}`),
  );
}

/** A segment of evidence may be as large as this; see evidence/chain.ts. */
const maxOwnBytes = 256 * 1024 * 1024;
