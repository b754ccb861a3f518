import type { Card } from "../agents/pass-input.ts";
import type { Ticket } from "../tickets/ticket.ts";
import { instantOf } from "../tickets/written-time.ts";
import type { Wait } from "./journal.ts";

/** How a ticket's newest run stands, as far as selection cares. */
export type RunState =
  | { kind: "none" }
  /** A live process holds the claim. */
  | { kind: "live"; owner: string; pid: number }
  /** Neither parked nor ended, and nobody holds it: a stop or crash cut it off. */
  | { kind: "cut" }
  | { kind: "parked"; waits: Wait[]; satisfied: boolean }
  /** Its last pass failed; a person decides whether to try again, so that `next` never loops on it. */
  | { kind: "failed"; step: string; reason: string }
  | { kind: "ended"; how: string };

export type Considered = {
  ticket: Ticket;
  /** Dependencies that are not satisfied, unknown ids included. */
  blockedBy: string[];
  /** Open tickets that wait for this one. */
  unblocks: number;
  run: RunState;
};

export type Selection =
  | { kind: "resume"; chosen: Considered; why: string }
  /** `equals`: the best candidates between which only age and id decide; the triager chooses among them. */
  | { kind: "start"; equals: Considered[]; ranked: Considered[]; why: string }
  /** Something is ready, but live runs hold all of it. */
  | { kind: "held"; held: Considered[] }
  | { kind: "nothing" };

/** Why a ticket is not the one, in one word: `later` is ready too, and comes after the one that was chosen. */
export type SkipKind =
  | "later"
  | "running"
  | "waits"
  | "failed"
  | "review"
  | "draft"
  | "blocked"
  | "depends"
  | "epic"
  | "deferred";

export type Skipped = {
  id: string;
  title: string;
  kind: SkipKind;
  reason: string;
  command: string | null;
};

/** The triager is shown at most this many cards (DESIGN.md, the pipeline). */
export const mostCards = 20;

const processLabels = ["process", "meta", "workflow"];

/** Whether a ticket only adds process: such tickets rank below those that finish something. */
export function isProcessOnly(ticket: Pick<Ticket, "labels">): boolean {
  return ticket.labels.some((label) => processLabels.includes(label.toLowerCase()));
}

export function selectTicket(
  considered: readonly Considered[],
  now: Date,
): { selection: Selection; skipped: Skipped[] } {
  const open = considered.filter(isUnfinished);
  const skipped = open.flatMap((each) => {
    const reason = whyNot(each, now);
    return reason ? [{ id: each.ticket.id, title: each.ticket.title, ...reason }] : [];
  });
  return { selection: choose(open, now), skipped };
}

function choose(open: Considered[], now: Date): Selection {
  const cut = open.filter(({ run }) => run.kind === "cut").sort(compare)[0];
  if (cut) return { kind: "resume", chosen: cut, why: "begun, and goes on where it stopped" };
  const over = open.filter(({ run }) => run.kind === "parked" && run.satisfied).sort(compare)[0];
  if (over) return { kind: "resume", chosen: over, why: "everything it waited for is there" };

  const ready = open.filter((each) => isReady(each, now));
  const startable = ready.filter(({ run }) => run.kind !== "live").sort(compare);
  const best = startable[0];
  if (best) {
    const equals = startable.filter((each) => compareMerit(each, best) === 0);
    return { kind: "start", equals, ranked: startable, why: reasonFor(best) };
  }
  const held = open.filter(({ run }) => run.kind === "live");
  return held.length > 0 ? { kind: "held", held } : { kind: "nothing" };
}

/** Ready to start: open (or marked in progress without a run), nothing missing, not deferred. */
function isReady(each: Considered, now: Date): boolean {
  const { ticket, blockedBy, run } = each;
  if (ticket.status !== "open" && ticket.status !== "in_progress") return false;
  if (ticket.type === "epic" || blockedBy.length > 0 || isDeferred(ticket, now)) return false;
  return run.kind === "none" || run.kind === "live" || run.kind === "ended";
}

function isDeferred(ticket: Ticket, now: Date): boolean {
  return ticket.deferUntil !== null && instantOf(ticket.deferUntil) > now;
}

type Why = Pick<Skipped, "kind" | "reason" | "command">;

function whyNot({ ticket, blockedBy, run }: Considered, now: Date): Why | null {
  const why = (kind: SkipKind, reason: string, command: string | null = null): Why => ({
    kind,
    reason,
    command,
  });
  if (run.kind === "live") return why("running", `held by a live run (pid ${run.pid})`);
  if (run.kind === "parked" && !run.satisfied)
    return why("waits", waitingFor(run.waits), commandFor(run.waits, ticket.id));
  if (run.kind === "failed")
    return why("failed", `its ${run.step} pass failed (${run.reason})`, `nimrod resume ${ticket.id}`);
  if (run.kind === "cut" || run.kind === "parked") return null;
  if (ticket.status === "in_review") return why("review", "is in review", `nimrod close ${ticket.id}`);
  if (ticket.status === "draft") return why("draft", "is a draft");
  if (ticket.status === "blocked") return why("blocked", "is marked blocked", `nimrod show ${ticket.id}`);
  if (blockedBy.length > 0) return why("depends", `waits on ${blockedBy.join(", ")}`);
  if (ticket.type === "epic") return why("epic", "is an epic: its parts are worked on instead");
  if (isDeferred(ticket, now)) return why("deferred", `is deferred until ${ticket.deferUntil}`);
  return null;
}

