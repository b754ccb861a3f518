import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { type Clock, ulid } from "../../platform/clock.ts";
import { type ExecOutcome, exec } from "../../platform/exec.ts";
import { ensureFolder, removeTree } from "../../platform/files.ts";
import { type Sandbox, wrapCommand } from "../../workspace/sandbox.ts";
import { baseEnvironment, handedOn } from "./agent-environment.ts";
import { openAgentNetwork } from "./agent-network.ts";
import type { HostEnv } from "./agent-process.ts";
import { endpointsOf } from "./endpoints.ts";
import { findInstalled } from "./find-installed.ts";

export type OneQuestion = {
  command: readonly string[];
  /** `host` or `host:port` that it may reach; without any it has no network. */
  hosts: readonly string[];
  /** Names of environment variables that it is given. */
  env: readonly string[];
  hostEnv: HostEnv;
  sandbox: Sandbox;
  /** A folder for its throw-away home; what is in it belongs to nobody else. */
  folder: string;
  timeoutMs: number;
  maxOutputBytes: number;
  signal: AbortSignal;
  clock: Clock;
};

/**
 * One question to a program and its answer, outside of any pass: no worktree, no ticket, no toolbox, a home that is
 * empty before and gone after. Enclosed like an agent where there is a sandbox.
 */
export async function askOnce(question: OneQuestion, stdin: string): Promise<ExecOutcome> {
  const { command, sandbox, signal, hostEnv } = question;
  const [word = "", ...words] = command;
  const folder = join(question.folder, ulid(question.clock));
  const [home, tmp] = [join(folder, "home"), join(folder, "tmp")];
  await ensureFolder(home, { mode: 0o700 });
  await ensureFolder(tmp, { mode: 0o700 });
  const endpoints = endpointsOf({ row: { endpoints: [] }, baseUrl: null, hosts: question.hosts });
  const network = await openAgentNetwork({ sandbox, signal }, endpoints);
  try {
    const installed = sandbox.kind === "none" ? null : findInstalled(word, hostEnv);
    const [file = word, ...args] = network.wrap([installed?.file ?? word, ...words]);
    const wrapped = wrapCommand(sandbox, {
      file,
      args,
      cwd: home,
      env: {
        ...handedOn(question.env, hostEnv),
        ...baseEnvironment({ home, tmp }, hostEnv),
        NIMROD_PROTOCOL: "nimrod-opinion/1",
        ...network.env,
      },
      writable: [home, tmp],
      readable: [
        ...words.filter((each) => isAbsolute(each) && existsSync(each)),
        ...(installed?.readable ?? []),
        ...network.readable,
      ],
      home,
      network: false,
    });
    return await exec({
      ...wrapped,
      cwd: home,
      stdin,
      timeoutMs: question.timeoutMs,
      maxOutputBytes: question.maxOutputBytes,
      killOnFlood: true,
      signal,
    });
  } finally {
    await network.close();
    await removeTree(folder);
  }
}
