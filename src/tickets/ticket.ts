/** The ticket as the rest of Nimrod sees it. `read.ts` makes one from bytes; `edit.ts` changes the bytes. */

export const statuses = ["draft", "open", "in_progress", "blocked", "in_review", "closed"] as const;
export type Status = (typeof statuses)[number];

export const types = ["task", "bug", "feature", "chore", "docs", "spike", "epic"] as const;
export type TicketType = (typeof types)[number];

export const closeReasons = ["done", "wontfix", "duplicate", "superseded", "abandoned"] as const;
export type CloseReason = (typeof closeReasons)[number];

/** Every link between tickets, by front matter key. Only `depends_on` holds a ticket back. */
export const linkKinds = [
  "depends_on",
  "bootstraps",
  "part_of",
  "local_variant_of",
  "conflicts_with",
  "related",
] as const;
export type LinkKind = (typeof linkKinds)[number];

/** What the file says about itself. */
export type TicketFields = {
  id: string;
  title: string;
  status: Status;
  type: TicketType;
  /** 0 (highest) … 4. */
  priority: number;
  labels: string[];
  assignee: string | null;
  links: Record<LinkKind, string[]>;
  externalRef: string | null;
  /** RFC 3339, as written; null where the file does not say. */
  created: string | null;
  deferUntil: string | null;
  /** Last completed pass, written by Nimrod. */
  stage: string | null;
  branch: string | null;
  closed: string | null;
  closeReason: CloseReason | null;
  /** Anchor of the evidence: `<number of segments> <head>[,<head>…]`, written by Nimrod. */
  evidence: string | null;
};

/** A ticket as a scan finds it: all that lists, graphs and choices need. */
export type Ticket = TicketFields & {
  /** Relative to the project root, with forward slashes. */
  path: string;
  /** In `tickets/closed/`. */
  archived: boolean;
};

/** A ticket whose file was just read: for whoever shows, changes or binds its text. */
export type StoredTicket = Ticket & {
  /** The whole file, as decoded from UTF-8 (a BOM included). */
  text: string;
};

/** A file that is not a readable ticket. It is shown everywhere a ticket would be, never skipped. */
export type BrokenTicket = {
  path: string;
  /** 1-based. */
  line: number;
  found: string;
  expected: string;
  /** Where only its id is wrong: another file has the same. */
  id?: string;
};

// As wide as the ids of other tools (TASK-12, bd-a3f8.1), as narrow as a file name, a git ref and an argument need.
const idGrammar = /^[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.)){0,79}$/;

/** Whether a text may be a ticket's id: nothing that a path, an option or a git ref would read otherwise. */
export function isTicketId(text: string): boolean {
  return idGrammar.test(text) && !text.endsWith(".") && !/\.(?:lock|md)$/i.test(text);
}

export type Criterion = {
  /** `AC1`…, by position. */
  id: string;
  text: string;
  checked: boolean;
  verify: string | null;
  /** Who attests, where no command can. */
  attest: string | null;
  /** The reason of a `[~]` or `[-]` item with a `- waived: reason` line; without a reason nothing is waived. */
  waived: string | null;
  target: string;
  /** `red` unless the ticket says `- baseline: green`: a check that must already hold before the change. */
  baseline: "red" | "green";
  line: number;
};

export type RunbookDo =
  | { kind: "write"; path: string; content: string }
  | { kind: "edit"; path: string; old: string; new: string }
  | { kind: "run"; argv: string[] }
  | { kind: "run"; command: string };

export type RunbookStep = {
  title: string;
  do: RunbookDo;
  verify: string | null;
  undo: string | null;
  /** As written; default `worktree`. */
  target: string;
  /** `after: land` runs at close, after the definition of done and before landing. */
  after: "land" | null;
  resources: string[];
  rehearse: string | null;
};

/** What approvals and plans are bound to, parsed. `digest` ignores the tick of a criterion. */
export type TicketBody = {
  description: string;
  criteria: Criterion[];
  runbook: RunbookStep[];
};
