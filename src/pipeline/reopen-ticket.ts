import { anchorText } from "../evidence/anchor.ts";
import { heads, readSegments } from "../evidence/ledger.ts";
import { setFields } from "../tickets/edit.ts";
import type { StoredTicket } from "../tickets/ticket.ts";
import { openWorkspace } from "../workspace/worktree.ts";
import { bindingsOf } from "./bindings.ts";
import { claimTicket } from "./claims.ts";
import { foldJournal } from "./facts.ts";
import { openJournal, readLatestRun } from "./journal.ts";
import { ticketFolder } from "./places.ts";
import type { Ports } from "./ports.ts";
import { openRunSegment } from "./segments.ts";

export type ReopenEnd =
  | { kind: "reopened"; ticket: StoredTicket }
  | { kind: "busy"; pid: number; owner: string };

/** Moves the ticket back to open. Nothing is reverted; the next run starts on a fresh branch. */
export async function reopenTicket(ports: Ports, ticket: StoredTicket): Promise<ReopenEnd> {
  const claim = await claimTicket(ports, ticket.id, "nimrod reopen");
  if (claim.kind === "held") return { kind: "busy", pid: claim.pid, owner: claim.owner };
  try {
    const now = bindingsOf(ports, ticket);
    const latest = await readLatestRun(ports.stateFolder, ticket.id);
    if (latest) {
      const facts = foldJournal(latest.records, now);
      const segment = await openRunSegment(ports, facts, now, { name: "reopen" });
      await segment.append({
        type: "note",
        actor: "nimrod",
        data: { what: "reopened", from: ticket.status },
      });
      await segment.seal({ verdict: "reopened", tree: null });
      if (facts.ended !== "closed" && facts.ended !== "rolled_back") {
        const journal = await openJournal(ports.stateFolder, ticket.id, latest.run, ports.clock);
        await journal.append({ type: "ended", how: "dropped", detail: "reopened" });
        await journal.close();
        const folder = ticketFolder(ports, ticket.id, latest.run);
        const workspace = await openWorkspace({
          operator: ports.operator,
          folder,
          branch: facts.branch,
        }).catch(() => null);
        await workspace?.remove();
      }
    }
    const moved = ticket.archived ? await ports.store.move(ticket, "active") : ticket;
    const anchor = await currentAnchor(ports, ticket.id);
    const open = await ports.store.update(moved.path, (text) =>
      setFields(text, {
        status: "open",
        stage: null,
        branch: null,
        closed: null,
        close_reason: null,
        evidence: anchor,
      }),
    );
    return { kind: "reopened", ticket: open };
  } finally {
    await claim.release();
  }
}

async function currentAnchor(ports: Pick<Ports, "root">, ticket: string): Promise<string | null> {
  return anchorText(heads((await readSegments(ports.root, ticket)).segments));
}
