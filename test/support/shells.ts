import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { binary } from "./run-nimrod.ts";
import type { TempProject } from "./temp-project.ts";

/** The completion scripts in the real shells: each is sourced, and asked what it would offer behind these words. */

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

export function hasShell(shell: Shell): boolean {
  return (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, shell)));
}

// The words are arguments of the shell and never part of its code.
const drivers: Record<Shell, string[]> = {
  bash: [
    "--norc",
    "-c",
    `source <(nimrod completion bash); COMP_TYPE=$0 COMP_WORDS=(nimrod "$@") COMP_CWORD=$#
     compopt() { printf 'paths: %s\\n' "$*"; }
     _nimrod nimrod; (( \${#COMPREPLY[@]} == 0 )) || printf '%s\\n' "\${COMPREPLY[@]}"`,
  ],
  // compadd answers only within the line editor: what it would be given is printed in its place.
  zsh: [
    "-f",
    "-c",
    `compdef() { : }; source <(nimrod completion zsh); words=(nimrod "$@"); CURRENT=$(( $# + 1 ))
     compadd() { [[ "$*" == '-l -d displays -a -- values' ]] && print -rl -- "\${(@)displays}" }
     compset() { : }; _files() { print -r -- "paths: $*" }; _nimrod`,
  ],
  fish: [
    "--no-config",
    "-c",
    `nimrod completion fish | source
     complete -C (string join ' ' -- nimrod (string escape -- $argv[2..-2]) $argv[-1])`,
  ],
};

/** One line for each thing that would be shown. `listing`: as when bash only shows what there is. */
export function completeIn(
  shell: Shell,
  words: readonly string[],
  { root, home, env }: TempProject,
  { listing = false }: { listing?: boolean } = {},
): string[] {
  const bin = join(home, "bin");
  mkdirSync(bin, { recursive: true });
  if (!existsSync(join(bin, "nimrod"))) symlinkSync(binary, join(bin, "nimrod"));
  const done = spawnSync(shell, [...drivers[shell], listing ? "63" : "9", ...words], {
    cwd: root,
    env: { ...env, PATH: `${bin}:${env["PATH"]}`, TERM: "dumb" },
    encoding: "utf8",
    timeout: 30_000,
  });
  if (done.stderr !== "") throw new Error(`${shell} said: ${done.stderr}`);
  return done.stdout.split("\n").filter((line) => line !== "");
}
