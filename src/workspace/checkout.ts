import { join } from "node:path";
import { ensureFolder, removeTree } from "../platform/files.ts";
import { ensureGitDir } from "./git-dir.ts";
import { git } from "./repository.ts";
import type { Workspace } from "./worktree.ts";

/**
 * A throw-away checkout at `folder` (emptied first): exactly the commit's files, and a real `.git` of its
 * own with a detached HEAD, so that tools that ask git work in it. Nothing done there reaches the
 * workspace, and of the workspace's objects it has only those of the commit's own history: what an attempt lost
 * lies there too, and is nobody's to read. `objectFolders` must be shown in a sandbox for git to find the base.
 */
export async function cleanCheckout(options: {
  workspace: Pick<Workspace, "base" | "objectFolders" | "place">;
  commit: string;
  folder: string;
}): Promise<{ path: string; objectFolders: string[] }> {
  const { workspace, commit, folder } = options;
  await removeTree(folder);
  await ensureFolder(folder, { mode: 0o755 });
  const { objectFolders } = workspace;
  const full = (
    await git(workspace.place, ["rev-parse", "--verify", "--end-of-options", `${commit}^{commit}`])
  ).trim();
  const gitDir = join(folder, ".git");
  await ensureGitDir(gitDir, {
    objectFormat: full.length === 64 ? "sha256" : "sha1",
    alternates: objectFolders,
    head: full,
  });
  const pack = join(gitDir, "objects", "pack", "pack");
  const wanted = `${full}\n^${workspace.base}\n`;
  await git(workspace.place, ["pack-objects", "-q", "--revs", "--local", "--non-empty", pack], wanted);
  await git({ gitDir, workTree: folder }, ["read-tree", "--reset", "-u", "--end-of-options", full]);
  return { path: folder, objectFolders };
}