function waitingFor(waits: readonly Wait[]): string {
  return waits.map(describeWait).join(", ");
}

export function describeWait(wait: Wait): string {
  switch (wait.kind) {
    case "approval":
      return `waits for approval ${wait.id} (${wait.what})`;
    case "answer":
      return `needs ${wait.questions.length} ${wait.questions.length === 1 ? "answer" : "answers"}: ${wait.why}`;
    case "doubt":
      return `does not know whether this happened: ${wait.what}`;
    case "trust":
      return `needs your trust: ${wait.what}`;
    case "login":
      return `${wait.agent} could not log in: ${wait.message}; ${wait.how}`;
  }
}

/** The one command that a person would type to end the first of these waits. */
export function commandFor(waits: readonly Wait[], ticket: string): string | null {
  const first = waits[0];
  switch (first?.kind) {
    case undefined:
      return null;
    case "approval":
      return `nimrod approve ${first.id}`;
    case "answer":
    case "doubt":
      return `nimrod answer ${ticket}`;
    case "trust":
      return "nimrod trust";
    case "login":
      return ticket === "" ? "nimrod next" : `nimrod resume ${ticket}`;
  }
}

/** The order, first difference decides. Everything but age and id is merit: the triager may not overrule it. */
const merits: readonly { rank: (each: Considered) => number; says: (other: Considered) => string }[] = [
  { rank: ({ ticket }) => (ticket.status === "in_progress" ? 0 : 1), says: () => "not begun" },
  { rank: ({ ticket }) => (isProcessOnly(ticket) ? 1 : 0), says: () => "adds only process" },
  { rank: ({ ticket }) => ticket.priority, says: ({ ticket }) => `lower priority, ${ticket.priority}` },
  {
    rank: ({ unblocks }) => -unblocks,
    says: ({ unblocks }) => (unblocks === 0 ? "unblocks nothing" : `unblocks only ${unblocks}`),
  },
];

function compareMerit(a: Considered, b: Considered): number {
  for (const { rank } of merits) {
    const difference = rank(a) - rank(b);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Why a ready ticket comes after `first`: the first difference. */
function whyLater(first: Considered, each: Considered): string {
  const merit = merits.find(({ rank }) => rank(each) !== rank(first));
  if (merit !== undefined) return merit.says(each);
  return each.ticket.created === first.ticket.created ? "its equal, later by id" : "its equal, but younger";
}

/** Every ready ticket that was not chosen, in its order, each with the first thing that put it behind. */
export function laterThan(first: Considered, considered: readonly Considered[], now: Date): Skipped[] {
  return considered
    .filter((each) => each !== first && isUnfinished(each) && each.run.kind !== "live")
    .filter((each) => isReady(each, now) || canGoOn(each))
    .sort((a, b) => Number(canGoOn(b)) - Number(canGoOn(a)) || compare(a, b))
    .map((each) => {
      const { id, title } = each.ticket;
      const reason = canGoOn(first) && !canGoOn(each) ? "what was begun goes first" : whyLater(first, each);
      return { id, title, kind: "later", reason, command: null };
    });
}

function isUnfinished({ ticket }: Considered): boolean {
  return !ticket.archived && ticket.status !== "closed";
}

/** A run that was cut off, or has what it waited for. */
function canGoOn({ run }: Considered): boolean {
  return run.kind === "cut" || (run.kind === "parked" && run.satisfied);
}

function compare(a: Considered, b: Considered): number {
  const merit = compareMerit(a, b);
  if (merit !== 0) return merit;
  const older = (a.ticket.created ?? "9999").localeCompare(b.ticket.created ?? "9999");
  return older !== 0 ? older : a.ticket.id < b.ticket.id ? -1 : 1;
}

function reasonFor({ ticket, unblocks }: Considered): string {
  return [
    ticket.status === "in_progress" ? "in progress already" : null,
    `priority ${ticket.priority}`,
    unblocks > 0 ? `unblocks ${unblocks}` : null,
    isProcessOnly(ticket) ? "adds only process, and nothing else is ready" : null,
  ]
    .filter((part) => part !== null)
    .join("; ");
}

export function cardOf({ ticket, unblocks }: Considered): Card {
  return {
    id: ticket.id,
    title: ticket.title,
    status: ticket.status,
    type: ticket.type,
    priority: ticket.priority,
    labels: ticket.labels,
    created: ticket.created,
    unblocks,
    processOnly: isProcessOnly(ticket),
    conflictsWith: ticket.links.conflicts_with,
  };
}
