import { join } from "node:path";
import type { PassInput } from "../agents/pass-input.ts";
import type { Action } from "../authorization/action.ts";
import { unreachable } from "../errors.ts";
import { removeTree } from "../platform/files.ts";
import type { StoredTicket, TicketBody } from "../tickets/ticket.ts";
import type { Place } from "../toolbox/perform.ts";
import { cleanCheckout } from "../workspace/checkout.ts";
import { listPaths } from "../workspace/list-paths.ts";
import { createWorkspace, hasWorkspace, openWorkspace, type Workspace } from "../workspace/worktree.ts";
import { applyHostStep } from "./apply-host.ts";
import { authorizePlan, decidePlan } from "./authorize-plan.ts";
import { checkPlan } from "./check-plan.ts";
import type { Driver, StepEnd } from "./driver.ts";
import type { Bindings, RunFacts } from "./facts.ts";
import { frozenBy, packageScripts } from "./frozen.ts";
import type { Journal } from "./journal.ts";
import { isSatisfied, type NextStep } from "./next-step.ts";
import { buildPassInput } from "./pass-input.ts";
import { gatherSources } from "./pass-sources.ts";
import { type PassName, passRow } from "./passes.ts";
import { makeScratch, ticketFolder } from "./places.ts";
import type { Ports } from "./ports.ts";
import { prepareMounts } from "./prepare-mounts.ts";
import { rehearseSteps } from "./rehearse.ts";
import { type PassEnd, runPass } from "./run-pass.ts";
import { openRunSegment } from "./segments.ts";
import { type Triaged, triageClaimed } from "./triage.ts";
import { withTries } from "./tries.ts";
import { commandOf, verifyCandidate, verifyLive } from "./verify-candidate.ts";
import { waitStates } from "./wait-states.ts";

/** Carries out what next-step.ts decided, one step at a time. */

export type Work = {
  ports: Ports;
  journal: Journal;
  driver: Driver;
  ticket: StoredTicket;
  body: TicketBody;
  now: Bindings;
  workspace: Workspace;
  mounts: Place["mounts"];
  frozen: (path: string) => boolean;
  /** Approved while the run was parked, not yet performed; emptied by the pass that performs them. */
  approved: Action[];
};

export async function openWork(
  base: Omit<Work, "workspace" | "mounts" | "frozen" | "approved">,
): Promise<Work> {
  const { ports, driver, journal } = base;
  const facts = driver.facts();
  const folder = ticketFolder(ports, facts.ticket, facts.run);
  const options = { operator: ports.operator, folder, branch: facts.branch };
  const isThere = await hasWorkspace(folder);
  const workspace = isThere
    ? await openWorkspace(options)
    : await createWorkspace({ ...options, base: facts.base });
  // What an attempt that was cut off left uncommitted is kept aside, and the next attempt starts clean.
  if (isThere) await workspace.makePristine();

  const states = await waitStates(ports, facts.waits);
  // Whoever resumes says by that that the agent can log in now.
  const isOver = facts.waits.every((wait) => wait.kind === "login" || isSatisfied(wait, facts, states));
  const approved = isOver ? approvedActions(journal, facts, states) : [];
  if (facts.failure || (facts.waits.length > 0 && isOver)) {
    await journal.append({ type: "resumed" });
  }
  const paths = new Set(await listPaths(workspace.place, facts.base));
  const verifications = await frozenCommands(ports, workspace, base.body, facts);
  const frozen = frozenBy(verifications, (path) => paths.has(path));
  return { ...base, workspace, mounts: [], frozen, approved };
}

/** Everything that is run to judge the work, or with more rights than the work has. */
export async function frozenCommands(
  ports: Pick<Ports, "setup">,
  workspace: Workspace,
  body: TicketBody,
  facts: RunFacts,
): Promise<string[]> {
  const text = await workspace.readAt(facts.base, "package.json");
  const scripts = packageScripts(text === null ? null : new TextDecoder().decode(text));
  return [...body.criteria.flatMap((each) => commandOf(each, facts) ?? []), ...ports.setup, ...scripts];
}

type PassStep = Extract<NextStep, { kind: "pass" }>;

