import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { NimrodError } from "../errors.ts";
import { evidenceFolder } from "../evidence/place.ts";
import { setChecked } from "../tickets/edit.ts";
import { ticketFolders } from "../tickets/scan.ts";
import type { StoredTicket } from "../tickets/ticket.ts";
import { type OwnFile, revert } from "../workspace/landing.ts";
import { nimrodPerson } from "../workspace/repository.ts";
import { openWorkspace } from "../workspace/worktree.ts";
import { undoHostStep } from "./apply-host.ts";
import { bindingsOf, bodyOf } from "./bindings.ts";
import { claimTicket } from "./claims.ts";
import { foldJournal, type HostOutcome, type RunFacts } from "./facts.ts";
import { type Journal, openJournal, readRuns, type Wait } from "./journal.ts";
import { readOwnFolder } from "./own-files.ts";
import { parkOnDoubt } from "./park-on-doubt.ts";
import { ticketFolder } from "./places.ts";
import type { Ports } from "./ports.ts";
import { publishTicket } from "./publish.ts";
import { endLastStop, startRun } from "./run-ticket.ts";
import { openRunSegment } from "./segments.ts";
import { withAnchor } from "./settle-evidence.ts";

/** `nimrod rollback ID`: host effects undone in reverse order, each through the gate; then the landing reverted. */

export type RollbackEnd =
  | { kind: "rolled-back"; commit: string | null; undone: string[]; ticket: StoredTicket }
  | { kind: "parked"; waits: Wait[] }
  | { kind: "nothing" }
  | { kind: "conflict"; paths: string[] }
  | { kind: "busy"; pid: number; owner: string };

export async function rollbackTicket(
  ports: Ports,
  ticket: StoredTicket,
  reason: string,
): Promise<RollbackEnd> {
  const claim = await claimTicket(ports, ticket.id, "nimrod rollback");
  if (claim.kind === "held") return { kind: "busy", pid: claim.pid, owner: claim.owner };
  try {
    const target = await runToRollBack(ports, ticket);
    if (target === null) return { kind: "nothing" };
    return await withAnchor(ports, ticket, target, async () => {
      const journal = await openJournal(ports.stateFolder, ticket.id, target, ports.clock);
      try {
        return await rollBackRun(ports, await ports.store.find(ticket.id), journal, reason);
      } finally {
        await journal.close();
      }
    });
  } finally {
    await claim.release();
  }
}

/**
 * The newest run that left something behind: after a reopen that can be an earlier one. Of a ticket that is open, a run
 * that left nothing is over and done with.
 */
async function runToRollBack(ports: Ports, ticket: StoredTicket): Promise<string | null> {
  const now = bindingsOf(ports, ticket);
  const runs = await readRuns(ports.stateFolder, ticket.id);
  const lasting = runs.find(({ records }) => {
    const facts = foldJournal(records, now);
    return (
      facts.hostHistory.length > 0 ||
      facts.unfinished.some((action) => action.lasting) ||
      facts.ended === "closed"
    );
  });
  return (lasting ?? (ticket.status === "open" ? undefined : runs[0]))?.run ?? null;
}

