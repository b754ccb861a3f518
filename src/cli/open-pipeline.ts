import { hostname } from "node:os";
import { join } from "node:path";
import type { AgentAdapter } from "../agents/adapter.ts";
import { catalog } from "../agents/catalog.ts";
import { loadRole } from "../agents/role-file.ts";
import { roles } from "../agents/role-names.ts";
import { openApprovals } from "../authorization/approvals.ts";
import { openStandingApprovals } from "../authorization/standing-approvals.ts";
import { isTrusted } from "../authorization/trust.ts";
import type { LoadedConfig } from "../config/load.ts";
import { borrowMachineKey, loadMachineKey } from "../evidence/keys.ts";
import { makeRedactor } from "../evidence/redact.ts";
import type { Ports } from "../pipeline/ports.ts";
import { realPathSoFar } from "../platform/real-path.ts";
import { openOperatorRepository } from "../workspace/repository.ts";
import { probeSandbox } from "../workspace/sandbox.ts";
import { readChoiceFacts } from "./choice-facts.ts";
import { type AgentDefinition, type ChoiceFacts, chooseAgent, isConsented } from "./choose-agent.ts";
import { configuredOpinion } from "./configured-opinion.ts";
import type { Context, Project } from "./context.ts";
import { commandEnvironment, createAdapter, type Operator, operatorOf } from "./create-adapter.ts";
import { inertNote, loadProjectPolicy } from "./load-policy.ts";
import { tellProgress } from "./progress.ts";
import { trustItems } from "./trust-items.ts";

/**
 * Chooses the real adapters for the pipeline. Only commands that run something come here: it starts git and bwrap.
 * @param flags.allRoles throw `config` now, before anything is started, where some role has no agent.
 */
export async function openPipeline(
  context: Context,
  flags: { agent?: string | undefined; looksOnly?: boolean; allRoles?: boolean } = {},
): Promise<{ ports: Ports; project: Project }> {
  const project = await context.project(flags);
  const { root, config, store, stateFolder } = project;
  const [operator, sandbox, policy] = await Promise.all([
    openOperatorRepository(root),
    probeSandbox({ ...context.env }),
    loadProjectPolicy({ root, stateFolder, stateHome: context.stateHome }),
  ]);
  const items = await trustItems(root, config);
  const sealKey = flags.looksOnly
    ? await borrowMachineKey(context.stateHome)
    : await loadMachineKey({ stateFolder: context.stateHome, projectRoot: root });
  const trusted = await isTrusted({ stateFolder, stateHome: context.stateHome }, items);
  const env = commandEnvironment(context.env, [root, context.stateHome]);
  const facts = await readChoiceFacts(context, project);
  // A reviewer that is not there is no news for after the implementer has been paid.
  if (flags.allRoles) for (const role of roles) chooseAgent(role, facts);
  const agents = openAgents(facts, operatorOf(context, root));
  const progress = tellProgress(context.output, {
    live: context.live,
    time: context.clock.now,
    now: () => performance.now(),
    every(ms, act) {
      const timer = setInterval(act, ms).unref();
      return () => clearInterval(timer);
    },
  });
  const growing = growingRedactor(secretValues(context.env, handedOn(config.values)), sealKey.redactionKey);
  const { clock } = context;
  const signal = context.interruption();
  const inert = inertNote(policy);
  if (inert !== null) progress.tell({ kind: "note", text: inert });
  const ports: Ports = {
    root,
    stateFolder,
    stateHome: context.stateHome,
    realPath: realPathSoFar,
    home: context.home,
    clock,
    sandbox,
    store,
    operator,
    policy: policy.policy,
    policyDigest: policy.digest,
    standing: openStandingApprovals({
      stateFolder,
      stateHome: context.stateHome,
      machine: hostname(),
      clock: context.clock,
      policy: policy.written,
      policyDigest: policy.digest,
    }),
    approvals: openApprovals({
      folder: join(stateFolder, "approvals"),
      stateHome: context.stateHome,
      clock,
    }),
    ...configuredOpinion(config.values.secondOpinion, operatorOf(context, root), {
      sandbox,
      stateFolder,
      clock,
      redact: growing.redact,
      signal,
    }),
    sealKey,
    ...growing,
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
      askMinutes: config.values.limits.askMinutes,
    },
    env,
    ...agents,
    promptOf: async (role) => loadRole(role, [join(root, "agents")]),
    untrusted: trusted ? null : items.map((item) => item.what).join(", "),
    setup: config.values.workspace.setup,
    confirm: context.prompts.available
      ? (question) => progress.paused(() => context.prompts.confirm(question, { hint: "nimrod approvals" }))
      : undefined,
    progress: progress.tell,
    signal,
  };
  return { ports, project };
}

/** One answer of an agent, just below what the line reader holds. A plan that writes twenty files fits many times. */
const answerBytes = 4 * 1024 * 1024 - 1;

/** One adapter for each definition, so that what is found out about it once is known for the whole run. */
function openAgents(facts: ChoiceFacts, operator: Operator): Pick<Ports, "agentFor" | "consented"> {
  const adapters = new Map<string, Promise<AgentAdapter>>();
  const definitions = new WeakMap<AgentAdapter, AgentDefinition>();
  return {
    async agentFor(role) {
      const { agent } = chooseAgent(role, facts);
      const key = JSON.stringify(agent);
      const adapter = adapters.get(key) ?? createAdapter(agent, operator);
      adapters.set(key, adapter);
      definitions.set(await adapter, agent);
      return adapter;
    },
    consented(adapter) {
      const agent = definitions.get(adapter);
      return agent !== undefined && isConsented(agent, facts.config.values.consent);
    },
  };
}

const secretName = /token|secret|passw|credential|api_?key|private/i;

/** Variables that some agent is given: a login, or what the configuration names. */
function handedOn({ agents, secondOpinion }: LoadedConfig["values"]): Set<string> {
  return new Set([
    ...(secondOpinion?.env ?? []),
    ...catalog.flatMap((row) => row.login.env),
    ...Object.values(agents).flatMap((entry) => entry.env),
  ]);
}

/** Values of the environment that look like secrets by their names, or that agents log in with: never written. */
function secretValues(env: Context["env"], logins: ReadonlySet<string>): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && (secretName.test(name) || logins.has(name)) ? [value] : [],
  );
}

/** Login files are read when an agent is lent them: their secrets are known only then. */
function growingRedactor(
  first: readonly string[],
  fingerprintKey: string,
): Required<Pick<Ports, "redact" | "hide">> {
  const known = new Set(first);
  let redact = makeRedactor(first, { fingerprintKey });
  return {
    redact: (text) => redact(text),
    hide(values) {
      if (values.every((value) => known.has(value))) return;
      for (const value of values) known.add(value);
      redact = makeRedactor([...known], { fingerprintKey });
    },
  };
}
