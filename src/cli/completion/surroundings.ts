import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { findProjectRoot } from "../project-root.ts";
import type { Surroundings } from "./values.ts";

/** Where to look for what may be typed. @param folder as given with `-C`. */
export function lookAround(folder: string | null, env: NodeJS.ProcessEnv): Surroundings {
  const home = env["HOME"] || homedir();
  const root = findProjectRoot(resolve((folder ?? ".").replace(/^~(?=\/|$)/, home)));
  const user = join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "nimrod", "config.json");
  return {
    root,
    configFiles: root === null ? [user] : [join(root, "nimrod.json"), user],
    async approvals() {
      const { repositoryStateFolder } = await import("../../platform/paths.ts");
      return root === null ? null : join(repositoryStateFolder(env, root), "approvals");
    },
  };
}
