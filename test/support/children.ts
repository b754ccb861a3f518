import { readFileSync } from "node:fs";

/** Asks for the pids of what this process has started since and that is still there. Linux. */
export function childrenFromNow(): () => number[] {
  const children = (): number[] =>
    readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8")
      .split(" ")
      .filter((pid) => pid !== "")
      .map(Number);
  const others = children();
  return () => children().filter((pid) => !others.includes(pid));
}
