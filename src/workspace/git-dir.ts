import { join } from "node:path";
import { ensureFolder, writeAtomic } from "../platform/files.ts";

type GitDirFacts = {
  objectFormat: "sha1" | "sha256";
  /** Object folders to borrow from. */
  alternates: readonly string[];
  /** Content of HEAD: `ref: refs/heads/<branch>` or a commit. */
  head: string;
};

/**
 * The whole configuration of a git folder that Nimrod makes. No filter, driver, hook, alias, remote or
 * include: what a repository's attributes name has nothing to run here.
 */
export function pinnedConfig(objectFormat: GitDirFacts["objectFormat"]): string {
  const isSha256 = objectFormat === "sha256";
  return `[core]
	repositoryFormatVersion = ${isSha256 ? 1 : 0}
	bare = false
	fileMode = true
	symlinks = true
	autoCrlf = false
	logAllRefUpdates = false
	hooksPath = /dev/null
	fsmonitor = false
	untrackedCache = false
	attributesFile = /dev/null
	excludesFile = /dev/null
	quotePath = false
[user]
	name = Nimrod
	email = nimrod@localhost
[commit]
	gpgSign = false
[tag]
	gpgSign = false
[diff]
	ignoreSubmodules = all
[submodule]
	recurse = false
[protocol]
	allow = never
[gc]
	auto = 0
[maintenance]
	auto = false
${isSha256 ? "[extensions]\n\tobjectFormat = sha256\n" : ""}`;
}

/** Makes a git folder, or makes an existing one right again; objects and refs in it stay. */
export async function ensureGitDir(gitDir: string, facts: GitDirFacts): Promise<void> {
  // By hand, not by `git init`: that would copy a template with whatever hooks the machine has.
  for (const folder of ["objects/info", "objects/pack", "refs/heads", "info", "empty"]) {
    await ensureFolder(join(gitDir, folder));
  }
  await writeAtomic(join(gitDir, "config"), pinnedConfig(facts.objectFormat));
  await writeAtomic(join(gitDir, "objects/info/alternates"), `${facts.alternates.join("\n")}\n`);
  await writeAtomic(join(gitDir, "HEAD"), `${facts.head}\n`);
}

/** A working folder without files and an index without entries: no attribute of the repository applies there. */
export function withoutAttributes(gitDir: string): { gitDir: string; workTree: string; indexFile: string } {
  return { gitDir, workTree: join(gitDir, "empty"), indexFile: join(gitDir, "no-index") };
}
