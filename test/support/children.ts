import { readFileSync } from "node:fs";

/** Processes that this one started and that are still there. Linux. */
export function children(): string[] {
  const listed = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8");
  return listed.split(" ").filter((pid) => pid !== "");
}
