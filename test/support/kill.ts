import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { binary, type Finished } from "./run-nimrod.ts";
import type { TempProject } from "./temp-project.ts";

/** Nimrod stopped from outside at a moment that the test chooses by what it sees, never by a time. */

/** How often a condition is looked at: often enough to stop a run between two lines of its journal. */
const lookEveryMs = 2;

export type Started = { child: ChildProcess; ended: Promise<Finished> };

export function start(project: TempProject, args: readonly string[]): Started {
  const child = spawn(process.execPath, [binary, ...args], {
    cwd: project.root,
    env: project.env,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<Finished>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
  return { child, ended };
}

/** Resolves when `seen` holds; with null where the program ended before. */
export function until<T>(
  { ended }: Pick<Started, "ended">,
  seen: () => T | false | null | undefined,
): Promise<T | null> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const value = seen();
      if (value) finish(value);
    }, lookEveryMs);
    const finish = (value: T | null): void => {
      clearInterval(timer);
      resolve(value);
    };
    void ended.then(() => finish(null));
  });
}

/** Starts Nimrod and kills it as soon as `when` holds. `killed` is false where it was done first. */
export async function killWhen(
  project: TempProject,
  args: readonly string[],
  when: () => unknown,
): Promise<Finished & { killed: boolean }> {
  const started = start(project, args);
  const seen = await until(started, () => Boolean(when()));
  if (seen !== null) started.child.kill("SIGKILL");
  const end = await started.ended;
  return { ...end, killed: end.signal === "SIGKILL" };
}

/** Processes that belong to this project: its folders stand in their arguments or environment, and `also` does. */
export function processesOf(project: TempProject, also = ""): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .filter((pid) => {
      const text = textOf(`/proc/${pid}/cmdline`) + textOf(`/proc/${pid}/environ`);
      return text.includes(project.home) && text.includes(also);
    });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // ended, or somebody else's
  }
}

/** Waits until none is left; five seconds are promised, a busy machine gets three times as many. */
export async function noneLeft(project: TempProject): Promise<void> {
  const deadline = performance.now() + 15_000;
  const never = { ended: new Promise<Finished>(() => undefined) };
  await until(never, () => processesOf(project).length === 0 || performance.now() > deadline);
  const left = processesOf(project).map(
    (pid) => `${pid} ${textOf(`/proc/${pid}/cmdline`).replaceAll("\0", " ")}`,
  );
  if (left.length > 0) throw new Error(`still running:\n${left.join("\n")}`);
}
