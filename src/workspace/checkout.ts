import { join } from "node:path";
import { ensureFolder, removeTree } from "../platform/files.ts";
import { ensureGitDir } from "./git-dir.ts";
import { git } from "./repository.ts";
import type { Workspace } from "./worktree.ts";

/**
 * A throw-away checkout at `folder` (emptied first): exactly the commit's files, and a real `.git` of its
 * own with a detached HEAD, so that tools that ask git work in it. Nothing done there reaches the
 * workspace. `objectFolders` must be shown in a sandbox for git to find the history.
 */
export async function cleanCheckout(options: {
  workspace: Pick<Workspace, "gitDir" | "objectFolders" | "place">;
  commit: string;
  folder: string;
}): Promise<{ path: string; objectFolders: string[] }> {
  const { workspace, commit, folder } = options;
  await removeTree(folder);
  await ensureFolder(folder, { mode: 0o755 });
  const objectFolders = [join(workspace.gitDir, "objects"), ...workspace.objectFolders];
  const full = (
    await git(workspace.place, ["rev-parse", "--verify", "--end-of-options", `${commit}^{commit}`])
  ).trim();
  const gitDir = join(folder, ".git");
  await ensureGitDir(gitDir, {
    objectFormat: full.length === 64 ? "sha256" : "sha1",
    alternates: objectFolders,
    head: full,
  });
  await git({ gitDir, workTree: folder }, ["read-tree", "--reset", "-u", "--end-of-options", full]);
  return { path: folder, objectFolders };
}
