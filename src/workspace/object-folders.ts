import { isAbsolute, join, resolve } from "node:path";
import { readTextIfExists } from "../platform/files.ts";

/** This object folder and every one it borrows from, directly or not. */
export async function alternatesOf(objects: string): Promise<string[]> {
  const found: string[] = [];
  const waiting = [resolve(objects)];
  for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
    if (found.includes(folder)) continue;
    found.push(folder);
    const text = (await readTextIfExists(join(folder, "info", "alternates"))) ?? "";
    for (const line of text.split("\n")) {
      if (line === "" || line.startsWith("#")) continue;
      waiting.push(isAbsolute(line) ? line : resolve(folder, line));
    }
  }
  return found;
}
