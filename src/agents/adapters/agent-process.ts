import { existsSync } from "node:fs";
import { delimiter, dirname, isAbsolute, relative } from "node:path";
import { NimrodError } from "../../errors.ts";
import type { ProcessRequest } from "../../platform/exec.ts";
import { wrapCommand } from "../../workspace/sandbox.ts";
import type { PassRequest } from "../adapter.ts";
import { protocol } from "./exchange.ts";

/** The operator's environment, of which four names are looked at. */
export type HostEnv = Record<string, string | undefined>;

export type AgentCommand = {
  command: readonly string[];
  /** Files and folders the command needs besides the absolute paths in it. */
  readable?: readonly string[];
  hostEnv: HostEnv;
};

/** How an agent is started for one pass: inside the sandbox, without network, with exactly the listed environment. */
export function agentProcess(request: PassRequest, agent: AgentCommand, round: number): ProcessRequest {
  const [file, ...args] = agent.command;
  if (file === undefined) throw new NimrodError("config", "an agent's command is empty");
  const { worktree, home, tmp } = request;
  const wrapped = wrapCommand(request.sandbox, {
    file,
    args,
    cwd: worktree,
    env: agentEnv(request, agent.hostEnv, round),
    writable: [home, tmp, ...(request.worktreeWritable ? [worktree] : [])],
    readable: [
      ...(request.worktreeWritable ? [] : [worktree]),
      ...pathsOf(request, agent.command),
      ...(agent.readable ?? []),
      ...request.readable,
    ],
    home,
    network: false,
  });
  return { ...wrapped, cwd: worktree };
}

/** CLI.md lists them; nothing else of the operator's environment gets in. */
function agentEnv(request: PassRequest, host: HostEnv, round: number): Record<string, string> {
  return {
    PATH: searchPath(host["PATH"]),
    LANG: host["LANG"] ?? "C.UTF-8",
    ...(host["TZ"] === undefined ? {} : { TZ: host["TZ"] }),
    HOME: request.home,
    TMPDIR: request.tmp,
    NIMROD_PROTOCOL: protocol,
    NIMROD_ROLE: request.role,
    NIMROD_TICKET: request.ticket,
    NIMROD_PASS: request.pass,
    NIMROD_NONCE: request.nonce,
    NIMROD_ROUND: String(round),
    NIMROD_REVIEW_ROUND: String(request.reviewRound),
    NIMROD_WORKTREE: request.worktree,
    NIMROD_SCHEMA: request.schemaPath,
    NIMROD_TOOLBOX: "[]",
  };
}

/** Nimrod's own Node first, so that `node agent.mjs` is the Node that was tested; relative entries never. */
function searchPath(path: string | undefined): string {
  const entries = (path ?? "/usr/local/bin:/usr/bin:/bin").split(delimiter).filter(isAbsolute);
  return [...new Set([dirname(process.execPath), ...entries])].join(delimiter);
}

/** A configured absolute path is shown inside, but never one that holds the pass's own folders: that is the state. */
function pathsOf({ home, tmp }: PassRequest, command: readonly string[]): string[] {
  const paths = command.filter((word) => isAbsolute(word));
  const tooWide = paths.find((path) => [home, tmp].some((inner) => !relative(path, inner).startsWith("..")));
  if (tooWide !== undefined) {
    throw new NimrodError("config", `an agent's command names ${tooWide}, which holds Nimrod's own state`, {
      hint: "name the program's file itself",
    });
  }
  return paths.filter((path) => existsSync(path));
}
