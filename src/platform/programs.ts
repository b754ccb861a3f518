import { accessSync, constants, statSync } from "node:fs";

/** Whether the path, or what it links to, is a file that this user may execute. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // not there or not executable: the same for this question
  }
}
