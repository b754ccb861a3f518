import { approvalKeyPresence } from "../../authorization/approval-key.ts";
import { exec } from "../../platform/exec.ts";
import type { Sandbox } from "../../workspace/sandbox.ts";
import type { Check } from "./check.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Node, git, the sandbox, the approval key: what this machine gives. */
export async function checkMachine(env: Environment, stateHome: string, sandbox: Sandbox): Promise<Check[]> {
  const [git, presence] = await Promise.all([gitVersion(env), approvalKeyPresence(stateHome)]);
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
