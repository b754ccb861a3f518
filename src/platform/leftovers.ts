import { readdirSync, readFileSync } from "node:fs";

/**
 * Carried by a sandbox's own processes and by nothing inside it, so that what is left of a sandbox can be told from
 * everything else; see workspace/sandbox.ts.
 */
export const sandboxMark = "NIMROD_SANDBOX_ID";

/**
 * Ends processes that a killed Nimrod left behind, known by what was put into their environment, never by a name or
 * a number alone. Inside the sandbox none outlive their parent; what ran on the host itself can.
 *
 * `marks`: beginnings of `NAME=value`, all of which the environment must hold. Returns the process ids.
 */
export function endLeftovers(marks: readonly string[]): number[] {
  const ended: number[] = [];
  for (const pid of listed()) {
    if (pid === process.pid || !carries(pid, marks)) continue;
    try {
      process.kill(pid, "SIGKILL");
      ended.push(pid);
    } catch {
      // It ended by itself in this moment: what was wanted.
    }
  }
  return ended;
}

function listed(): number[] {
  try {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid > 1);
  } catch {
    return []; // no /proc on this system: nothing can be told apart, so nothing is ended
  }
}

function carries(pid: number, marks: readonly string[]): boolean {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    return marks.every((mark) => entries.some((entry) => entry.startsWith(mark)));
  } catch {
    return false; // somebody else's process, or one that has just ended
  }
}
