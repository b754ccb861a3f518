import { spawnSync } from "node:child_process";
import { binary, type Finished } from "./run-nimrod.ts";
import type { TempProject } from "./temp-project.ts";

/** Whether a folder can be made read-only here also for root, whom permissions do not stop. */
export const canMountReadOnly = spawnSync("bwrap", ["--dev-bind", "/", "/", "true"]).status === 0;

/** Runs Nimrod where the project's folder cannot be written. */
export function nimrodReadOnly(project: TempProject, ...args: string[]): Finished {
  return nimrodWithReadOnly(project, project.root, args);
}

/** The same for any folder. */
export function nimrodWithReadOnly(project: TempProject, folder: string, args: readonly string[]): Finished {
  const mounts = ["--dev-bind", "/", "/", "--ro-bind", folder, folder, "--chdir", project.root];
  const done = spawnSync("bwrap", [...mounts, process.execPath, binary, ...args], {
    env: project.env,
    encoding: "utf8",
    input: "",
  });
  return { exitCode: done.status, signal: done.signal, stdout: done.stdout, stderr: done.stderr };
}
