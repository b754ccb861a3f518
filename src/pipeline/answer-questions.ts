import { NimrodError } from "../errors.ts";
import type { StoredTicket } from "../tickets/ticket.ts";
import { bindingsOf, bodyOf } from "./bindings.ts";
import { claimTicket } from "./claims.ts";
import { foldJournal } from "./facts.ts";
import { openJournal } from "./journal.ts";
import { isSatisfied } from "./next-step.ts";
import type { Ports } from "./ports.ts";
import { publishTicket } from "./publish.ts";
import { openRunSegment } from "./segments.ts";
import { waitStates } from "./wait-states.ts";

/** Writes a person's answers into journal, evidence and ticket, in that order. */
export async function recordAnswers(
  ports: Ports,
  ticket: StoredTicket,
  run: string,
  answers: { id: string; text: string; answer: string }[],
  by: string,
): Promise<void> {
  const claim = await claimTicket(ports, ticket.id, "nimrod answer");
  if (claim.kind === "held")
    throw new NimrodError("busy", `${ticket.id} is held by a live run (pid ${claim.pid})`);
  const journal = await openJournal(ports.stateFolder, ticket.id, run, ports.clock);
  try {
    const now = bindingsOf(ports, ticket);
    for (const each of answers)
      await journal.append({ type: "answer", question: each.id, text: each.text, answer: each.answer, by });
    const facts = foldJournal(journal.records, now);
    const segment = await openRunSegment(ports, facts, now, { name: "answer" });
    for (const each of answers)
      await segment.append({
        type: "note",
        actor: `person:${by}`,
        data: { what: "answered", question: each.text, answer: each.answer },
      });
    await segment.seal({ verdict: "answered", tree: facts.candidate?.tree ?? null });
    const states = await waitStates(ports, facts.waits);
    const waits = facts.waits.filter((wait) => !isSatisfied(wait, facts, states));
    await publishTicket(ports, { ticket, body: await bodyOf(ticket), facts, status: ticket.status, waits });
  } finally {
    await journal.close();
    await claim.release();
  }
}
