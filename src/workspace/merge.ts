import { NimrodError } from "../errors.ts";
import { type GitPlace, tryGit } from "./repository.ts";
import { commitTree } from "./trees.ts";

export type MergeOutcome = { kind: "merged"; tree: string } | { kind: "conflict"; paths: string[] };

/** Merges two commits without any working folder. Needs git 2.38. */
export async function mergeCommits(place: GitPlace, ours: string, theirs: string): Promise<MergeOutcome> {
  const args = [
    "merge-tree",
    "--write-tree",
    "-z",
    "--name-only",
    "--no-messages",
    "--allow-unrelated-histories",
  ];
  const result = await tryGit(place, [...args, ours, theirs]);
  const [tree = "", ...paths] = result.stdout.split("\0").filter((field) => field !== "");
  if (result.code === 0) return { kind: "merged", tree };
  if (result.code === 1) return { kind: "conflict", paths };
  const tooOld = result.stderr.includes("usage:") || result.stderr.includes("unknown option");
  throw new NimrodError(
    "failed",
    `git merge-tree: ${tooOld ? "this git is too old" : result.stderr.trim()}`,
    {
      hint: tooOld ? "install git 2.38 or newer" : undefined,
    },
  );
}

/** Three-way merge of trees. (`merge-tree --merge-base` would need git 2.40, so the base is made a real ancestor.) */
export async function mergeTrees(
  place: GitPlace,
  { base, ours, theirs }: { base: string; ours: string; theirs: string },
): Promise<MergeOutcome> {
  const message = "base of a merge";
  const root = await commitTree(place, { tree: base, parents: [], message });
  const left = await commitTree(place, { tree: ours, parents: [root], message: "ours" });
  const right = await commitTree(place, { tree: theirs, parents: [root], message: "theirs" });
  return await mergeCommits(place, left, right);
}
