import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binary } from "./run-nimrod.ts";
import type { TempProject } from "./temp-project.ts";

/** The blocks of docs/shell-recipes.md, run as they stand there in a person's home. */

export const recipesPage = "docs/shell-recipes.md";

/** Those that start `next` or `close`; their test is the slow one. */
export const slowRecipes = ["loop", "notify", "loop-code", "cron", "service", "close", "close-all"];

const stubs = ["notify-send", "systemctl"];

export type RecipeRun = {
  exitCode: number | null;
  stdout: string;
  stderr: string;
  /** What the stand-ins were called with, a line each: the program, then each argument in brackets. */
  called: string[];
};

/** Runs the text in bash, in the project. `after` is what a person types once the block has been read. */
export function runRecipe(project: TempProject, text: string, after = ""): RecipeRun {
  const { home, root, env } = project;
  const bin = join(home, ".local", "bin");
  const record = join(home, "called");
  if (!existsSync(bin)) {
    mkdirSync(bin, { recursive: true });
    symlinkSync(binary, join(bin, "nimrod"));
    mkdirSync(join(home, "work"));
    symlinkSync(root, join(home, "work", "site"));
    for (const name of stubs) {
      const file = join(bin, name);
      writeFileSync(file, `#!/bin/sh\n{ printf '%s' ${name}; printf ' [%s]' "$@"; echo; } >> '${record}'\n`);
      chmodSync(file, 0o755);
    }
  }
  const done = spawnSync("bash", ["--norc", "-c", `shopt -s expand_aliases\n${text}\n${after}`], {
    cwd: root,
    env: { ...env, PATH: `${bin}:${env["PATH"]}` },
    encoding: "utf8",
    timeout: 60_000,
  });
  const called = existsSync(record) ? readFileSync(record, "utf8").trimEnd().split("\n") : [];
  return { exitCode: done.status, stdout: done.stdout, stderr: done.stderr, called };
}
