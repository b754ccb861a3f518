import {
  type CloseReason,
  type LinkKind,
  linkKinds,
  type Status,
  type Ticket,
  type TicketType,
} from "./ticket.ts";

/**
 * Tickets as columns of text, one line a ticket: a thousand times faster to take apart than an object each. No field
 * can hold a line feed, and no item of a list a comma: the reader of tickets lets neither in.
 */

type Column = { write: (ticket: Ticket) => string; put: (ticket: Ticket, text: string) => void };

type TextKey =
  | "assignee"
  | "externalRef"
  | "created"
  | "deferUntil"
  | "stage"
  | "branch"
  | "closed"
  | "evidence";
const textKeys: readonly TextKey[] = [
  "assignee",
  "externalRef",
  "created",
  "deferUntil",
  "stage",
  "branch",
  "closed",
  "evidence",
];

// Words of closed sets were checked when they were written, and the index is checked as a whole when it is read.
const columns: readonly Column[] = [
  { write: ({ id }) => id, put: (ticket, text) => (ticket.id = text) },
  { write: ({ title }) => title, put: (ticket, text) => (ticket.title = text) },
  { write: ({ status }) => status, put: (ticket, text) => (ticket.status = text as Status) },
  { write: ({ type }) => type, put: (ticket, text) => (ticket.type = text as TicketType) },
  { write: ({ priority }) => `${priority}`, put: (ticket, text) => (ticket.priority = Number(text)) },
  { write: ({ labels }) => labels.join(), put: (ticket, text) => (ticket.labels = text.split(",")) },
  {
    write: (ticket) => ticket.closeReason ?? "",
    put: (ticket, text) => (ticket.closeReason = text as CloseReason),
  },
  ...textKeys.map(
    (key): Column => ({
      write: (ticket) => ticket[key] ?? "",
      put: (ticket, text) => (ticket[key] = text),
    }),
  ),
  ...linkKinds.map(
    (kind: LinkKind): Column => ({
      write: ({ links }) => links[kind].join(),
      put: ({ links }, text) => (links[kind] = text.split(",")),
    }),
  ),
];

/** A column in which every line is empty is an empty text. Of null all are. */
export function toColumns(tickets: readonly (Ticket | null)[]): string[] {
  return columns.map(({ write }) => {
    const lines = tickets.map((ticket) => (ticket === null ? "" : write(ticket)));
    return lines.every((line) => line === "") ? "" : lines.join("\n");
  });
}

/** One ticket for each place; a row without a ticket gives one without an id. */
export function fromColumns(
  texts: readonly string[],
  places: readonly { path: string; archived: boolean }[],
): Ticket[] {
  const tickets = places.map(blank);
  for (const [index, { put }] of columns.entries()) {
    const text = texts[index] ?? "";
    if (text === "") continue;
    const lines = text.split("\n");
    for (let i = 0; i < lines.length; i += 1) {
      const line = lines[i];
      const ticket = tickets[i];
      if (line !== undefined && line !== "" && ticket !== undefined) put(ticket, line);
    }
  }
  return tickets;
}

function blank({ path, archived }: { path: string; archived: boolean }): Ticket {
  return {
    id: "",
    title: "",
    status: "open",
    type: "task",
    priority: 0,
    labels: [],
    assignee: null,
    links: {
      depends_on: [],
      bootstraps: [],
      part_of: [],
      local_variant_of: [],
      conflicts_with: [],
      related: [],
    },
    externalRef: null,
    created: null,
    deferUntil: null,
    stage: null,
    branch: null,
    closed: null,
    closeReason: null,
    evidence: null,
    path,
    archived,
  };
}
