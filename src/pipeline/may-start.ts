import { join } from "node:path";
import type { AgentAdapter, AgentProbe } from "../agents/adapter.ts";
import type { Action } from "../authorization/action.ts";
import { bindAction, boundDigest } from "../authorization/bind.ts";
import { approvalItem, decide, presenceNeeded } from "../authorization/gate.ts";
import { NimrodError } from "../errors.ts";
import { classifyContext } from "./classify-context.ts";
import type { RunFacts } from "./facts.ts";
import type { Wait } from "./journal.ts";
import type { PassRow } from "./passes.ts";
import type { Ports } from "./ports.ts";

/** Whether an agent may be started for a pass: trust, sandbox, what is installed, and consent, in that order. */

type Start =
  /** `gate` as it was found, where the adapter looks at what is installed. */
  | { kind: "go"; gate: AgentAdapter["gate"] }
  | { kind: "parked"; waits: Wait[] }
  | { kind: "failed"; reason: "policy" | "auth"; message: string };

export async function mayStart(
  settings: { ports: Ports; row: PassRow; facts: RunFacts; root: string; frozen: (path: string) => boolean },
  agent: AgentAdapter,
): Promise<Start> {
  const { ports } = settings;
  if (ports.untrusted !== null) return { kind: "parked", waits: [{ kind: "trust", what: ports.untrusted }] };
  const known: StartFacts = {
    agent: agent.name,
    gate: agent.gate,
    probe: null,
    sandbox: ports.sandbox,
    leavesMachine: agent.vendor !== null,
    attended: ports.confirm !== undefined,
  };
  const atFirst = judgeStart(known);
  if (atFirst.kind === "refused") return refusal(atFirst);
  const probe = await probeOnce(agent, ports);
  const judged = judgeStart({ ...known, probe });
  if (judged.kind === "refused") return refusal(judged);
  return (await consentMissing(settings, agent)) ?? { kind: "go", gate: judged.gate };
}

export type StartFacts = {
  agent: string;
  /** As the adapter declares it. */
  gate: AgentAdapter["gate"];
  /** What was found; null before or without a look. It can weaken the gate, never strengthen it. */
  probe: AgentProbe | null;
  sandbox: Ports["sandbox"];
  /** A model decides what it does, and somebody else runs the model. */
  leavesMachine: boolean;
  /** A person is at the terminal. */
  attended: boolean;
};

type Judged = { kind: "go"; gate: AgentAdapter["gate"] } | { kind: "refused"; message: string };

/** Pure. Closed by default: hands that nothing ties are not started, for a reader as little as for a writer. */
export function judgeStart({ agent, gate, probe, sandbox, leavesMachine, attended }: StartFacts): Judged {
  if (probe?.kind === "refused") {
    const told = probe.version === null || probe.why.includes(probe.version);
    const which = told ? agent : `${agent} ${probe.version}`;
    return { kind: "refused", message: `${which} was not started: ${probe.why} (${probe.hint})` };
  }
  if (probe?.kind === "unknown") return { kind: "refused", message: `${agent} was not probed` };
  const weaker = gate === "sandbox" || probe?.gate === "sandbox" ? "sandbox" : "full";
  if (sandbox.kind === "bwrap") return { kind: "go", gate: weaker };
  if (weaker === "sandbox") {
    // A reader has the same hands as a writer: without the sandbox nothing ties them.
    const message = `${agent} has hands of its own, and there is no sandbox to tie them: ${sandbox.why}`;
    return { kind: "refused", message: `${message} (nimrod doctor)` };
  }
  if (leavesMachine && !attended) {
    const message = `${agent} is driven by a model, there is no sandbox (${sandbox.why}) and nobody is at the terminal`;
    return { kind: "refused", message: `${message} (nimrod doctor)` };
  }
  return { kind: "go", gate: weaker };
}

function refusal({ message }: { message: string }): Start {
  return { kind: "failed", reason: "policy", message };
}

const probes = new WeakMap<AgentAdapter, Promise<AgentProbe>>();

/** An adapter lives for one run of Nimrod, so this is before its first pass. A warning is printed then, too. */
async function probeOnce(agent: AgentAdapter, ports: Ports): Promise<AgentProbe | null> {
  if (agent.probe === undefined) return null;
  const known = probes.get(agent);
  if (known !== undefined) return known;
  const place = { sandbox: ports.sandbox, cache: join(ports.stateHome, "agents") };
  const probing = agent.probe(place).catch(asRefusal);
  probes.set(agent, probing);
  const probe = await probing;
  if (probe.kind === "ready" && !probe.tested) {
    ports.progress({
      kind: "note",
      text: `${agent.name} ${probe.version} passed the probe; it is not a version that Nimrod was tested with (nimrod doctor)`,
    });
  }
  return probe;
}

/** A program that cannot even be looked at is refused like one that was, and its ticket says so. */
function asRefusal(error: unknown): AgentProbe {
  if (!(error instanceof NimrodError)) throw error;
  return { kind: "refused", version: null, why: error.message, hint: error.hint ?? "nimrod doctor" };
}

/** Consent to who would be sent the repository: null once it is there. */
async function consentMissing(
  settings: { ports: Ports; row: PassRow; facts: RunFacts; root: string; frozen: (path: string) => boolean },
  agent: AgentAdapter,
): Promise<Start | null> {
  const { ports, row, facts } = settings;
  if (agent.vendor === null || ports.consented(agent)) return null;
  const needed = presenceNeeded(ports.sandbox.kind);
  const action = consentAction(agent.vendor, agent.hosts ?? []);
  const digest = await consentDigest(action, ports.root);
  const grant = await ports.approvals.check(digest, needed);
  if (grant.kind === "granted") return null;
  if (grant.kind === "denied") {
    const message = `${grant.id}: consent to ${agent.vendor} was denied: ${grant.reason}`;
    return refusal({ message: `${message} (changed your mind? nimrod approve ${grant.id})` });
  }
  const decision = decide(action, {
    context: classifyContext(settings),
    policy: ports.policy,
    inPlan: null,
    plannedHosts: [],
  });
  const by = agent.vendor === agent.name ? "" : `, by ${agent.name}`;
  const title = `${agent.vendor} is sent this repository's content${by}`;
  const request = await ports.approvals.request(
    {
      kind: "consent",
      ticket: facts.ticket || null,
      run: facts.run || null,
      requester: `${row.role}/consent`,
      items: [approvalItem(action, { title }, decision, digest, ports.root)],
    },
    needed,
  );
  return {
    kind: "parked",
    waits: [{ kind: "approval", id: request.id, digest: null, what: `consent to ${agent.vendor}` }],
  };
}

type ConsentAction = Extract<Action, { kind: "start-agent" }>;

/** Hosts belong to it: a configuration that sends the same vendor's program elsewhere is another question. */
export function consentAction(vendor: string, hosts: readonly string[]): ConsentAction {
  return { kind: "start-agent", vendor, hosts: [...new Set(hosts)].sort() };
}

/** Bound to repository, vendor and hosts alone: the consent outlives ticket, plan, role and the agent's name. */
export async function consentDigest(action: ConsentAction, root: string): Promise<string> {
  return boundDigest(
    await bindAction(action, { worktree: root, env: {}, plan: null, policy: "", ticketText: "" }),
  );
}
