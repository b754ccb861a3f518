import { statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { catalog, type Login } from "../agents/catalog.ts";
import type { Config } from "../config/config.ts";
import { isProgram } from "../platform/programs.ts";
import { realPathSoFar } from "../platform/real-path.ts";
import type { FoundAgents } from "./choose-agent.ts";

/** Looks for agent CLIs and for what they log in with. Starts nothing, reads no content. */

export type Machine = {
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  /** The project's root. */
  root: string;
  /** Nothing below these is taken for a program of the operator's. */
  excluded: readonly string[];
};

export function findAgents(machine: Machine, agents: Config["agents"]): FoundAgents {
  const words = [
    ...catalog.map((row) => row.command[0]),
    ...Object.values(agents).flatMap((entry) => entry.command.slice(0, 1)),
  ];
  const programs = new Map<string, string>();
  for (const word of new Set(words)) {
    const path = findProgram(word, machine);
    if (path !== null) programs.set(word, path);
  }
  return {
    programs,
    logins: new Map(catalog.map((row) => [row.name, loginsPresent(row.login, machine)])),
  };
}

/** A word with a slash is a file, in the project if relative: `nimrod trust` showed it. A bare one is on PATH. */
export function findProgram(word: string, { env, root, excluded }: Machine): string | null {
  if (word.includes("/")) {
    const path = isAbsolute(word) ? word : join(root, word);
    return isProgram(path) ? path : null;
  }
  for (const folder of programFolders(env, excluded)) {
    const path = join(folder, word);
    // A link on PATH that leads into the repository is the repository's program.
    if (isProgram(path) && !isBelowAny(path, excluded)) return path;
  }
  return null;
}

/** The folders of PATH without anything that the repository, or a relative entry, could put in front. */
export function programFolders(env: Machine["env"], excluded: readonly string[]): string[] {
  const folders = (env["PATH"] ?? "/usr/bin:/bin").split(":");
  return folders.filter((folder) => isAbsolute(folder) && !isBelowAny(folder, excluded));
}

function isBelowAny(path: string, roots: readonly string[]): boolean {
  const real = realPathSoFar(path);
  return roots.some((root) => real === root || real.startsWith(`${root}/`));
}

/** The names of what is there, in the catalog's order: `$NAME` and `~/path`. */
export function loginsPresent(login: Login, { env, home }: Pick<Machine, "env" | "home">): string[] {
  const set = login.env.filter((name) => (env[name] ?? "") !== "");
  const there = login.files.filter((path) => statSync(join(home, path), { throwIfNoEntry: false })?.isFile());
  return [...set.map((name) => `$${name}`), ...there.map((path) => `~/${path}`)];
}
