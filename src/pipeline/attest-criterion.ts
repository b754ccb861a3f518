import type { Signer } from "../authorization/approval-key.ts";
import { NimrodError } from "../errors.ts";
import { canonicalJson } from "../platform/digest.ts";
import type { StoredTicket } from "../tickets/ticket.ts";
import { bindingsOf, bodyOf } from "./bindings.ts";
import { claimTicket } from "./claims.ts";
import { foldJournal } from "./facts.ts";
import { readLatestRun } from "./journal.ts";
import type { Ports } from "./ports.ts";
import { publishTicket } from "./publish.ts";
import { openRunSegment } from "./segments.ts";

/** Records a person's word for one criterion without a command; the signature covers ticket, criterion, tree and text. */
export async function attestCriterion(
  ports: Ports,
  ticket: StoredTicket,
  word: { criterion: string; evidence: string; by: string; signer: Signer },
): Promise<{ tree: string }> {
  const body = await bodyOf(ticket);
  const criterion = body.criteria.find((each) => each.id === word.criterion);
  if (!criterion) {
    throw new NimrodError("not_found", `${ticket.id} has no criterion ${word.criterion}`, {
      lines: body.criteria.map((each) => `${each.id} ${each.text}`),
    });
  }
  if (criterion.verify !== null) {
    throw new NimrodError(
      "usage",
      `${word.criterion} is verified by a command; a person's word does not replace it`,
      { hint: `nimrod verify ${ticket.id} --rerun` },
    );
  }
  const claim = await claimTicket(ports, ticket.id, "nimrod attest");
  if (claim.kind === "held")
    throw new NimrodError("busy", `${ticket.id} is held by a live run (pid ${claim.pid})`);
  try {
    const latest = await readLatestRun(ports.stateFolder, ticket.id);
    const now = bindingsOf(ports, ticket);
    const facts = latest ? foldJournal(latest.records, now) : null;
    const tree = facts?.candidate?.tree;
    if (!facts || !tree)
      throw new NimrodError("failed", `${ticket.id} has no candidate to look at yet`, {
        hint: `nimrod run ${ticket.id}`,
      });
    const said = { ticket: ticket.id, ac: word.criterion, tree, text: word.evidence, by: word.by };
    const segment = await openRunSegment(ports, facts, now, { name: "attest" });
    const signature = word.signer.sign(`nimrod/attest/v1\n${canonicalJson(said)}`);
    await segment.append({
      type: "note",
      actor: `person:${word.signer.fingerprint}`,
      data: { what: "attested", ...said, presence: word.signer.presence, signature },
    });
    await segment.seal({ verdict: "attested", tree });
    await publishTicket(ports, { ticket, body, facts, status: ticket.status, waits: facts.waits });
    return { tree };
  } finally {
    await claim.release();
  }
}
