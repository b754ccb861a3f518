import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { approvalKeyPresence } from "../../authorization/approval-key.ts";
import type { LoadedConfig } from "../../config/load.ts";
import { exec } from "../../platform/exec.ts";
import { probeSandbox } from "../../workspace/sandbox.ts";
import type { Check } from "./check.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Node, git, the sandbox, the approval key: what this machine gives. */
export async function checkMachine(env: Environment, stateHome: string): Promise<Check[]> {
  const [git, sandbox, presence] = await Promise.all([
    gitVersion(env),
    probeSandbox({ ...env }),
    approvalKeyPresence(stateHome),
  ]);
  return [
    { area: "machine", level: "ok", text: `node ${process.versions.node}` },
    git === null
      ? { area: "machine", level: "note", text: "git is not installed", hint: "install git" }
      : { area: "machine", level: "ok", text: git },
    sandbox.kind === "bwrap"
      ? { area: "machine", level: "ok", text: `sandbox: bwrap ${sandbox.version}` }
      : {
          area: "machine",
          level: "note",
          text: `no sandbox: ${sandbox.why}; commands that change anything need your approval, each one`,
          hint: "install bubblewrap",
        },
    presence === null
      ? { area: "machine", level: "note", text: "no approval key", hint: "nimrod init" }
      : { area: "machine", level: "ok", text: `approval key, opened by a ${presence}` },
  ];
}

async function gitVersion(env: Environment): Promise<string | null> {
  const outcome = await exec({
    file: "git",
    args: ["--version"],
    cwd: "/",
    env: { PATH: env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C" },
    timeoutMs: 10_000,
    maxOutputBytes: 1000,
  });
  return outcome.kind === "exited" && outcome.code === 0 ? outcome.stdout.text.trim() : null;
}

/** The agent of Nimrod's own, and the configured ones with whether their program is there. */
export function checkAgents({ values, origin }: LoadedConfig, env: Environment): Check[] {
  const checks: Check[] = [{ area: "agents", level: "ok", text: "builtin: always there, no model" }];
  for (const [name, entry] of Object.entries(values.agents)) {
    const [program = ""] = entry.command;
    if (entry.adapter === "plain" && !isProgram(program, env)) {
      checks.push({
        area: "agents",
        level: "note",
        text: `${name}: ${program} is not found`,
        hint: `install ${program}`,
      });
      continue;
    }
    const inert =
      origin(`agents.${name}`) === "project" ? "; from the repository, inert until nimrod trust" : "";
    checks.push({
      area: "agents",
      level: "ok",
      text: `${name}: ${entry.adapter} ${entry.command.join(" ")}${inert}`,
    });
  }
  return checks;
}

function isProgram(program: string, env: Environment): boolean {
  if (program.includes("/")) return existsSync(program);
  return (env["PATH"] ?? "")
    .split(delimiter)
    .some((folder) => folder !== "" && isExecutable(join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not there or not executable: the same for this question
  }
}
