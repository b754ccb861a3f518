import { readFileSync, realpathSync } from "node:fs";
import { isProgram } from "../../platform/programs.ts";
import { searchPath } from "./agent-environment.ts";
import type { HostEnv } from "./agent-process.ts";
import { findProgram, type Look, type Program, programFolders } from "./program-folders.ts";

/** The program as it is installed on this machine, and what a sandbox has to show of it; null where there is none. */
export function findInstalled(word: string, operator: HostEnv): Program | null {
  const found = findProgram(word, searchPath(operator["PATH"]), isProgram);
  if (found === null || !isProgram(found)) return null;
  // Every sandbox shows the Node that Nimrod runs on; what lies around it may be a project.
  if (realpathSync(found) === realpathSync(process.execPath)) return { file: found, readable: [] };
  return programFolders(found, fileSystem);
}

const fileSystem: Look = {
  realPath: (path) => orNull(() => realpathSync(path)),
  readText: (path) => orNull(() => readFileSync(path, "utf8")),
};

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
