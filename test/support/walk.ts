import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runInTerminal } from "./pty.ts";
import { binary } from "./run-nimrod.ts";
import type { TempProject } from "./temp-project.ts";

/** A page that is a walk: its blocks in order, run in one shell session as somebody would who types them. */

export type Block =
  /** A script to be copied as a whole; prints nothing. */
  | { kind: "script"; text: string }
  /** Commands, each with what it prints; at a terminal where questions are asked. */
  | { kind: "commands"; atTerminal: boolean; commands: { line: string; output: string }[] };

export function blocksOf(page: string): Block[] {
  const fences = page.matchAll(/(<!-- at a terminal -->\n)?^(`{3,})(sh|console)\n([\s\S]*?)^\2$/gm);
  return Array.from(fences, ([, marked, , language, text = ""]): Block => {
    if (language === "sh") return { kind: "script", text };
    const commands = text.split(/^\$ /m).slice(1);
    return {
      kind: "commands",
      atTerminal: marked !== undefined,
      commands: commands.map((each) => {
        const end = each.indexOf("\n");
        return { line: each.slice(0, end), output: each.slice(end + 1).trim() };
      }),
    };
  });
}

export type Shell = {
  /** Folder and exported variables are kept from one call to the next. */
  run(text: string): { exitCode: number | null; shown: string };
  /** One `nimrod` command, whose passphrase questions are answered. */
  runAtTerminal(line: string): Promise<{ exitCode: number | null; shown: string }>;
};

export function openShell({ root, home, env }: TempProject): Shell {
  const bin = join(home, "bin");
  const state = join(home, "shell-state");
  mkdirSync(bin);
  mkdirSync(state);
  symlinkSync(binary, join(bin, "nimrod"));
  writeFileSync(join(home, ".gitconfig"), "[user]\nname = Sara\nemail = sara@example.org\n");
  const own = { ...env, PATH: `${bin}:${env["PATH"]}`, GIT_CONFIG_GLOBAL: join(home, ".gitconfig") };
  const folder = () =>
    existsSync(join(state, "pwd")) ? readFileSync(join(state, "pwd"), "utf8").trim() : root;
  const keep = `pwd > '${state}/pwd'; export -p > '${state}/exports'`;
  return {
    run(text) {
      const script = `exec 2>&1; [ -e '${state}/exports' ] && . '${state}/exports'\n${text}\ncode=$?; ${keep}; exit $code`;
      const done = spawnSync("bash", ["--norc", "-c", script], {
        cwd: folder(),
        env: own,
        encoding: "utf8",
        timeout: 60_000,
      });
      return { exitCode: done.status, shown: done.stdout };
    },
    runAtTerminal(line) {
      const [, ...args] = line.split(" ");
      const typed = (when: string) => ({ when, type: "correct horse\r" });
      const isFirst = args[0] === "init";
      return runInTerminal(args, {
        cwd: folder(),
        env: own,
        answers: isFirst ? [typed("Passphrase"), typed("The same again")] : [typed("Passphrase")],
      });
    },
  };
}
