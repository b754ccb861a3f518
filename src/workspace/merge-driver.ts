import { findGitPlace, type GitPlace, git, tryGit } from "./repository.ts";

/** The name in .gitattributes, and what stands below it in the configuration of a clone. */
const driverName = "nimrod";

/** For .gitattributes: which files git hands to the driver. `**` fits no folder too. */
export const mergeAttribute = `/tickets/**/*.md merge=${driverName}`;

/** How git merges tickets in this clone. */
export type MergeSetup = {
  place: GitPlace;
  /** Whether git would give a ticket to the driver. */
  hasAttribute: boolean;
  /** What this clone's configuration has for it, by name. */
  settings: ReadonlyMap<string, string>;
};

/** Null where there is no repository. */
export async function readMergeSetup(root: string): Promise<MergeSetup | null> {
  const place = await findGitPlace(root);
  if (place === null) return null;
  const asked = await git(place, ["check-attr", "-z", "merge", "--", "tickets/active/ticket.md"]);
  const pattern = `^merge\\.${driverName}(-base)?\\.`;
  const { stdout } = await tryGit(place, ["config", "--local", "--null", "--get-regexp", pattern]);
  const entries = stdout.split("\0").filter((entry) => entry !== "");
  return {
    place,
    hasAttribute: asked.split("\0")[2] === driverName,
    settings: new Map(
      entries.map((entry): [string, string] => {
        const cut = entry.indexOf("\n");
        return cut < 0 ? [entry, ""] : [entry.slice(0, cut), entry.slice(cut + 1)];
      }),
    ),
  };
}

/**
 * What the configuration of a clone has to say for git to merge tickets by this program.
 *
 * @param program as a shell reads it.
 */
export function mergeSettings(program: string): ReadonlyMap<string, string> {
  return new Map([
    [`merge.${driverName}.name`, "Nimrod: tickets, key by key and section by section"],
    [`merge.${driverName}.driver`, driverLine(program, "merge-driver")],
    // Where several ancestors have to be merged first, a mark would stand in their place as text.
    [`merge.${driverName}.recursive`, `${driverName}-base`],
    [`merge.${driverName}-base.name`, "Nimrod: the common ancestor of tickets"],
    [`merge.${driverName}-base.driver`, driverLine(program, "merge-driver --ancestor")],
  ]);
}

/** Writes what is not there yet; the names of what was written. */
export async function installMergeDriver(
  setup: MergeSetup,
  wanted: ReadonlyMap<string, string>,
): Promise<string[]> {
  const missing = [...wanted].filter(([name, value]) => setup.settings.get(name) !== value);
  for (const [name, value] of missing) {
    await git({ ...setup.place, configuresMerge: true }, ["config", "--local", "--replace-all", name, value]);
  }
  return missing.map(([name]) => name);
}

/** The program in the driver line of a clone; null when there is none, or one that Nimrod did not write. */
export function installedProgram({ settings }: MergeSetup): string | null {
  const line = settings.get(`merge.${driverName}.driver`) ?? "";
  const end = line.indexOf(" merge-driver ");
  return end <= 0 ? null : line.slice(0, end).replaceAll("%%", "%");
}

/**
 * A program that is gone, or a Node that cannot start it, must not cost a side: git would take ours and only say
 * "conflict". So whatever ends without success and without a mark is left to git's own merge of lines.
 */
function driverLine(program: string, command: string): string {
  const call = `${program.replaceAll("%", "%%")} ${command} %O %A %B %P`;
  const plain = "git merge-file -q --marker-size=%L -L ours -L base -L theirs %A %O %B";
  return `${call} || { ! grep -q '^<<<<<<< ' %A && ${plain}; } || exit 1`;
}