export async function performStep(work: Work, step: NextStep, triaged: Triaged | null): Promise<StepEnd> {
  const { driver } = work;
  switch (step.kind) {
    case "pass":
      if (step.step === "triage") return driver.step("triage", () => triageStep(work, triaged));
      return driver.step(step.step, () => passStep(work, step));
    case "authorize":
      return driver.step("authorize", () => authorizeStep(work));
    case "verify":
      return driver.step(step.on === "live" ? "live-verify" : "verify", () => verifyStep(work, step.on));
    case "apply":
      return driver.step("apply", async () => {
        // What an ignored file says (a GNUmakefile, an override) must not decide what runs on the host.
        await work.workspace.makePristine();
        const applied = await applyHostStep({ ...work, facts: driver.facts() }, step.step);
        return applied.kind === "parked" ? applied : { kind: "done", value: applied.outcome };
      });
    case "ask":
    case "wait":
    case "finish":
      throw new Error(`not a step to perform: ${step.kind}`);
    default:
      return unreachable(step);
  }
}

async function passStep(work: Work, step: PassStep): Promise<StepEnd> {
  const end = await withTries({ ...work, step: step.step }, () => attemptPass(work, step));
  return stepEndOf(work, step.pass, end);
}

/** One attempt: what the one before left uncommitted is kept aside, and its finished actions are told. */
async function attemptPass(work: Work, step: PassStep): Promise<PassEnd> {
  const { ports, workspace } = work;
  const facts = work.driver.facts();
  const row = passRow(step.pass);
  if (facts.tries?.step === step.step) await workspace.makePristine();
  if (step.step === "implement") await startImplementing(work, facts);
  work.mounts = await prepareMounts(work, facts);
  const commit = facts.candidate?.commit ?? facts.base;
  const root =
    row.place === "worktree"
      ? workspace.path
      : join(ticketFolder(ports, facts.ticket, facts.run), "checkouts", row.name);
  if (row.place === "checkout") await cleanCheckout({ workspace, commit, folder: root });
  const end = await runPass({
    ports,
    row,
    step: step.step,
    facts,
    now: work.now,
    journal: work.journal,
    input: await inputOf(work, step.pass, facts, step.step === "live-review"),
    root,
    workspace,
    mounts: work.mounts,
    frozen: work.frozen,
    makeCopy:
      row.place === "worktree"
        ? null
        : () => makeScratch(ports, { workspace, commit, ticket: facts.ticket, run: facts.run }),
    openSegment: (pass, agent) =>
      openRunSegment(ports, facts, work.now, {
        name: step.step,
        id: pass,
        header: {
          agent: {
            name: agent.name,
            vendor: agent.vendor,
            model: agent.model ?? null,
            gate: agent.gate,
            identity: agent.identity,
          },
        },
      }),
    approved: step.step === "implement" ? work.approved.splice(0) : [],
  });
  if (row.place === "checkout") await removeTree(root);
  return end;
}

async function stepEndOf(work: Work, pass: PassName, end: PassEnd): Promise<StepEnd> {
  if (end.kind !== "finished") return end;
  const facts = work.driver.facts();
  const value = { result: end.result, pass: end.pass, agent: end.agent, answersSeen: facts.answers.length };
  const objects = verdictOf(end.result) === "changes";
  work.ports.progress({ kind: "pass-done", pass, summary: summaryOf(end.result), objects, ms: end.ms });
  if (pass !== "implement") return { kind: "done", value };
  const commit = await work.workspace.head();
  return {
    kind: "done",
    value: { ...value, candidate: { commit, tree: await work.workspace.treeHash(commit) } },
  };
}

/** One line of a pass's result for the person watching. */
function summaryOf(result: unknown): string {
  if (result === null || typeof result !== "object") return "";
  const findings = "findings" in result && Array.isArray(result.findings) ? result.findings.length : null;
  const verdict = verdictOf(result);
  if (verdict === "changes") return `asks for changes, ${counted(findings ?? 0, "finding")}`;
  if (verdict !== null) return verdict;
  if (findings !== null) return counted(findings, "finding");
  if ("slice" in result && "steps" in result && Array.isArray(result.steps))
    return counted(result.steps.length, "step");
  if ("steps" in result && Array.isArray(result.steps)) {
    const done = result.steps.filter((step: { status?: unknown }) => step.status === "done").length;
    return `${done} of ${result.steps.length} steps done`;
  }
  return "";
}

