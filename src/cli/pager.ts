import { spawn } from "node:child_process";
import { join } from "node:path";
import { isProgram } from "../platform/programs.ts";

/**
 * The person's own pager. It gets the terminal and their whole environment, as the editor does, which is why it does
 * not go through platform/exec.ts. Only the environment names it: a repository's configuration must not.
 */

type Environment = Readonly<Record<string, string | undefined>>;

export type Paging = { kind: "shown" } | { kind: "failed"; reason: string };

/** The shell line that pages, or null where the person wants none or has none. */
export function choosePager(env: Environment): string | null {
  const wanted = env["NIMROD_PAGER"] ?? env["PAGER"];
  if (wanted !== undefined) return ["", "cat"].includes(wanted.trim()) ? null : wanted;
  // On a terminal that cannot move its cursor, less begins with a complaint.
  if (env["TERM"] === "dumb") return null;
  const folders = (env["PATH"] ?? "").split(":").filter((folder) => folder !== "");
  return folders.some((folder) => isProgram(join(folder, "less"))) ? "less" : null;
}

/**
 * What git tells its pager: less leaves short output on the screen (F), lets colours through (R) and does not clear
 * the screen at its end (X); lv lets colours through.
 */
export function pagerEnvironment(env: Environment): Environment {
  return { LESS: "FRX", LV: "-c", ...env };
}

/** Shows the text and waits until the person has left the pager. Leaving it early is no failure. */
export async function pageText(text: string, pager: string, env: Environment): Promise<Paging> {
  // `PAGER="less -S"` is a shell line by custom.
  const child = spawn("sh", ["-c", pager], {
    stdio: ["pipe", "inherit", "inherit"],
    env: pagerEnvironment(env),
  });
  let interrupted = false;
  // Control-C is the pager's: it stops a search there. To end here would leave the pager without a reader of its keys.
  const onInt = () => {
    interrupted = true;
  };
  let terminated = false;
  const onTerm = () => {
    terminated = true;
    child.kill("SIGTERM");
  };
  process.on("SIGINT", onInt).on("SIGTERM", onTerm);
  try {
    return await new Promise<Paging>((resolve) => {
      const failed = (why: string) =>
        resolve(interrupted || terminated ? { kind: "shown" } : { kind: "failed", reason: why });
      child.on("error", () => failed(`the pager "${pager}" does not start`));
      child.on("exit", (code, signal) => {
        if (code === 0) resolve({ kind: "shown" });
        else if (code === 126 || code === 127) failed(`the pager "${pager}" does not start`);
        else failed(`the pager "${pager}" ended with ${signal ?? `exit ${code}`}`);
      });
      // A person who leaves early has read enough.
      child.stdin.on("error", () => undefined);
      child.stdin.end(text);
    });
  } finally {
    process.removeListener("SIGINT", onInt).removeListener("SIGTERM", onTerm);
    // Now that the pager has given the terminal back, the signal may do what it does.
    if (terminated) process.kill(process.pid, "SIGTERM");
  }
}
