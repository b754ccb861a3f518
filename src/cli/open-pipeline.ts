import { statSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import type { AgentAdapter } from "../agents/adapter.ts";
import { createBuiltinAdapter } from "../agents/adapters/builtin.ts";
import { createPlainAdapter } from "../agents/adapters/plain.ts";
import { loadRole } from "../agents/role-file.ts";
import type { Role } from "../agents/roles.ts";
import { openApprovals } from "../authorization/approvals.ts";
import { policyDigest } from "../authorization/policy.ts";
import { isTrusted } from "../authorization/trust.ts";
import type { Config } from "../config/schema.ts";
import { NimrodError } from "../errors.ts";
import { loadMachineKey } from "../evidence/keys.ts";
import { makeRedactor } from "../evidence/redact.ts";
import type { Ports } from "../pipeline/ports.ts";
import { realPathSoFar } from "../platform/real-path.ts";
import { openOperatorRepository } from "../workspace/repository.ts";
import { probeSandbox } from "../workspace/sandbox.ts";
import type { Context, Project } from "./context.ts";
import { loadPolicy } from "./load-policy.ts";
import { progressPrinter } from "./progress.ts";
import { trustItems } from "./trust-items.ts";

/** Chooses the real adapters for the pipeline. Only commands that run something come here: it starts git and bwrap. */
export async function openPipeline(
  context: Context,
  flags: { agent?: string | undefined } = {},
): Promise<{ ports: Ports; project: Project }> {
  const project = await context.project(flags);
  const { root, config, store, stateFolder } = project;
  const [operator, sandbox, policy] = await Promise.all([
    openOperatorRepository(root),
    probeSandbox({ ...context.env }),
    loadPolicy(root),
  ]);
  const items = await trustItems(root, config, policy);
  const sealKey = await loadMachineKey({ stateFolder: context.stateHome, projectRoot: root });
  const trusted = await isTrusted({ stateFolder, stateHome: context.stateHome }, items);
  const env = commandEnvironment(context.env, [root, context.stateHome]);
  const ports: Ports = {
    root,
    stateFolder,
    stateHome: context.stateHome,
    realPath: realPathSoFar,
    home: context.home,
    clock: context.clock,
    sandbox,
    store,
    operator,
    policy,
    policyDigest: policyDigest(policy),
    approvals: openApprovals({
      folder: join(stateFolder, "approvals"),
      stateHome: context.stateHome,
      clock: context.clock,
    }),
    sealKey,
    redact: makeRedactor(secretValues(context.env), { fingerprintKey: sealKey.redactionKey }),
    version: context.version,
    limits: {
      startSeconds: config.values.limits.startSeconds,
      idleSeconds: config.values.limits.idleSeconds,
      wallSeconds: config.values.limits.passMinutes * 60,
      turns: config.values.limits.turns,
      tokens: config.values.limits.tokens,
      usd: config.values.limits.usd,
      ticketUsd: config.values.limits.ticketUsd,
      prices: config.values.prices,
      tries: config.values.limits.tries,
      retrySeconds: config.values.limits.retrySeconds,
      answerBytes,
      slice: config.values.limits.slice,
    },
    env,
    agentFor: async (role) => agentOf(role, config.values, { root, hostEnv: env }),
    consented: (agent) => config.values.consent.includes(agent.name),
    promptOf: async (role) => loadRole(role, [join(root, "agents")]),
    untrusted: trusted ? null : items.map((item) => item.what).join(", "),
    setup: config.values.workspace.setup,
    confirm: context.prompts.available
      ? (question) => context.prompts.confirm(question, { hint: "nimrod approvals" })
      : undefined,
    progress: progressPrinter(context.output),
    signal: context.interruption(),
  };
  return { ports, project };
}

/** One answer of an agent, just below what the line reader holds. A plan that writes twenty files fits many times. */
const answerBytes = 4 * 1024 * 1024 - 1;

function agentOf(
  role: Role,
  config: Config,
  { root, hostEnv }: { root: string; hostEnv: Ports["env"] },
): AgentAdapter {
  // `auto` takes the first usable CLI for which an adapter exists; the only one there is so far is the embedded one.
  const wanted = config.roles[role]?.agent ?? config.agent;
  if (wanted === "auto" || wanted === "builtin") return createBuiltinAdapter({ hostEnv });
  const entry = config.agents[wanted];
  if (!entry) {
    throw new NimrodError("config", `no agent is called ${JSON.stringify(wanted)}`, {
      lines: ["builtin", ...Object.keys(config.agents)],
      hint: "nimrod doctor",
    });
  }
  if (entry.adapter === "builtin") return createBuiltinAdapter({ hostEnv });
  // Nimrod cannot know where a program sends what it reads: unless the configuration names a vendor, it is its own.
  return createPlainAdapter({
    name: wanted,
    command: entry.command.map((word, index) => atRoot(root, word, index)),
    mode: entry.mode,
    vendor: entry.vendor ?? wanted,
    hostEnv,
  });
}

/**
 * A pass works in a folder of its own, so a file of the project that a command names is meant from the project's
 * root, where `nimrod trust` hashed it. A bare first word is a program on PATH.
 */
function atRoot(root: string, word: string, index: number): string {
  if (isAbsolute(word) || (index === 0 && !word.includes("/"))) return word;
  return statSync(join(root, word), { throwIfNoEntry: false })?.isFile() ? join(root, word) : word;
}

const secretName = /token|secret|passw|credential|api_?key|private/i;

/** Values of the environment that look like secrets by their names: cut out of everything that is written. */
function secretValues(env: Context["env"]): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && secretName.test(name) ? [value] : [],
  );
}

/** PATH without anything that the repository or a relative entry could put in front of the real programs. */
function commandEnvironment(env: Context["env"], excluded: readonly string[]): Record<string, string> {
  const folders = [dirname(process.execPath), ...(env["PATH"] ?? "/usr/bin:/bin").split(":")];
  const allowed = folders.filter(
    (folder) => isAbsolute(folder) && !excluded.some((root) => isBelow(folder, root)),
  );
  // The Node that Nimrod runs on may be the repository's own dev dependency; it was chosen by the operator's start.
  const path = [...new Set([...folders.slice(0, 1), ...allowed])];
  return { PATH: path.join(":"), LANG: "C.UTF-8", TZ: env["TZ"] ?? "UTC" };
}

function isBelow(folder: string, root: string): boolean {
  const real = realPathSoFar(folder);
  return real === root || real.startsWith(`${root}/`);
}
