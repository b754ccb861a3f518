import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { NimrodError } from "../errors.ts";

/** Deepest place this can be called from is `dist/chunks/` or `src/agents/`. */
const levels = 5;

/** Nimrod's own installed folder: where `package.json`, the shipped `agents/` and `dist/` are. */
export function packageRoot(): string {
  const self = fileURLToPath(import.meta.url);
  let folder = dirname(self);
  for (let level = 0; level < levels; level += 1) {
    if (existsSync(join(folder, "agents", "triager.md")) && existsSync(join(folder, "package.json")))
      return folder;
    folder = dirname(folder);
  }
  throw new NimrodError("io", `the role prompts that ship with Nimrod are not beside ${self}`, {
    hint: "install nimrod again",
  });
}

export function shippedRolesFolder(): string {
  return join(packageRoot(), "agents");
}

/** Whether this runs from `src/` (development) and not from the bundle. */
export function runsFromSource(): boolean {
  return import.meta.url.endsWith(".ts");
}
