import { formatScalar } from "./format-scalar.ts";
import type { LinkKind, Status, TicketType } from "./ticket.ts";
import { linkKinds } from "./ticket.ts";

export type NewTicket = {
  id: string;
  title: string;
  status: Status;
  type: TicketType;
  priority: number;
  labels: readonly string[];
  assignee?: string | undefined;
  links: Partial<Record<LinkKind, readonly string[]>>;
  externalRef?: string | undefined;
  /** RFC 3339. */
  created: string;
  deferUntil?: string | undefined;
  /** Sections, or the plain text of the description; without it a template. */
  body?: string | undefined;
};

const emptyBody = `## Description

<!-- What should be different, and why. -->

## Acceptance Criteria

<!--
- [ ] What must hold
  - verify: \`a command that exits 0 when it does\`
-->
`;

/** The text of a new ticket file. Keys are in the order of docs/ticket-format.md; empty ones are left out. */
export function renderNewTicket(ticket: NewTicket): string {
  const fields: [string, string | number | readonly string[] | undefined][] = [
    ["id", ticket.id],
    ["title", ticket.title],
    ["status", ticket.status],
    ["type", ticket.type],
    ["priority", ticket.priority],
    ["labels", ticket.labels],
    ["assignee", ticket.assignee],
    ...linkKinds.map((kind): [string, readonly string[]] => [kind, ticket.links[kind] ?? []]),
    ["external_ref", ticket.externalRef],
    ["created", ticket.created],
    ["defer_until", ticket.deferUntil],
  ];
  const lines = fields.flatMap(([key, value]) =>
    value === undefined || (Array.isArray(value) && value.length === 0)
      ? []
      : [`${key}: ${formatScalar(value)}`],
  );
  return `---\n${lines.join("\n")}\n---\n\n${renderBody(ticket.body)}`;
}

/** `Renew the vault's certificate` → `renew-the-vault-s-certificate`; at most 50 characters. */
export function slugOf(title: string): string {
  return title
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 50)
    .replaceAll(/^-+|-+$/g, "");
}

function renderBody(body: string | undefined): string {
  const text = body?.replaceAll("\r\n", "\n").trim() ?? "";
  if (text === "") return emptyBody;
  return /^ {0,3}## /m.test(text) ? `${text}\n` : `## Description\n\n${text}\n`;
}
