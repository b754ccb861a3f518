import { rfc3339 } from "../platform/clock.ts";
import type { BrokenTicket, Ticket } from "../tickets/ticket.ts";
import { instantOf } from "../tickets/written-time.ts";

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
    created: utc(ticket.created),
    defer_until: utc(ticket.deferUntil),
    stage: ticket.stage,
    branch: ticket.branch,
    closed: utc(ticket.closed),
    close_reason: ticket.closeReason,
    evidence: ticket.evidence,
    path: ticket.path,
  };
}

/** Every tool writes times its own way; a script gets one. */
function utc(time: string | null): string | null {
  return time === null ? null : rfc3339(instantOf(time));
}

/** The rows of broken files in `--json`. */
export function brokenJson(broken: readonly BrokenTicket[]): BrokenTicket[] {
  return broken.map(({ path, line, found, expected }) => ({ path, line, found, expected }));
}

/** `path:line: what was found; expected what`: how a broken file is shown everywhere. */
export function brokenLine({ path, line, found, expected }: BrokenTicket): string {
  return `${path}:${line}: ${found}; expected ${expected}`;
}
