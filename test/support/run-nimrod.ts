import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkDocument } from "./check-document.ts";
import { checkPromises } from "./check-promises.ts";

/** Runs the built binary as a user would, under the Node that runs the tests. */

export const binary = join(import.meta.dirname, "..", "..", "dist", "bin.js");

export type Finished = {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
};

export type RunOptions = {
  cwd: string;
  /** The whole environment; `tempProject` makes one. */
  env: Record<string, string>;
  stdin?: string;
  /** Another Node than the tests' own. */
  node?: string;
  /** Milliseconds until the test gives up: generous, the machine may be busy. */
  timeoutMs?: number;
};

export async function nimrod(args: readonly string[], options: RunOptions): Promise<Finished> {
  if (!existsSync(binary)) throw new Error("dist/bin.js is missing: node scripts/build.mjs");
  const child = spawn(options.node ?? process.execPath, [binary, ...args], {
    cwd: options.cwd,
    env: options.env,
    stdio: "pipe",
    timeout: options.timeoutMs ?? 60_000,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  // A program that does not read its stdin may be gone before all of it is written.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.stdin ?? "");
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (args.includes("--json") && !args.includes("--help")) {
    // The one document: on stdout, or an error's on stderr.
    if (stdout !== "") checkDocument(stdout);
    else if (stderr.startsWith("{")) checkDocument(stderr);
  }
  checkPromises(args, exitCode, stdout);
  return { exitCode, signal: child.signalCode, stdout, stderr };
}

/** The one document of `--json`, from a run that must have ended so. */
export async function nimrodJson(
  args: readonly string[],
  options: RunOptions,
): Promise<Record<string, unknown>> {
  const done = await nimrod(["--json", ...args], options);
  const value: unknown = JSON.parse(done.stdout || done.stderr);
  if (typeof value !== "object" || value === null)
    throw new Error(`no JSON document: ${done.stdout}${done.stderr}`);
  return { exitCode: done.exitCode, ...value };
}
