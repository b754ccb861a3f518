import { runCookie } from "../authorization/run-cookie.ts";
import { NimrodError, unreachable } from "../errors.ts";
import { ulid } from "../platform/clock.ts";
import { endLeftovers } from "../platform/leftovers.ts";
import type { StoredTicket } from "../tickets/ticket.ts";
import { bindingsOf, bodyOf } from "./bindings.ts";
import { claimTicket } from "./claims.ts";
import { journalDriver, type StepEnd } from "./driver.ts";
import { foldJournal, type RunFacts } from "./facts.ts";
import { clearStoppedPasses } from "./held-passes.ts";
import { type Journal, type JournalRecord, openJournal, readLatestRun, type Wait } from "./journal.ts";
import { type NextStep, nextStep } from "./next-step.ts";
import { passesFolder } from "./pass-folder.ts";
import type { PassName } from "./passes.ts";
import type { Ports } from "./ports.ts";
import { publishTicket } from "./publish.ts";
import { refuseBrokenEvidence } from "./settle-evidence.ts";
import { openWork, performStep, problemsOf, type Work } from "./steps.ts";
import type { Triaged } from "./triage.ts";
import { waitStates } from "./wait-states.ts";
import { writeLinks } from "./write-links.ts";

/** How a run of one ticket ended, for the person and for the exit code. */
export type RunEnd =
  | { kind: "in_review"; ticket: string }
  | { kind: "until"; ticket: string; pass: PassName }
  | { kind: "parked"; ticket: string; waits: Wait[]; status: "in_progress" | "blocked" }
  | { kind: "failed"; ticket: string; step: string; reason: string; message: string }
  | { kind: "interrupted"; ticket: string }
  | { kind: "busy"; ticket: string; pid: number; owner: string };

export type RunOptions = {
  until: PassName | null;
  /** The triager's choice, when it was made before the claim. */
  triaged: Triaged | null;
};

/** Claims the ticket, does whatever is due until it is done, waits or fails, and writes it down. */
export async function runTicket(ports: Ports, ticket: StoredTicket, options: RunOptions): Promise<RunEnd> {
  const claim = await claimTicket(ports, ticket.id, "nimrod run");
  if (claim.kind === "held") return { kind: "busy", ticket: ticket.id, pid: claim.pid, owner: claim.owner };
  try {
    return await runClaimed(ports, ticket, options, claim.isHeld);
  } finally {
    await claim.release();
  }
}

/** In review by its file, but the text or policy that was reviewed is another one, or no run of it is known here. */
export async function isReviewOutdated(
  ports: Pick<Ports, "stateFolder" | "policyDigest">,
  ticket: StoredTicket,
): Promise<boolean> {
  if (ticket.status !== "in_review") return false;
  const latest = await readLatestRun(ports.stateFolder, ticket.id);
  return latest === null || foldJournal(latest.records, bindingsOf(ports, ticket)).closing === null;
}

/** The same for a caller that holds the claim already. */
export async function runClaimed(
  ports: Ports,
  ticket: StoredTicket,
  options: RunOptions,
  isHeld: () => Promise<boolean>,
): Promise<RunEnd> {
  let journal: Journal | null = null;
  await clearStoppedPasses(ports);
  try {
    const body = await bodyOf(ticket);
    const now = bindingsOf(ports, ticket);
    journal = await openRun(ports, ticket);
    const driver = journalDriver(journal, now, ports.clock, isHeld);
    await settleLastStop(ports, journal, ticket, driver.facts());
    const work = await openWork({ ports, journal, driver, ticket, body, now });
    return await loop(ports, work, options);
  } finally {
    await journal?.close();
  }
}

async function loop(ports: Ports, work: Work, options: RunOptions): Promise<RunEnd> {
  const { driver, ticket } = work;
  for (;;) {
    const facts = driver.facts();
    if (ports.signal.aborted) return { kind: "interrupted", ticket: ticket.id };
    const reached = options.until !== null && isReached(options.until, facts);
    if (reached) return { kind: "until", ticket: ticket.id, pass: options.until ?? "triage" };

    const step = nextStep(facts, planProblems(work, facts), await waitStates(ports, facts.waits));
    if (step.kind === "finish") return finish(ports, work);
    const { status } = work.ticket;
    if (step.kind === "wait")
      return park(ports, work, step.waits, status === "blocked" ? status : "in_progress", false);
    if (step.kind === "ask") {
      return park(
        ports,
        work,
        [{ kind: "answer", questions: step.questions, why: step.why }],
        step.status,
        true,
      );
    }
    // Claimed: whoever reads the ticket while its first pass is at work sees so.
    if (status !== "in_progress") await publish(ports, work, "in_progress", []);
    const end = await performStep(work, step, options.triaged);
    const stopped = await settle(ports, work, step, end);
    if (stopped) return stopped;
  }
}

