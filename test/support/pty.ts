import { spawn } from "node:child_process";
import { binary } from "./run-nimrod.ts";

/**
 * The built binary in a real pseudo-terminal, made by script(1) of bsdutils. An answer is typed when the text it
 * answers has appeared, never after a time.
 */

type Answer = {
  when: string | RegExp;
  /** What to type, or a function of what has been shown so far. `\r` is the return key, `\x03` Control-C. */
  type: string | ((shown: string) => string);
};

export type TerminalOptions = {
  cwd: string;
  env: Record<string, string>;
  answers?: readonly Answer[];
  timeoutMs?: number;
};

export type TerminalRun = {
  exitCode: number | null;
  /** Everything shown, escape sequences included; and without them. */
  raw: string;
  shown: string;
};

export async function runInTerminal(args: readonly string[], options: TerminalOptions): Promise<TerminalRun> {
  const line = [process.execPath, binary, ...args]
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(" ");
  // -e: script ends with the command's exit code. The size is fixed so that tables are cut the same everywhere.
  const child = spawn("script", ["-qefc", `stty rows 40 cols 100 2>/dev/null; exec ${line}`, "/dev/null"], {
    cwd: options.cwd,
    // What is shown is Nimrod's own; a test of the pager names one.
    env: { TERM: "xterm-256color", PAGER: "cat", ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
    timeout: options.timeoutMs ?? 60_000,
    killSignal: "SIGKILL",
  });
  const waiting = [...(options.answers ?? [])];
  let raw = "";
  let seen = 0;
  child.stdin.on("error", () => undefined);
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    raw += text;
    const next = waiting[0];
    if (next === undefined) return;
    // Only what came after the last answer counts: the same words may be asked twice.
    const shown = plain(raw).slice(seen);
    if (typeof next.when === "string" ? !shown.includes(next.when) : !next.when.test(shown)) return;
    waiting.shift();
    seen = plain(raw).length;
    child.stdin.write(typeof next.type === "string" ? next.type : next.type(shown));
  });
  child.stderr.resume();
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => {
      const missed = waiting.map(({ when }) => String(when));
      if (missed.length > 0)
        reject(new Error(`never appeared: ${missed.join(", ")}\n--- shown:\n${plain(raw)}`));
      else resolve({ exitCode, raw, shown: plain(raw) });
    });
  });
}

function plain(text: string): string {
  return text
    .replaceAll(/\x1b\[[0-9;?]*[ -/]*[@-~]/g, "")
    .replaceAll(/\x1b[()][A-Z0-9]/g, "")
    .replaceAll("\r", "");
}
