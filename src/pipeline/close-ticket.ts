import { type DoneCheck, definitionOfDone } from "../closing/definition-of-done.ts";
import { NimrodError } from "../errors.ts";
import type { StoredTicket } from "../tickets/ticket.ts";
import { openWorkspace } from "../workspace/worktree.ts";
import { applyHostStep } from "./apply-host.ts";
import { bindingsOf, bodyOf } from "./bindings.ts";
import { claimTicket } from "./claims.ts";
import { gatherDoneFacts } from "./done-facts.ts";
import { journalDriver } from "./driver.ts";
import { foldJournal, type RunFacts } from "./facts.ts";
import { openJournal, readLatestRun, type Wait } from "./journal.ts";
import { landTicket, resumeLanding, takeBack } from "./land-ticket.ts";
import { parkOnDoubt } from "./park-on-doubt.ts";
import { ticketFolder } from "./places.ts";
import type { Ports } from "./ports.ts";
import { type RunEnd, runClaimed } from "./run-ticket.ts";
import { openRunSegment } from "./segments.ts";
import { withAnchor } from "./settle-evidence.ts";

/** `nimrod close ID`: bring the work up to date with its base, check the definition of done, land, move. */

export type CloseEnd =
  | { kind: "closed"; commit: string; checks: DoneCheck[]; followUps: string[]; leftUncommitted: string[] }
  | { kind: "unmet"; checks: DoneCheck[] }
  /** The candidate changed because its base moved: what the renewed verification or review came to. */
  | { kind: "not-renewed"; end: RunEnd }
  | { kind: "base-conflict"; paths: string[] }
  | { kind: "parked"; waits: Wait[] }
  | { kind: "collision"; paths: string[] }
  | { kind: "busy"; pid: number; owner: string };

export async function closeTicket(ports: Ports, ticket: StoredTicket): Promise<CloseEnd> {
  const claim = await claimTicket(ports, ticket.id, "nimrod close");
  if (claim.kind === "held") return { kind: "busy", pid: claim.pid, owner: claim.owner };
  try {
    const latest = await readLatestRun(ports.stateFolder, ticket.id);
    return await withAnchor(ports, ticket, latest?.run ?? null, async () =>
      closeClaimed(ports, await ports.store.find(ticket.id), claim.isHeld),
    );
  } finally {
    await claim.release();
  }
}

async function closeClaimed(
  ports: Ports,
  stored: StoredTicket,
  isHeld: () => Promise<boolean>,
): Promise<CloseEnd> {
  let ticket = stored;
  const latest = await readLatestRun(ports.stateFolder, ticket.id);
  const now = bindingsOf(ports, ticket);
  const folded = latest ? foldJournal(latest.records, now) : null;
  // What a run that is over has made is no work for a ticket that was opened again.
  const facts = folded !== null && isOver(folded) && ticket.status !== "closed" ? null : folded;
  if (!latest || !facts?.candidate) {
    const body = await bodyOf(ticket);
    const empty = facts ?? foldJournal([], now);
    return {
      kind: "unmet",
      checks: definitionOfDone(await gatherDoneFacts(ports, { ticket, body, facts: empty, workspace: null })),
    };
  }
  if (isCutOff(ticket, facts)) {
    const landed = await goOnLanding(ports, ticket, latest.run);
    if (landed) return landed;
    ticket = await takeBack(ports, ticket, null);
  }
  const renewed = await renewOnBase(ports, { ticket, facts, run: latest.run, isHeld });
  if (renewed) return renewed;
  if (!facts.authorized && ticket.status === "in_review") {
    // The policy changed since the plan was authorized: what it says now decides.
    const end = await runClaimed(ports, ticket, { until: null, triaged: null }, isHeld);
    if (end.kind !== "in_review") return { kind: "not-renewed", end };
  }
  ticket = await ports.store.find(ticket.id);

  const journal = await openJournal(ports.stateFolder, ticket.id, latest.run, ports.clock);
  try {
    const driver = journalDriver(journal, bindingsOf(ports, ticket), ports.clock, isHeld);
    const body = await bodyOf(ticket);
    const current = driver.facts();
    const workspace = await openWorkspace({
      operator: ports.operator,
      folder: ticketFolder(ports, ticket.id, latest.run),
      branch: current.branch,
    });
    const doubt = await parkOnDoubt(journal, current, now);
    if (doubt) return { kind: "parked", waits: doubt };
    const gathered = await gatherDoneFacts(ports, { ticket, body, facts: current, workspace });
    const checks = definitionOfDone(gathered);
    if (current.closing === null || checks.some((check) => !check.met)) return { kind: "unmet", checks };

    for (const step of stepsAfterLand(current)) {
      await workspace.makePristine();
      const applied = await applyHostStep({ ports, facts: driver.facts(), now, journal, workspace }, step);
      if (applied.kind === "parked") return applied;
      if (applied.outcome.status === "denied")
        await driver.step("apply", async () => ({ kind: "done", value: applied.outcome }));
      if (applied.outcome.status !== "done") {
        throw new NimrodError("failed", `host step ${step.id} ${applied.outcome.status}: ${step.title}`, {
          hint: `nimrod rollback ${ticket.id}`,
        });
      }
    }
    const segment = await openRunSegment(ports, driver.facts(), now, { name: "done" });
    await segment.append({ type: "note", actor: "nimrod", data: { what: "definition of done", checks } });
    await segment.seal({ verdict: "met", tree: current.candidate?.tree ?? null });
    return await landTicket(ports, {
      ticket,
      body,
      facts: driver.facts(),
      now,
      journal,
      workspace,
      checks,
      changedPaths: gathered.changedPaths,
    });
  } finally {
    await journal.close();
  }
}

