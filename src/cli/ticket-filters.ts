import { priorityOf, statusOf } from "../tickets/read.ts";
import { type Status, statuses, type Ticket, type TicketType, types } from "../tickets/ticket.ts";
import { flagOption, listOption, type Options, oneOf, textOption } from "./options.ts";

type Filtered = Pick<Ticket, "status" | "type" | "priority" | "labels" | "assignee">;

/** The filters that every list of tickets has. Throws `usage` for a value that no ticket can have. */
export function readFilters(options: Options): (ticket: Filtered) => boolean {
  const wantedStatuses = readStatuses(options);
  const wantedTypes = words(options, "type").map((word): TicketType => oneOf("--type", word, types));
  const priorities = words(options, "priority").map((word) => readPriority(word));
  const labels = words(options, "label");
  const assignee = plainName(textOption(options, "assignee") ?? "");

  return (ticket) =>
    (wantedStatuses.length === 0 || wantedStatuses.includes(ticket.status)) &&
    (wantedTypes.length === 0 || wantedTypes.includes(ticket.type)) &&
    (priorities.length === 0 || priorities.includes(ticket.priority)) &&
    labels.every((label) => ticket.labels.includes(label)) &&
    (assignee === "" || namesOf(ticket).includes(assignee));
}

/** Whether closed tickets are asked for, which no list has otherwise. */
export function asksForClosed(options: Options): boolean {
  return flagOption(options, "all") || readStatuses(options).includes("closed");
}

/** In every spelling that a ticket may have. */
function readStatuses(options: Options): Status[] {
  return words(options, "status").map((word) => statusOf(word) ?? oneOf("--status", word, statuses));
}

function readPriority(word: string): number {
  return priorityOf(word) ?? Number(oneOf("--priority", word, ["0", "1", "2", "3", "4"]));
}

/** The whole, and each name of several. */
function namesOf({ assignee }: Filtered): string[] {
  const whole = assignee ?? "";
  return [whole, ...whole.split(", ")].map(plainName);
}

function plainName(name: string): string {
  return name.trim().replace(/^@/, "").toLowerCase();
}

/** `--status open,blocked` is the same as giving the option twice. */
function words(options: Options, name: string): string[] {
  return listOption(options, name).flatMap((value) => value.split(","));
}

/** What is being worked on first, then by priority, then the older one. */
export function byUrgency(a: Ranked, b: Ranked): number {
  return (
    statusRank[a.status] - statusRank[b.status] ||
    a.priority - b.priority ||
    compareText(a.created ?? "9999", b.created ?? "9999") ||
    compareText(a.id, b.id)
  );
}

type Ranked = Pick<Ticket, "id" | "status" | "priority" | "created">;

const statusRank: Record<Status, number> = {
  in_progress: 0,
  in_review: 1,
  open: 2,
  blocked: 3,
  draft: 4,
  closed: 5,
};

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