function verdictOf(result: unknown): string | null {
  const isReview = result !== null && typeof result === "object" && "verdict" in result;
  return isReview ? String(result.verdict) : null;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

async function startImplementing(work: Work, facts: RunFacts): Promise<void> {
  const { workspace } = work;
  await workspace.check();
  // A new plan starts from the base: what an earlier plan left on the branch is kept aside, not built upon.
  const fresh = facts.round === 1 && facts.outcomes.length === 0 && facts.candidate === null;
  if (fresh && (await workspace.head()) !== facts.base) await workspace.resetTo(facts.base);
}

async function inputOf(work: Work, pass: PassName, facts: RunFacts, live: boolean): Promise<PassInput> {
  const { workspace } = work;
  const problems = pass === "plan" ? problemsOf(work, facts) : [];
  const places = { ...work, facts, git: workspace.place, workspace, problems, live };
  return buildPassInput(pass, await gatherSources(pass, places));
}

/** Why the standing plan cannot be authorized; empty where there is none yet. */
export function problemsOf(
  work: Pick<Work, "ports" | "workspace" | "frozen" | "body">,
  facts: RunFacts,
): string[] {
  if (!facts.plan || !facts.research) return [];
  const decisions = decidePlan({ ports: work.ports, facts, root: work.workspace.path, frozen: work.frozen });
  return checkPlan(facts.plan.result, {
    body: work.body,
    research: facts.research,
    limits: work.ports.limits.slice,
    decisions,
  });
}

async function authorizeStep(work: Work): Promise<StepEnd> {
  const { ports, driver, now, body, workspace, frozen } = work;
  const facts = driver.facts();
  const authorization = await authorizePlan({ ports, facts, now, body, root: workspace.path, frozen });
  if (authorization.kind === "parked") return authorization;
  if (authorization.kind === "denied") {
    const text = `${authorization.id} was denied: ${authorization.reason}. How should the plan change? (Changed your mind: nimrod approve ${authorization.id})`;
    const question = {
      id: `Q9${facts.planTries}`,
      kind: "text" as const,
      text: text.slice(0, 500),
      neededFor: ["plan"],
    };
    return {
      kind: "parked",
      waits: [{ kind: "answer", why: `${authorization.id} was denied`, questions: [question] }],
    };
  }
  const segment = await openRunSegment(ports, facts, now, { name: "authorize" });
  await segment.append({
    type: "note",
    actor: "nimrod",
    data: {
      what: "authorized",
      plan: facts.planDigest,
      steps: authorization.tiers,
      approvals: authorization.approvals,
    },
  });
  await segment.seal({ verdict: "authorized", tree: null });
  return { kind: "done", value: { approvals: authorization.approvals } };
}

async function verifyStep(work: Work, on: "candidate" | "live"): Promise<StepEnd> {
  const { ports, driver, now, body, workspace, frozen } = work;
  const facts = driver.facts();
  await workspace.check();
  work.mounts = await prepareMounts(work, facts);
  const segment = await openRunSegment(ports, facts, now, { name: on === "live" ? "live-verify" : "verify" });
  const settings = { ports, facts, now, body, workspace, segment, mounts: work.mounts, frozen };
  if (on === "live") await workspace.makePristine();
  const end = on === "live" ? await verifyLive(settings) : await verifyCandidate(settings);
  if (on === "candidate" && end.kind === "checked") await rehearseSteps(settings);
  const passed = end.kind === "checked" && end.checks.every((check) => check.on === "base" || check.passed);
  await segment.seal({
    verdict: end.kind === "parked" ? "parked" : passed ? "passed" : "failed",
    tree: facts.candidate?.tree ?? null,
  });
  return end.kind === "parked" ? end : { kind: "done", value: { checks: end.checks } };
}

async function triageStep(work: Work, triaged: Triaged | null): Promise<StepEnd> {
  if (triaged) return adoptTriage(work, triaged);
  const end = await triageClaimed(work.ports, work.ticket);
  switch (end.kind) {
    case "picked":
      return adoptTriage(work, end.triaged);
    case "triage-parked":
      return { kind: "parked", waits: end.waits };
    case "triage-failed":
      return { kind: "failed", reason: end.reason, message: end.message };
    case "interrupted":
      return { kind: "cancelled" };
  }
}

async function adoptTriage(work: Work, { end, records, money }: Triaged): Promise<StepEnd> {
  for (const record of money) await work.journal.append(record);
  const facts = work.driver.facts();
  const segment = await openRunSegment(work.ports, facts, work.now, {
    name: "triage",
    id: end.pass,
    header: { agent: { name: end.agent } },
  });
  for (const record of records) await segment.append(record);
  await segment.seal({ verdict: "finished", tree: null });
  return { kind: "done", value: { result: end.result, pass: end.pass, agent: end.agent, answersSeen: 0 } };
}

function approvedActions(journal: Journal, facts: RunFacts, states: ReadonlyMap<string, string>): Action[] {
  return facts.waits.flatMap((wait) => {
    if (wait.kind !== "approval" || wait.digest === null || states.get(wait.id) !== "approved") return [];
    const intent = journal.records.findLast(
      (record) => record.type === "action" && record.phase === "intent" && record.digest === wait.digest,
    );
    return intent?.type === "action" ? [intent.value as Action] : [];
  });
}
