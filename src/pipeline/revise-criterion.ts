import type { Signer } from "../authorization/approval-key.ts";
import { NimrodError } from "../errors.ts";
import { anchorText } from "../evidence/anchor.ts";
import { heads, readSegments } from "../evidence/ledger.ts";
import { rfc3339, ulid } from "../platform/clock.ts";
import { canonicalJson } from "../platform/digest.ts";
import { appendToSection, setFields } from "../tickets/edit.ts";
import { renderNote } from "../tickets/note.ts";
import { reviseCriterion as rewrite } from "../tickets/revise-criterion.ts";
import type { Criterion, StoredTicket } from "../tickets/ticket.ts";
import { bindingsOf, bodyOf } from "./bindings.ts";
import { claimTicket } from "./claims.ts";
import { foldJournal } from "./facts.ts";
import { readLatestRun } from "./journal.ts";
import type { Ports } from "./ports.ts";
import { publishTicket } from "./publish.ts";
import { openRunSegment } from "./segments.ts";
import { refuseBrokenEvidence } from "./settle-evidence.ts";

export type RevisionRequest = {
  criterion: string;
  text: string;
  /** Another command; null keeps the one that is there. */
  verify: string | null;
  reason: string;
};

/**
 * The criterion that is to be revised, looked at before anybody is asked to sign; not new where it says all that
 * already. Throws `not_found` with those that there are, and `usage` where nothing can be revised.
 */
export async function findRevised(
  ticket: StoredTicket,
  { criterion: id, text, verify }: Omit<RevisionRequest, "reason">,
): Promise<{ criterion: Criterion; isNew: boolean }> {
  if (ticket.archived || ticket.status === "closed") {
    throw new NimrodError("usage", `${ticket.id} is closed`, { hint: `nimrod reopen ${ticket.id}` });
  }
  const { criteria } = await bodyOf(ticket);
  const criterion = criteria.find((each) => each.id === id);
  if (!criterion) {
    throw new NimrodError("not_found", `${ticket.id} has no criterion ${id}`, {
      lines: criteria.map((each) => `${each.id} ${each.text}`),
    });
  }
  if (criterion.waived !== null) {
    throw new NimrodError("usage", `${id} is waived: ${criterion.waived}`, {
      hint: `nimrod edit ${ticket.id}   (make it "- [ ]" again)`,
    });
  }
  rewrite(ticket.text, { ac: id, text, verify }); // throws for words that cannot be written
  return { criterion, isNew: criterion.text !== text || (verify !== null && criterion.verify !== verify) };
}

/**
 * Writes a person's revision of a criterion into evidence, then into the ticket. The ticket's text is another one then,
 * so that plan, approvals, review and a person's word for it do not count any more.
 */
export async function reviseCriterion(
  ports: Ports,
  ticket: StoredTicket,
  word: RevisionRequest & { by: string; signer: Signer },
): Promise<StoredTicket> {
  const { criterion: ac, text, verify, reason, by, signer } = word;
  const claim = await claimTicket(ports, ticket.id, "nimrod revise");
  if (claim.kind === "held")
    throw new NimrodError("busy", `${ticket.id} is held by a live run (pid ${claim.pid})`);
  try {
    const { criterion } = await findRevised(ticket, word);
    const latest = await readLatestRun(ports.stateFolder, ticket.id);
    const facts = foldJournal(latest?.records ?? [], bindingsOf(ports, ticket));
    const run = latest?.run ?? (await runBefore(ports, ticket.id)) ?? ulid(ports.clock);
    await refuseBrokenEvidence(ports, ticket, run);

    const said = { ticket: ticket.id, ac, from: criterion.text, text, verify, reason, by };
    const signature = signer.sign(`nimrod/revise/v1\n${canonicalJson(said)}`);
    const now = bindingsOf(ports, ticket);
    const segment = await openRunSegment(ports, { ...facts, ticket: ticket.id, run }, now, {
      name: "revise",
    });
    await segment.append({
      type: "note",
      actor: `person:${signer.fingerprint}`,
      data: { what: "revised", ...said, presence: signer.presence, signature },
    });
    await segment.seal({ verdict: "revised", tree: facts.candidate?.tree ?? null });

    const anchor = anchorText(heads((await readSegments(ports.root, ticket.id)).segments));
    const told = `revised ${ac} because ${reason}; it said: ${criterion.text}`;
    const note = renderNote({
      at: rfc3339(ports.clock.now()),
      author: by.split("@", 1)[0] ?? by,
      text: ports.redact(told).replaceAll(/\s+/g, " "),
    });
    // With its anchor in one write: a kill right after it leaves only the Evidence block behind, which is made again.
    const revised = await ports.store.update(ticket, (before) =>
      setFields(appendToSection(rewrite(before, { ac, text, verify }), "Notes", note), { evidence: anchor }),
    );
    const after = foldJournal(latest?.records ?? [], bindingsOf(ports, revised));
    const body = await bodyOf(revised);
    const { status } = revised;
    return await publishTicket(ports, { ticket: revised, body, facts: after, status, waits: after.waits });
  } finally {
    await claim.release();
  }
}

/** A ticket that never ran has no run: its revisions share the one that the first of them was given. */
async function runBefore(ports: Pick<Ports, "root">, ticket: string): Promise<string | null> {
  return (await readSegments(ports.root, ticket)).segments.at(-1)?.run ?? null;
}
