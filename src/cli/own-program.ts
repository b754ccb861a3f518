import { existsSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { isProgram } from "../platform/programs.ts";

type Own = { path: string | undefined; script: string | undefined; node: string };

/**
 * How a shell starts this Nimrod later, from elsewhere: by its name where it is installed for the user, else by where
 * it lies. `npx` and npm scripts put a project's own programs on PATH, and nobody else does.
 */
export function ownProgram(
  own: Own = { path: process.env["PATH"], script: process.argv[1], node: process.execPath },
): string {
  const script = own.script ?? "";
  if (isOnPath(own.path) || script === "") return "nimrod";
  return isProgram(script) ? shellWord(script) : `${shellWord(own.node)} ${shellWord(script)}`;
}

/** Whether what `ownProgram` once answered can still be started. */
export function isStartable(program: string, path: string | undefined): boolean {
  if (program === "nimrod") return isOnPath(path);
  const words = program.match(/'(?:[^']|'\\'')*'/g) ?? [];
  return words.length > 0 && words.every((word) => existsSync(word.slice(1, -1).replaceAll("'\\''", "'")));
}

function isOnPath(path: string | undefined): boolean {
  const folders = (path ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.some(
    (folder) => !/\/node_modules\/\.bin\/?$/.test(folder) && isProgram(join(folder, "nimrod")),
  );
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
