import { NimrodError } from "../../errors.ts";
import { readLatestRun } from "../../pipeline/journal.ts";
import { quoteWord } from "../../platform/shell-word.ts";
import { buildGraph } from "../../tickets/links.ts";
import type { Scan, Store } from "../../tickets/store.ts";
import type { Ticket } from "../../tickets/ticket.ts";
import { brokenLine } from "../ticket-json.ts";
import type { Check } from "./check.ts";

/** What is wrong with the tickets themselves: files that cannot be read, links that lead nowhere or in circles. */
export function checkTickets({ tickets, broken }: Scan, { textOf }: Pick<Store, "textOf">): Check[] {
  const graph = buildGraph(tickets);
  const pathOf = new Map(tickets.map((ticket) => [ticket.id, ticket.path]));
  const checks: Check[] = [{ area: "tickets", level: "ok", text: `${tickets.length} readable` }];
  for (const file of broken)
    checks.push({
      area: "tickets",
      level: "broken",
      text: brokenLine(file),
      hint: `nimrod edit ${quoteWord(file.path)}`,
    });
  for (const { id, status, path } of tickets.filter(
    (ticket) => ticket.archived && ticket.status !== "closed",
  )) {
    checks.push({
      area: "tickets",
      level: "note",
      text: `${path}: status is ${status}, so no list shows it; expected closed, or a place in tickets/active`,
      hint: `git mv ${quoteWord(path)} tickets/active/   (or: nimrod close ${id})`,
    });
  }
  // One that a person closed by hand may lie where it is; a reason is written by a close, which also moves it.
  for (const { path } of tickets.filter(
    ({ archived, status, closeReason }) => !archived && status === "closed" && closeReason !== null,
  )) {
    checks.push({
      area: "tickets",
      level: "note",
      text: `${path}: closed, and not in tickets/closed, as a close that was stopped leaves it`,
      hint: `git mv ${quoteWord(path)} tickets/closed/`,
    });
  }
  for (const { id, kind, to } of graph.unknown) {
    checks.push({
      area: "tickets",
      // Only depends_on holds a ticket back, for ever when the id is unknown.
      level: kind === "depends_on" ? "broken" : "note",
      text: `${pathOf.get(id) ?? id}: ${kind} ${to}, which no ticket has`,
      hint: `nimrod link ${id} ${kind} ${to} --remove`,
    });
  }
  for (const cycle of graph.cycles) {
    checks.push({
      area: "tickets",
      level: "broken",
      text: `circle of depends_on: ${[...cycle, cycle[0]].join(" → ")}`,
      hint: `nimrod link ${cycle[0]} depends_on ${dependencyIn(cycle, tickets)} --remove`,
    });
  }
  for (const { from, kind, to } of graph.oneWay(textOf)) {
    checks.push({
      area: "tickets",
      level: "note",
      text: `${from} ${kind} ${to}, and ${to} does not say so`,
      hint: "nimrod doctor --fix",
    });
  }
  return checks;
}

/** One that the first of a circle depends on: taking that link out opens the circle. */
function dependencyIn(cycle: readonly string[], tickets: readonly Ticket[]): string {
  const links = tickets.find(({ id }) => id === cycle[0])?.links.depends_on ?? [];
  return links.find((id) => cycle.some((one) => one.toLowerCase() === id.toLowerCase())) ?? "ID";
}

/** Tickets whose landing was begun and never ended: a kill in between, or a branch that moved meanwhile. */
export async function checkLandings(
  tickets: readonly Pick<Ticket, "id" | "path">[],
  stateFolder: string,
): Promise<Check[]> {
  const checks = await Promise.all(tickets.map((ticket) => checkLanding(ticket, stateFolder)));
  return checks.filter((check) => check !== null);
}

async function checkLanding(
  { id, path }: Pick<Ticket, "id" | "path">,
  stateFolder: string,
): Promise<Check | null> {
  try {
    const records = (await readLatestRun(stateFolder, id))?.records ?? [];
    const begun = records.findLastIndex((record) => record.type === "landing");
    if (begun < 0 || records.slice(begun).some((record) => record.type === "ended")) return null;
  } catch (error) {
    if (!(error instanceof NimrodError)) throw error;
    return { area: "tickets", level: "broken", text: `${path}: its run cannot be read: ${error.message}` };
  }
  return {
    area: "tickets",
    level: "note",
    text: `${path}: its landing was begun and did not end`,
    hint: `nimrod close ${id}`,
  };
}
