import { NimrodError } from "../errors.ts";
import { parseBody, ticketTextDigest } from "../tickets/body.ts";
import type { StoredTicket, TicketBody } from "../tickets/ticket.ts";
import type { Bindings } from "./facts.ts";
import type { Ports } from "./ports.ts";

/** The ticket's body, or an error with file and line: a ticket half understood is not worked on. */
export async function bodyOf(ticket: StoredTicket): Promise<TicketBody> {
  const read = await parseBody(ticket.text);
  if (read.kind === "body") return read.body;
  const first = read.problems[0];
  throw new NimrodError(
    "broken",
    `${ticket.path}:${first?.line ?? 1}: ${first?.found}; expected ${first?.expected}`,
    {
      where: `${ticket.path}:${first?.line ?? 1}`,
      hint: `nimrod edit ${ticket.id}`,
    },
  );
}

export function bindingsOf(ports: Pick<Ports, "policyDigest">, ticket: StoredTicket): Bindings {
  return { ticketText: ticketTextDigest(ticket, ticket.text), policy: ports.policyDigest };
}