async function rollBackRun(
  ports: Ports,
  ticket: StoredTicket,
  journal: Journal,
  reason: string,
): Promise<RollbackEnd> {
  const now = bindingsOf(ports, ticket);
  const facts = () => foldJournal(journal.records, now);
  if (facts().ended === "rolled_back") return { kind: "nothing" };
  const folder = ticketFolder(ports, ticket.id, journal.run);
  endLastStop(ports, facts());
  const doubt = await parkOnDoubt(journal, facts(), now);
  if (doubt) return { kind: "parked", waits: doubt };
  const undone: string[] = [];
  for (const done of pendingUndo(facts())) {
    if (done.undo === null) {
      throw new NimrodError(
        "failed",
        `${done.step} has no recorded undo; put it right by hand, then roll back again`,
        { hint: `nimrod show ${ticket.id}` },
      );
    }
    const end = await undoHostStep(
      { ports, facts: facts(), now, journal, workspace: { path: ports.root } },
      done,
      done.undo,
    );
    if (end.kind === "parked") return end;
    if (end.outcome.status !== "done") {
      throw new NimrodError(
        "failed",
        `the undo of ${done.step} ${end.outcome.status} (exit ${end.outcome.exit ?? "none"}): ${done.undo}`,
        { hint: `nimrod rollback ${ticket.id}` },
      );
    }
    undone.push(done.step);
  }

  const landed = landedCommit(journal);
  const segment = await openRunSegment(ports, facts(), now, { name: "rollback" });
  const paths = landed
    ? facts().plan?.result.steps.flatMap((step) => ("write" in step.do ? [step.do.write.path] : []))
    : [];
  await segment.append({
    type: "note",
    actor: "nimrod",
    data: { what: "rolled back", reason, landed, undone, paths: paths ?? [] },
  });
  await segment.seal({ verdict: "rolled back", tree: null });

  const waits = [whatNext(reason)];
  const blocked = await blockTicket(ports, ticket, facts(), waits);
  let commit: string | null = null;
  if (landed) {
    const files: OwnFile[] = [
      ...leftPaths(ports.root, blocked.path).map((path) => ({ path, content: null })),
      { path: blocked.path, content: Buffer.from(blocked.text) },
      ...(await readOwnFolder(ports.root, evidenceFolder(ticket.id))),
      ...(await readOwnFolder(ports.root, ".nimrod/keys")),
    ];
    const end = await revert({
      operator: ports.operator,
      workspaceFolder: folder,
      landedCommit: landed,
      files,
      message: `Revert ${ticket.id}: ${ticket.title}\n\n${reason}\n\nThis reverts commit ${landed}.\n\nNimrod-Ticket: ${ticket.id}\n`,
      author: (await ports.operator.identity()) ?? nimrodPerson,
    });
    if (end.kind !== "reverted") {
      await putBack(ports, ticket, blocked);
      return { kind: "conflict", paths: end.paths };
    }
    commit = end.commit;
  } else await dropBranch(ports, facts(), folder);
  await journal.append({ type: "ended", how: "rolled_back", detail: commit ?? "" });
  // The next attempt is a run of its own, on a fresh branch, and starts when the question is answered.
  const next = await startRun(ports, blocked, true);
  await next.append({ type: "parked", waits, text: now.ticketText });
  await next.close();
  return { kind: "rolled-back", commit, undone, ticket: blocked };
}

/** Last first: a later step may rest on an earlier one. A failed step may have done half of its work. */
function pendingUndo(facts: RunFacts): HostOutcome[] {
  return facts.hostHistory.toReversed();
}

function landedCommit(journal: Journal): string | null {
  const ended = journal.records.findLast((record) => record.type === "ended");
  return ended?.type === "ended" && ended.how === "closed" ? ended.detail : null;
}

/** Where the ticket's file was, as far as a commit may still have it: before this rollback, or before a reopen. */
function leftPaths(root: string, path: string): string[] {
  return ticketFolders
    .map((folder) => `${folder.path}/${basename(path)}`)
    .filter((other) => other !== path && !existsSync(join(root, other)));
}

function whatNext(reason: string): Wait {
  const text = `It was rolled back: ${reason}. What has to be different next time?`;
  return {
    kind: "answer",
    why: "it was rolled back",
    questions: [{ id: "Q60", kind: "text", text, neededFor: ["plan"] }],
  };
}

async function blockTicket(
  ports: Ports,
  ticket: StoredTicket,
  facts: RunFacts,
  waits: Wait[],
): Promise<StoredTicket> {
  const body = await bodyOf(ticket);
  // What was met is undone; a criterion that a person waived stays waived.
  const ticked = body.criteria.filter((each) => each.checked && each.waived === null).map((each) => each.id);
  const published = await publishTicket(ports, {
    ticket,
    body,
    facts,
    status: "blocked",
    waits,
    fields: { stage: null, closed: null, close_reason: null },
  });
  const unticked = await ports.store.update(published, (text) => setChecked(text, ticked, false));
  return ticket.archived ? ports.store.move(unticked, "active") : unticked;
}

async function putBack(ports: Ports, before: StoredTicket, blocked: StoredTicket): Promise<void> {
  const moved = before.archived ? await ports.store.move(blocked, "closed") : blocked;
  await ports.store.update(moved.path, () => before.text);
}

async function dropBranch(ports: Ports, facts: RunFacts, folder: string): Promise<void> {
  const workspace = await openWorkspace({ operator: ports.operator, folder, branch: facts.branch }).catch(
    () => null,
  );
  await workspace?.remove();
}

/** The public keys too: the revert would take them out, and evidence without them verifies nowhere else. */
