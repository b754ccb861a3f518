import type { PlanStep } from "../agents/roles.ts";
import type { Action } from "../authorization/action.ts";
import { describeAction } from "../authorization/describe.ts";
import { openGate } from "../authorization/gate.ts";
import { rfc3339 } from "../platform/clock.ts";
import { removeTree } from "../platform/files.ts";
import { perform } from "../toolbox/perform.ts";
import type { Workspace } from "../workspace/worktree.ts";
import { classifyContext } from "./classify-context.ts";
import type { Bindings, HostOutcome, RunFacts } from "./facts.ts";
import type { Journal, Wait } from "./journal.ts";
import { makePassFolders, placeFor } from "./places.ts";
import { plannedAction } from "./plan-scope.ts";
import type { Ports } from "./ports.ts";
import { openRunSegment } from "./segments.ts";

/** Changes of the operator's own machine: always by Nimrod, always through the gate, journaled around the start. */

/** `workspace.path`: where the commands run; the operator's checkout once the work has landed. */
export type HostSettings = {
  ports: Ports;
  facts: RunFacts;
  now: Bindings;
  journal: Journal;
  workspace: Pick<Workspace, "path">;
};

export type Applied = { kind: "applied"; outcome: HostOutcome } | { kind: "parked"; waits: Wait[] };

export async function applyHostStep(settings: HostSettings, step: PlanStep): Promise<Applied> {
  const action = plannedAction(step);
  if (!action) throw new Error(`step ${step.id} is no exact action`);
  const details = { title: `${step.id} ${step.title}`, undo: step.undo ?? null };
  return runOnHost(settings, {
    name: "apply",
    step: step.id,
    action,
    details,
    verify: step.verify ?? null,
    resources: step.resources ?? [],
  });
}

/** One recorded undo of a host step, gated like the step itself. */
export async function undoHostStep(
  settings: HostSettings,
  done: HostOutcome,
  undo: string,
): Promise<Applied> {
  const action: Action = { kind: "run", command: undo, target: "host" };
  const details = { title: `undo of ${done.step}`, undo: null };
  return runOnHost(settings, {
    name: "rollback",
    step: done.step,
    action,
    details,
    verify: null,
    resources: declaredFor(settings.facts, done.step),
  });
}

/** What the step may touch, its undo may. */
function declaredFor({ plan }: RunFacts, step: string): readonly string[] {
  return plan?.result.steps.find(({ id }) => id === step)?.resources ?? [];
}

async function runOnHost(
  settings: HostSettings,
  what: {
    name: "apply" | "rollback";
    step: string;
    action: Action;
    details: { title: string; undo: string | null };
    verify: string | null;
    /** That the plan declares for the step. */
    resources: readonly string[];
  },
): Promise<Applied> {
  const { ports, facts, now, journal, workspace } = settings;
  const { action } = what;
  const segment = await openRunSegment(ports, facts, now, { name: what.name });
  const context = classifyContext({
    ports,
    row: { role: "implementer", mayWrite: true },
    root: workspace.path,
    frozen: () => false,
  });
  const gate = openGate({
    context,
    policy: ports.policy,
    approvals: ports.approvals,
    secondOpinion: ports.secondOpinion,
    bind: {
      worktree: workspace.path,
      env: ports.env,
      plan: facts.planDigest,
      policy: ports.policyDigest,
      ticketText: now.ticketText,
    },
    ticket: facts.ticket,
    run: facts.run,
    requester: `nimrod/${what.name}`,
    inPlan: null,
    plannedHosts: [],
    declared: () => what.resources,
    standing: ports.standing,
    record: (data) => segment.append({ type: "action", actor: "nimrod", data: { ...data, step: what.step } }),
  });
  const answer = await gate.decide(action, what.details);
  const said = describeAction(action);
  if (answer.kind === "parked") {
    await segment.seal({ verdict: "parked", tree: facts.candidate?.tree ?? null });
    return {
      kind: "parked",
      waits: [{ kind: "approval", id: answer.approval, digest: null, what: what.details.title }],
    };
  }
  const outcome: HostOutcome = {
    step: what.step,
    status: "denied",
    exit: null,
    undo: what.details.undo,
    at: rfc3339(ports.clock.now()),
  };
  if (answer.kind === "go") {
    const folders = await makePassFolders(ports, facts.ticket, facts.run, `${what.name}-${what.step}`);
    const place = placeFor(ports, {
      root: workspace.path,
      pass: what.name,
      folders,
      workspace: null,
      writable: true,
      mounts: [],
      pinnedGit: false,
    });
    const entry = {
      type: "action" as const,
      digest: answer.digest,
      what: said,
      step: `${what.name}:${what.step}`,
      lasting: true,
    };
    await journal.append({ ...entry, phase: "intent", value: action });
    await journal.append({ ...entry, phase: "started", value: null });
    const done = await perform(action, answer.decision, place, ports.signal);
    const verified = done.status === "done" && what.verify !== null ? await verifyOnHost(what.verify) : done;
    outcome.status = verified.status;
    outcome.exit = verified.exit;
    async function verifyOnHost(command: string) {
      const check: Action = { kind: "run", command, target: "host" };
      const allowed = await gate.decide(check);
      // The plan was refused if this is more than a read (check-plan.ts); here it is made sure of.
      if (allowed.kind !== "go") return { ...done, status: "failed" as const, exit: null };
      return perform(check, allowed.decision, place, ports.signal);
    }
    await journal.append({ ...entry, phase: "outcome", value: outcome });
    await removeTree(folders.root);
    await segment.append({
      type: "outcome",
      actor: "nimrod",
      data: {
        action: said,
        step: what.step,
        digest: answer.digest,
        status: outcome.status,
        tier: answer.decision.tier,
        exit: done.exit,
        ended: done.ended,
        vantage: "host",
        output: done.outputDigest,
        ms: done.ms,
        verify: what.verify,
        verifyExit: what.verify === null ? null : verified.exit,
        undo: what.details.undo,
      },
    });
  }
  await segment.seal({ verdict: outcome.status, tree: facts.candidate?.tree ?? null });
  ports.progress({
    kind: "action",
    what: said,
    tier: answer.decision.tier,
    status: outcome.status,
    exit: outcome.exit,
  });
  return { kind: "applied", outcome };
}
