import type { PlanStep } from "../agents/roles.ts";
import type { Action, Decision } from "../authorization/action.ts";
import type { ApprovalItem } from "../authorization/approvals.ts";
import { bindAction, boundDigest } from "../authorization/bind.ts";
import { approvalItem, consider, decide, presenceNeeded } from "../authorization/gate.ts";
import type { TicketBody } from "../tickets/ticket.ts";
import { classifyContext } from "./classify-context.ts";
import type { Bindings, RunFacts } from "./facts.ts";
import type { Wait } from "./journal.ts";
import { passRow } from "./passes.ts";
import { plannedAction, promisedContent } from "./plan-scope.ts";
import type { Ports } from "./ports.ts";
import { commandOf, judgeCheck } from "./verify-candidate.ts";

/** One authorization for the whole plan, before anything is changed: afterwards only a deviation asks. */

export type PlanSettings = {
  ports: Ports;
  facts: RunFacts;
  now: Bindings;
  body: TicketBody;
  /** The ticket's worktree. */
  root: string;
  frozen: (path: string) => boolean;
};

export type Authorization =
  | { kind: "authorized"; tiers: { step: string; tier: string; rule: string }[]; approvals: string[] }
  | { kind: "parked"; waits: Wait[] }
  | { kind: "denied"; id: string; reason: string };

/** The gate's decision on each step that is an exact action. Starts nothing and asks nobody. */
export function decidePlan(settings: Omit<PlanSettings, "now" | "body">): Map<string, Decision> {
  const decisions = new Map<string, Decision>();
  for (const step of settings.facts.plan?.result.steps ?? []) {
    const action = plannedAction(step);
    if (action) decisions.set(step.id, decideStep(settings, action, step.resources));
    if (step.verify !== undefined && step.target !== "worktree") {
      decisions.set(
        `${step.id}.verify`,
        decideStep(settings, { kind: "run", command: step.verify, target: "host" }),
      );
    }
  }
  return decisions;
}

export async function authorizePlan(settings: PlanSettings): Promise<Authorization> {
  const { ports, facts } = settings;
  const steps = facts.plan?.result.steps ?? [];
  const decisions = decidePlan(settings);
  const wanted: ApprovalItem[] = [];
  const used = new Set<string>();
  for (const step of steps) {
    const action = plannedAction(step);
    const decision = action === null ? undefined : await considerStep(settings, action, step.resources);
    if (decision) decisions.set(step.id, decision);
    const standing =
      decision && action ? await ports.standing.covers(action, decision, contextOf(settings)) : null;
    // It is used up when the step is due; should it be gone by then, that step asks by itself.
    if (standing !== null) used.add(standing);
    const isAsked =
      decision?.tier === "explicit" || (decision?.tier === "brief" && ports.policy.brief === "ask");
    if (decision && isAsked && standing === null) wanted.push(await stepItem(settings, step, decision));
  }
  wanted.push(...(await checkItems(settings)));

  const missing: ApprovalItem[] = [];
  for (const item of wanted) {
    const grant = await ports.approvals.check(item.digest, presenceNeeded(ports.sandbox.kind));
    if (grant.kind === "denied") return { kind: "denied", id: grant.id, reason: grant.reason };
    if (grant.kind === "granted") used.add(grant.id);
    else missing.push(item);
  }
  if (missing.length > 0) {
    const request = await ports.approvals.request(
      {
        kind: "plan",
        ticket: facts.ticket,
        run: facts.run,
        requester: "nimrod/plan",
        items: missing,
      },
      presenceNeeded(ports.sandbox.kind),
    );
    const what = missing.length === 1 ? (missing[0]?.title ?? "") : `${missing.length} steps of the plan`;
    return { kind: "parked", waits: [{ kind: "approval", id: request.id, digest: null, what }] };
  }
  const tiers = [...decisions].map(([step, decision]) => ({
    step,
    tier: decision.tier,
    rule: decision.rule,
  }));
  return { kind: "authorized", tiers, approvals: [...used] };
}

/** The digest is made of the same facts that the gate uses when the action is due, or nothing would ever match. */
async function stepItem(settings: PlanSettings, step: PlanStep, decision: Decision): Promise<ApprovalItem> {
  const { ports, facts, now, root } = settings;
  const action = plannedAction(step);
  if (!action || !facts.plan) throw new Error(`step ${step.id} is no exact action`);
  const bound = await bindAction(action, {
    worktree: root,
    env: ports.env,
    plan: facts.planDigest,
    policy: ports.policyDigest,
    ticketText: now.ticketText,
    promised: promisedContent(facts.plan.result, step),
  });
  return approvalItem(
    action,
    { title: `${step.id} ${step.title}`, undo: step.undo ?? null },
    decision,
    boundDigest(bound),
    root,
  );
}

async function checkItems(settings: PlanSettings): Promise<ApprovalItem[]> {
  const items: ApprovalItem[] = [];
  for (const criterion of settings.body.criteria) {
    const command = commandOf(criterion, settings.facts);
    if (command === null) continue;
    const { decision, item } = await judgeCheck(settings, criterion, command);
    if (decision.tier === "explicit") items.push(item);
  }
  return items;
}

type StepSettings = Pick<PlanSettings, "ports" | "root" | "frozen">;

function decideStep(settings: StepSettings, action: Action, resources: readonly string[] = []): Decision {
  return decide(action, stepOptions(settings, resources));
}

async function considerStep(
  settings: StepSettings,
  action: Action,
  resources: readonly string[] = [],
): Promise<Decision> {
  const { secondOpinion } = settings.ports;
  return (await consider(action, { ...stepOptions(settings, resources), secondOpinion })).decision;
}

function stepOptions(settings: StepSettings, resources: readonly string[]) {
  return {
    context: contextOf(settings),
    policy: settings.ports.policy,
    inPlan: null,
    plannedHosts: [],
    declared: () => resources,
  };
}

function contextOf({ ports, root, frozen }: StepSettings) {
  return classifyContext({ ports, row: passRow("implement"), root, frozen });
}
