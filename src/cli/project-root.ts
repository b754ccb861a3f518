import { statSync } from "node:fs";
import { dirname, join } from "node:path";

/** The nearest folder upwards that holds `tickets/`; null outside a project. */
export function findProjectRoot(start: string): string | null {
  for (let folder = start; ; folder = dirname(folder)) {
    if (isFolder(join(folder, "tickets"))) return folder;
    if (folder === dirname(folder)) return null;
  }
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
