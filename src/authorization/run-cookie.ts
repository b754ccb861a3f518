import { readFile } from "node:fs/promises";

/** Every process that Nimrod starts for a pass carries this variable; nobody who does may speak for a person. */
export const runCookie = "NIMROD_PASS";

/**
 * Whether this process, or one it descends from, was started by a pass. The environment can be emptied by a child,
 * so ancestors are asked too, as far as /proc shows them.
 */
export async function carriesRunCookie(env: NodeJS.ProcessEnv, pid: number): Promise<boolean> {
  if (env[runCookie] !== undefined) return true;
  for (let current = pid, depth = 0; current > 1 && depth < 64; depth++) {
    const environ = await readFile(`/proc/${current}/environ`, "latin1").catch(() => "");
    if (environ.split("\0").some((entry) => entry.startsWith(`${runCookie}=`))) return true;
    const status = await readFile(`/proc/${current}/stat`, "latin1").catch(() => "");
    // The command name in parentheses may hold spaces: fields are counted after the last one.
    const parent = Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1]);
    if (!Number.isInteger(parent)) return false;
    current = parent;
  }
  return false;
}
