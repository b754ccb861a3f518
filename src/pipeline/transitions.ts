import type { ErrorCode } from "../errors.ts";
import type { Status } from "../tickets/ticket.ts";

/** What each command does to a ticket in each state: the table of DESIGN.md, "the pipeline". */

export const lifecycleCommands = ["run", "resume", "close", "close-as", "reopen", "rollback"] as const;
export type LifecycleCommand = (typeof lifecycleCommands)[number];

export type Transition =
  | { kind: "go" }
  /** Nothing is left to do; repeating a finished thing is no error. */
  | { kind: "already"; message: string }
  | { kind: "refuse"; code: ErrorCode; message: string; hint: string };

const go: Transition = { kind: "go" };
const already = (message: string): Transition => ({ kind: "already", message });
const refuse = (code: ErrorCode, message: string, hint: string): Transition => ({
  kind: "refuse",
  code,
  message,
  hint,
});

const isDraft = refuse("usage", "is a draft", "set its status to open first");
const isClosed = refuse("usage", "is closed", "nimrod reopen ID");
const untouched = already("has nothing to roll back");

/** Rows by command, columns by status. */
const table: Record<LifecycleCommand, Record<Status, Transition>> = {
  run: {
    draft: isDraft,
    open: go,
    in_progress: go,
    blocked: go,
    in_review: already("is in review"),
    closed: isClosed,
  },
  resume: {
    draft: isDraft,
    open: refuse("usage", "has no run to resume", "nimrod run ID"),
    in_progress: go,
    blocked: go,
    in_review: already("is in review"),
    closed: already("is closed"),
  },
  close: { draft: go, open: go, in_progress: go, blocked: go, in_review: go, closed: already("is closed") },
  "close-as": {
    draft: go,
    open: go,
    in_progress: go,
    blocked: go,
    in_review: go,
    closed: already("is closed"),
  },
  reopen: {
    draft: already("is not closed"),
    open: already("is open"),
    in_progress: refuse("usage", "is in progress", "nimrod show ID"),
    blocked: go,
    in_review: go,
    closed: go,
  },
  // Of an open one: it may have been reopened, with its landing as it was.
  rollback: { draft: untouched, open: go, in_progress: go, blocked: go, in_review: go, closed: go },
};

export function transition(command: LifecycleCommand, status: Status): Transition {
  return table[command][status];
}

/** The moments of a run and the status that the ticket then has. */
export const statusAt = {
  claim: "in_progress",
  waiting: "in_progress",
  "rounds exhausted": "blocked",
  "rolled back": "blocked",
  "closer done": "in_review",
  close: "closed",
  reopen: "open",
} as const satisfies Record<string, Status>;
