import type { BrokenTicket, Ticket } from "../tickets/ticket.ts";

/** A ticket's fields in `--json`, named as in its file; absent scalars are null, absent lists empty. */
export function ticketJson(ticket: Ticket & { path: string }) {
  return {
    id: ticket.id,
    title: ticket.title,
    status: ticket.status,
    type: ticket.type,
    priority: ticket.priority,
    labels: ticket.labels,
    assignee: ticket.assignee,
    ...ticket.links,
    external_ref: ticket.externalRef,
    created: ticket.created,
    defer_until: ticket.deferUntil,
    stage: ticket.stage,
    branch: ticket.branch,
    closed: ticket.closed,
    close_reason: ticket.closeReason,
    evidence: ticket.evidence,
    path: ticket.path,
  };
}

/** `path:line: what was found; expected what`: how a broken file is shown everywhere. */
export function brokenLine({ path, line, found, expected }: BrokenTicket): string {
  return `${path}:${line}: ${found}; expected ${expected}`;
}
