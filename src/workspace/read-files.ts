import { type GitPlace, git, gitBlob } from "./repository.ts";
import { splitNul } from "./trees.ts";

/** Larger ones are not read at all: they are no text that somebody wrote. */
const largestBytes = 1024 * 1024;

/**
 * Those of `paths` that are regular files in a commit, in the order given, with their bytes. Links, submodules and
 * files over 1 MiB are left out: a link's "content" is a path that the repository chose.
 */
export async function readRegularFiles(
  place: GitPlace,
  commit: string,
  paths: readonly string[],
): Promise<{ path: string; bytes: Uint8Array }[]> {
  const options = ["-l", "-z", "--full-tree"];
  const rows = splitNul(
    await git(place, ["ls-tree", ...options, "--end-of-options", commit, "--", ...paths]),
  );
  const found = new Map<string, string>();
  for (const row of rows) {
    const [, object, size, path] = /^100(?:644|755) blob ([0-9a-f]+) +(\d+)\t(.+)$/s.exec(row) ?? [];
    if (object !== undefined && path !== undefined && Number(size) <= largestBytes) found.set(path, object);
  }
  const files: { path: string; bytes: Uint8Array }[] = [];
  for (const path of paths) {
    const object = found.get(path);
    const bytes = object === undefined ? null : await gitBlob(place, object);
    if (bytes !== null) files.push({ path, bytes });
  }
  return files;
}
