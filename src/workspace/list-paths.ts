import { type GitPlace, git } from "./repository.ts";
import { splitNul } from "./trees.ts";

/** Every file of a commit, as paths from the top of the repository. */
export async function listPaths(place: GitPlace, commit: string): Promise<string[]> {
  return splitNul(
    await git(place, ["ls-tree", "-r", "--name-only", "-z", "--full-tree", "--end-of-options", commit]),
  );
}