async function settle(ports: Ports, work: Work, step: NextStep, end: StepEnd): Promise<RunEnd | null> {
  const { ticket, driver } = work;
  switch (end.kind) {
    case "done":
      await publish(ports, work, "in_progress", []);
      return null;
    case "parked":
      return park(ports, work, end.waits, "in_progress", true);
    case "cancelled":
      return { kind: "interrupted", ticket: ticket.id };
    case "failed":
      await publish(ports, work, "in_progress", []);
      return {
        kind: "failed",
        ticket: ticket.id,
        step: nameOf(step),
        reason: end.reason,
        message: driver.facts().failure?.message ?? end.message,
      };
    default:
      return unreachable(end);
  }
}

async function park(
  ports: Ports,
  work: Work,
  waits: Wait[],
  status: "in_progress" | "blocked",
  isNew: boolean,
): Promise<RunEnd> {
  if (isNew) await work.driver.park(waits);
  await publish(ports, work, status, waits);
  return { kind: "parked", ticket: work.ticket.id, waits, status };
}

async function finish(ports: Ports, work: Work): Promise<RunEnd> {
  const { closing, ended } = work.driver.facts();
  if (closing && ended === null) await writeLinks(ports, work.ticket, closing);
  await publish(ports, work, "in_review", []);
  if (work.driver.facts().ended === null) {
    await work.journal.append({ type: "ended", how: "in_review", detail: "" });
  }
  return { kind: "in_review", ticket: work.ticket.id };
}

async function publish(
  ports: Ports,
  work: Work,
  status: "in_progress" | "blocked" | "in_review",
  waits: Wait[],
): Promise<void> {
  work.ticket = await publishTicket(ports, {
    ticket: work.ticket,
    body: work.body,
    facts: work.driver.facts(),
    status,
    waits,
  });
}

/** The run to go on with, or a fresh one on a fresh branch. */
async function openRun(ports: Ports, ticket: StoredTicket): Promise<Journal> {
  const latest = await readLatestRun(ports.stateFolder, ticket.id);
  if (latest !== null && goesOn(latest.records))
    return openJournal(ports.stateFolder, ticket.id, latest.run, ports.clock);
  return startRun(ports, ticket, latest !== null);
}

/** Whether this run is the one to go on with: not landed, rolled back or dropped. */
export function goesOn(records: readonly JournalRecord[]): boolean {
  return !records.some((record) => record.type === "ended" && record.how !== "in_review");
}

export async function startRun(ports: Ports, ticket: StoredTicket, isAgain: boolean): Promise<Journal> {
  const head = await ports.operator.head();
  if (head.branch === null) {
    throw new NimrodError("failed", "the checkout is on no branch, so there is nothing to land on", {
      hint: "git switch main",
    });
  }
  const run = ulid(ports.clock);
  const journal = await openJournal(ports.stateFolder, ticket.id, run, ports.clock);
  const suffix = isAgain ? `-${run.slice(-4).toLowerCase()}` : "";
  const branch = `nimrod/${ticket.id.replace(/^[a-z]+-/, "")}${suffix}`;
  await journal.append({ type: "run", run, ticket: ticket.id, branch, base: head.commit, onto: head.branch });
  return journal;
}

/** A stop or crash may have cut evidence and left an action without an outcome; a parked run is told to go on. */
async function settleLastStop(
  ports: Ports,
  journal: Journal,
  ticket: StoredTicket,
  facts: RunFacts,
): Promise<void> {
  endLastStop(ports, facts);
  await refuseBrokenEvidence(ports, ticket, facts.run);
  // Inside the sandbox nothing outlives the worktree, which is reset before the next attempt.
  for (const action of facts.unfinished.filter((each) => !each.lasting)) {
    await journal.append({
      type: "action",
      phase: "outcome",
      digest: action.digest,
      what: action.what,
      step: `${action.step}?`,
      lasting: false,
      value: {
        step: null,
        action: action.what,
        status: "failed",
        tier: "brief",
        reason: "Nimrod was stopped in the middle; the worktree was reset",
      },
    });
  }
}

/** A host action may have outlived the Nimrod that started it: nobody waits for it any more, and it must not go on. */
export function endLastStop(ports: Ports, facts: Pick<RunFacts, "ticket" | "run">): void {
  const ended = endLeftovers([`${runCookie}=`, `TMPDIR=${passesFolder(ports, facts.ticket, facts.run)}/`]);
  if (ended.length === 0) return;
  ports.progress({ kind: "note", text: `ended what the last stop left running: pid ${ended.join(", ")}` });
}

function planProblems(work: Work, facts: RunFacts): string[] {
  const isDecided = facts.authorized || (facts.plan?.result.questions.length ?? 0) > 0;
  return isDecided ? [] : problemsOf(work, facts);
}

function isReached(until: PassName, facts: RunFacts): boolean {
  const done: Record<PassName, boolean> = {
    triage: facts.triage !== null,
    research: facts.research !== null,
    plan: facts.plan !== null,
    implement: facts.implementation !== null,
    review: facts.review !== null,
    close: facts.closing !== null,
  };
  return done[until];
}

function nameOf(step: NextStep): string {
  if (step.kind === "pass") return step.step;
  return step.kind === "apply" ? `apply ${step.step.id}` : step.kind;
}
