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
export function fromColumns(texts: readonly string[], places: readonly Place[]): Ticket[] {
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

/** The tickets of these rows alone, which have to rise. */
export function rowsFromColumns(
  texts: readonly string[],
  rows: readonly number[],
  placeOf: (row: number) => Place,
): Ticket[] {
  const tickets = rows.map((row) => blank(placeOf(row)));
  for (const [index, { put }] of columns.entries()) {
    const text = texts[index] ?? "";
    if (text === "") continue;
    let at = 0;
    let line = 0;
    for (const [i, row] of rows.entries()) {
      for (; line < row; line += 1) at = text.indexOf("\n", at) + 1;
      const end = text.indexOf("\n", at);
      const value = text.slice(at, end === -1 ? undefined : end);
      const ticket = tickets[i];
      if (value !== "" && ticket !== undefined) put(ticket, value);
    }
  }
  return tickets;
}

const idColumn = 0;
const firstLinkColumn = columns.length - linkKinds.length;

/** Rows whose id holds the word, in whatever case. */
export function rowsWithId(texts: readonly string[], word: string): number[] {
  return rowsWith(texts[idColumn] ?? "", word);
}

/** Rows that link to something whose id holds the word. */
export function rowsLinkingTo(texts: readonly string[], word: string): number[] {
  return texts.slice(firstLinkColumn).flatMap((text) => rowsWith(text, word));
}

function rowsWith(text: string, word: string): number[] {
  // Ids are ASCII: lower case has as many characters.
  const lower = text.toLowerCase();
  const rows: number[] = [];
  let line = 0;
  let counted = 0;
  for (let at = lower.indexOf(word); at !== -1; at = lower.indexOf(word, at)) {
    for (
      let feed = lower.indexOf("\n", counted);
      feed !== -1 && feed < at;
      feed = lower.indexOf("\n", counted)
    ) {
      line += 1;
      counted = feed + 1;
    }
    rows.push(line);
    const end = lower.indexOf("\n", at);
    if (end === -1) break;
    at = end;
  }
  return rows;
}

type Place = { path: string; archived: boolean };

function blank({ path, archived }: Place): Ticket {
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
