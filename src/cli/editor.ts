import { spawn } from "node:child_process";
import { NimrodError } from "../errors.ts";

/**
 * Opens a file in the person's own editor and waits until it is closed. The editor gets the terminal and the person's
 * whole environment: it is theirs, not an action of an agent, which is why it does not go through platform/exec.ts.
 */
export function openEditor(path: string, env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const editor = env["VISUAL"] || env["EDITOR"] || "vi";
  return new Promise((resolve, reject) => {
    // `EDITOR="code --wait"` is a shell line by custom; the path is an argument and never part of it.
    const child = spawn("sh", ["-c", `${editor} "$1"`, "sh", path], { stdio: "inherit" });
    child.on("error", (cause) => reject(new NimrodError("failed", `${editor} does not start`, { cause })));
    child.on("exit", (code) => {
      if (code === 0) resolve();
      else reject(new NimrodError("failed", `${editor} ended with exit ${code ?? "by a signal"}`));
    });
  });
}
