import { existsSync } from "node:fs";
import { isAbsolute, relative } from "node:path";
import { NimrodError } from "../../errors.ts";
import type { ProcessRequest } from "../../platform/exec.ts";
import { wrapCommand } from "../../workspace/sandbox.ts";
import type { PassRequest } from "../adapter.ts";
import { baseEnvironment, handedOn } from "./agent-environment.ts";
import { type AgentNetwork, noNetwork } from "./agent-network.ts";
import { protocol } from "./exchange.ts";
import { findInstalled } from "./find-installed.ts";

/** The operator's environment; only listed names of it are looked at. */
export type HostEnv = Record<string, string | undefined>;

export type AgentCommand = {
  command: readonly string[];
  /** Files and folders the command needs besides the absolute paths in it. */
  readable?: readonly string[];
  hostEnv: HostEnv;
  /** More variables of the operator to hand on, by name. */
  passEnv?: readonly string[];
  /** Default: no network at all. */
  network?: AgentNetwork;
  /** Argv of the toolbox over MCP; empty where there is none. */
  toolbox?: readonly string[];
};

/** How an agent is started for one pass: inside the sandbox, with the listed servers, with exactly the listed environment. */
export function agentProcess(request: PassRequest, agent: AgentCommand, round: number): ProcessRequest {
  const network = agent.network ?? noNetwork;
  const [word, ...words] = agent.command;
  if (word === undefined) throw new NimrodError("config", "an agent's command is empty");
  // One that is not there is started all the same: its exit says so, in the words of every other failure.
  const installed = request.sandbox.kind === "none" ? null : findInstalled(word, agent.hostEnv);
  const [file = word, ...args] = network.wrap([installed?.file ?? word, ...words]);
  const { worktree, home, tmp } = request;
  const wrapped = wrapCommand(request.sandbox, {
    file,
    args,
    cwd: worktree,
    env: {
      ...handedOn(agent.passEnv ?? [], agent.hostEnv),
      ...baseEnvironment(request, agent.hostEnv),
      ...ownEnvironment(request, round, agent.toolbox ?? []),
      ...network.env,
    },
    writable: [home, tmp, ...(request.worktreeWritable ? [worktree] : [])],
    readable: [
      ...(request.worktreeWritable ? [] : [worktree]),
      ...pathsOf(request, words),
      ...(installed?.readable ?? []),
      ...(agent.readable ?? []),
      ...network.readable,
      ...request.readable,
    ],
    home,
    network: false,
  });
  return { ...wrapped, cwd: worktree };
}

/** docs/agents.md lists them. */
function ownEnvironment(
  request: PassRequest,
  round: number,
  toolbox: readonly string[],
): Record<string, string> {
  return {
    NIMROD_PROTOCOL: protocol,
    NIMROD_ROLE: request.role,
    NIMROD_TICKET: request.ticket,
    NIMROD_PASS: request.pass,
    NIMROD_NONCE: request.nonce,
    NIMROD_ROUND: String(round),
    NIMROD_REVIEW_ROUND: String(request.reviewRound),
    NIMROD_WORKTREE: request.worktree,
    NIMROD_SCHEMA: request.schemaPath,
    NIMROD_TOOLBOX: JSON.stringify(toolbox),
  };
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
