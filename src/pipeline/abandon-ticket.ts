import { NimrodError } from "../errors.ts";
import { anchorText } from "../evidence/anchor.ts";
import { heads, readSegments } from "../evidence/ledger.ts";
import { rfc3339 } from "../platform/clock.ts";
import { appendToSection, setFields } from "../tickets/edit.ts";
import type { CloseReason, StoredTicket } from "../tickets/ticket.ts";
import { openWorkspace } from "../workspace/worktree.ts";
import { bindingsOf } from "./bindings.ts";
import { claimTicket } from "./claims.ts";
import { foldJournal } from "./facts.ts";
import { openJournal, readLatestRun, readRuns } from "./journal.ts";
import { ticketFolder } from "./places.ts";
import type { Ports } from "./ports.ts";
import { openRunSegment } from "./segments.ts";

/** `close --as` other than done: lands nothing, satisfies no dependent, and never leaves host effects behind. */
export async function abandonTicket(
  ports: Ports,
  ticket: StoredTicket,
  reason: CloseReason,
  why: string,
): Promise<StoredTicket> {
  const claim = await claimTicket(ports, ticket.id, "nimrod close");
  if (claim.kind === "held")
    throw new NimrodError("busy", `${ticket.id} is held by a live run (pid ${claim.pid})`);
  try {
    const latest = await readLatestRun(ports.stateFolder, ticket.id);
    const now = bindingsOf(ports, ticket);
    const facts = latest ? foldJournal(latest.records, now) : null;
    const runs = (await readRuns(ports.stateFolder, ticket.id)).map(({ records }) =>
      foldJournal(records, now),
    );
    const left = runs.flatMap((run) => [
      ...run.hostHistory.map((done) => `${done.step}: ${done.undo ?? "no undo recorded"}`),
      ...run.unfinished
        .filter((action) => action.lasting)
        .map((action) => `${action.what}: nobody knows whether it happened`),
    ]);
    if (left.length > 0) {
      throw new NimrodError("refused", `${ticket.id} has changed this machine and that was not undone`, {
        lines: left,
        hint: `nimrod rollback ${ticket.id}`,
      });
    }
    if (latest && facts && (facts.ended === null || facts.ended === "in_review")) {
      const segment = await openRunSegment(ports, facts, now, { name: "close" });
      await segment.append({ type: "note", actor: "nimrod", data: { what: "closed", as: reason, why } });
      await segment.seal({ verdict: reason, tree: null });
      const journal = await openJournal(ports.stateFolder, ticket.id, latest.run, ports.clock);
      await journal.append({ type: "ended", how: "dropped", detail: reason });
      await journal.close();
      const folder = ticketFolder(ports, ticket.id, latest.run);
      const workspace = await openWorkspace({ operator: ports.operator, folder, branch: facts.branch }).catch(
        () => null,
      );
      await workspace?.remove();
    }
    const date = rfc3339(ports.clock.now());
    const anchor = anchorText(heads((await readSegments(ports.root, ticket.id)).segments));
    const edited = await ports.store.update(ticket, (text) => {
      const fields = {
        status: "closed",
        closed: date,
        close_reason: reason,
        ...(anchor === null ? {} : { evidence: anchor }),
      };
      return appendToSection(
        setFields(text, fields),
        "Notes",
        `- ${date} closed as ${reason}: ${ports.redact(why).replaceAll(/\s+/g, " ")}`,
      );
    });
    return await ports.store.move(edited, "closed");
  } finally {
    await claim.release();
  }
}
