import { join } from "node:path";
import { NimrodError } from "../../errors.ts";
import { exec, type ProcessRequest } from "../../platform/exec.ts";
import { ensureFolder } from "../../platform/files.ts";
import type { Destination } from "../../workspace/destinations.ts";
import { wrapCommand } from "../../workspace/sandbox.ts";
import type { PassRequest } from "../adapter.ts";
import type { Login } from "../catalog.ts";
import { baseEnvironment, handedOn } from "./agent-environment.ts";
import { openAgentNetwork } from "./agent-network.ts";
import type { HostEnv } from "./agent-process.ts";
import { findInstalled } from "./find-installed.ts";
import { lendLoginFiles, putInHome, returnLoginFiles } from "./login-files.ts";

export type EnclosedAgent = {
  /** argv; the program as an absolute path or a name on the operator's PATH. */
  command: readonly string[];
  /** Files and folders to show read-only besides the program's own: a `ToolboxSession`'s, settings in `tmp` need none. */
  readable?: readonly string[];
  /** It takes its time before it asks for its model, so the way there is made meanwhile. */
  startsSlowly?: boolean;
  /** The adapter's own variables; they win over those that are handed on. */
  env: Record<string, string>;
  login: Login;
  /** More variables of the operator to hand on, by name. */
  passEnv: readonly string[];
  /** Every server it may reach; see endpointsOf. None: no network at all. */
  endpoints: readonly Destination[];
  /** Made in the fresh home before it starts, 0600; paths below it. */
  homeFiles?: readonly { path: string; content: string }[];
  /** The operator's side. */
  operator: { env: HostEnv; home: string };
};

export type Enclosure = {
  /** Ready for platform/exec.ts; may be started more than once. */
  process: ProcessRequest;
  /** An empty folder, where the agent starts. */
  cwd: string;
  /** `host:port` that it asked for and was refused so far. */
  refused: () => readonly string[];
  /** Servers of its own that took no connection, with the reason. */
  unreached: () => readonly string[];
  /** After the process ended: closes its network and gives back what it refreshed of its login. Never rejects. */
  close: () => Promise<void>;
};

/**
 * Everything an agent CLI gets for one pass: the worktree read-only at its own path, the program and Node, a fresh home
 * with its login and no other file of the operator's, listed variables, and a way to its model's servers. It starts in
 * an empty folder, so no settings that the repository brings (`.claude/`, `.mcp.json`, `AGENTS.md`) lie where a CLI
 * looks for them.
 *
 * Without a sandbox this is a habit and not a wall: the same folders, variables and proxy, but the program sees what the
 * operator sees, may look for settings in the folders above, and reaches what this machine reaches. `gate: "full"`
 * adapters rest on having no tools of their own then.
 *
 * Throws `config` where the program is not found, `refused` where a login file may not be lent.
 */
export async function openEnclosure(request: PassRequest, agent: EnclosedAgent): Promise<Enclosure> {
  const { home, tmp, worktree } = request;
  const [word = "", ...args] = agent.command;
  const program = findInstalled(word, agent.operator.env);
  if (program === null) {
    throw new NimrodError("config", `the agent's program ${JSON.stringify(word)} is not on PATH`, {
      hint: "nimrod doctor",
    });
  }
  const { file, readable } = program;
  const cwd = join(tmp, "start");
  const hide = (values: readonly string[]): void => request.hide?.(values);
  await ensureFolder(cwd);
  const variables = handedOn([...agent.login.env, ...agent.passEnv], agent.operator.env);
  hide(Object.values(handedOn(agent.login.env, agent.operator.env)));
  const lent = await lendLoginFiles(agent.login.files, agent.operator.home, home, hide);
  for (const { path, content } of agent.homeFiles ?? []) await putInHome(home, path, content);
  const network = await openAgentNetwork(request, agent.endpoints);
  const close = async (): Promise<void> => {
    await network
      .close()
      .catch((error: unknown) => request.note({ what: "sockets left", why: String(error) }));
    for (const told of await returnLoginFiles(lent, home, hide))
      request.note({ what: "login file", ...told });
  };
  try {
    const [start = file, ...rest] = network.wrap([file, ...args], agent.startsSlowly);
    const wrapped = wrapCommand(request.sandbox, {
      file: start,
      args: rest,
      cwd,
      env: {
        ...variables,
        ...baseEnvironment(request, agent.operator.env),
        ...network.env,
        // Last: one that talks to itself over loopback is told not to ask the proxy for that.
        ...agent.env,
      },
      writable: [home, tmp],
      readable: [worktree, ...readable, ...network.readable, ...(agent.readable ?? []), ...request.readable],
      home,
      network: false,
    });
    return {
      process: { ...wrapped, cwd },
      cwd,
      refused: network.refused,
      unreached: network.unreached,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Of an agent that only has to say what it is: no login, no variable, no network. */
export const nothingLent = { env: {}, login: { env: [], files: [] }, passEnv: [], endpoints: [] } as const;

/** What a command of an agent's program prints about itself; empty where it does not end well. */
export async function printedBy(
  request: PassRequest,
  { command, operator }: Pick<EnclosedAgent, "command" | "operator">,
  limits: { timeoutMs: number; maxOutputBytes: number },
): Promise<string> {
  const enclosure = await openEnclosure(request, { ...nothingLent, command, operator });
  try {
    const done = await exec({ ...enclosure.process, ...limits, signal: request.signal });
    return done.kind === "exited" && done.code === 0 ? done.stdout.text : "";
  } finally {
    await enclosure.close();
  }
}