/** Closed by its file, but not by its run: a kill cut the landing, so that the word of the file does not count. */
export async function isHalfClosed(
  ports: Pick<Ports, "stateFolder" | "policyDigest">,
  ticket: StoredTicket,
): Promise<boolean> {
  const latest = await readLatestRun(ports.stateFolder, ticket.id);
  return latest !== null && isCutOff(ticket, foldJournal(latest.records, bindingsOf(ports, ticket)));
}

function isCutOff(ticket: StoredTicket, facts: RunFacts): boolean {
  return (
    ticket.status === "closed" && ticket.closeReason === "done" && facts.closing !== null && !isOver(facts)
  );
}

function isOver({ ended }: RunFacts): boolean {
  return ended !== null && ended !== "in_review";
}

async function goOnLanding(ports: Ports, ticket: StoredTicket, run: string): Promise<CloseEnd | null> {
  const journal = await openJournal(ports.stateFolder, ticket.id, run, ports.clock);
  try {
    const facts = foldJournal(journal.records, bindingsOf(ports, ticket));
    const folder = ticketFolder(ports, ticket.id, run);
    const workspace = await openWorkspace({ operator: ports.operator, folder, branch: facts.branch });
    const gathered = await gatherDoneFacts(ports, { ticket, body: await bodyOf(ticket), facts, workspace });
    const commit = await resumeLanding(ports, { ticket, facts, journal, workspace });
    if (commit === null) return null;
    return { kind: "closed", commit, checks: definitionOfDone(gathered), followUps: [], leftUncommitted: [] };
  } finally {
    await journal.close();
  }
}

function stepsAfterLand(facts: RunFacts) {
  return (facts.plan?.result.steps ?? []).filter(
    (step) =>
      step.after === "land" && !facts.host.some((done) => done.step === step.id && done.status === "done"),
  );
}

/**
 * The operator's branch may have moved on. It is merged into the candidate; if that changes the tree, verdicts no
 * longer fit, and Nimrod verifies and has it reviewed again before anything lands.
 */
async function renewOnBase(
  ports: Ports,
  options: { ticket: StoredTicket; facts: RunFacts; run: string; isHeld: () => Promise<boolean> },
): Promise<CloseEnd | null> {
  const { ticket, facts, run, isHeld } = options;
  const head = await ports.operator.head();
  if (head.branch !== facts.onto) {
    throw new NimrodError(
      "failed",
      `${ticket.id} lands on ${facts.onto}; the checkout is on ${head.branch ?? "no branch"}`,
      { hint: `git switch ${facts.onto}` },
    );
  }
  const folder = ticketFolder(ports, ticket.id, run);
  const workspace = await openWorkspace({ operator: ports.operator, folder, branch: facts.branch });
  if ((await workspace.dirtyPaths()).length > 0) await workspace.resetTo(await workspace.head());
  const merged = await workspace.mergeBase(head.commit);
  if (merged.kind === "conflict") return { kind: "base-conflict", paths: merged.paths };
  const commit = await workspace.head();
  if (commit === facts.candidate?.commit && head.commit === facts.base) return null;

  const journal = await openJournal(ports.stateFolder, ticket.id, run, ports.clock);
  try {
    const driver = journalDriver(journal, bindingsOf(ports, ticket), ports.clock, isHeld);
    const candidate = { commit, tree: await workspace.treeHash(commit) };
    await driver.step("rebase", async () => ({ kind: "done", value: { candidate, base: head.commit } }));
  } finally {
    await journal.close();
  }
  if (ticket.status !== "in_review") return null;
  ports.progress({
    kind: "note",
    text: `${facts.onto} moved on: the merged result is verified and reviewed again`,
  });
  const end = await runClaimed(ports, ticket, { until: null, triaged: null }, isHeld);
  return end.kind === "in_review" ? null : { kind: "not-renewed", end };
}
