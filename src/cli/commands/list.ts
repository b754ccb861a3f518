import { buildGraph, type TicketGraph } from "../../tickets/links.ts";
import type { BrokenTicket, Status, Ticket } from "../../tickets/ticket.ts";
import type { Context } from "../context.ts";
import { countOption, type Options } from "../options.ts";
import type { Column, Part } from "../output.ts";
import { asksForClosed, byUrgency, readFilters } from "../ticket-filters.ts";
import { brokenJson, brokenLine, ticketJson } from "../ticket-json.ts";

/** The tables: `list`, `ready` and `blocked` differ in which tickets they take and in the last column. */

type View = {
  kind: "ticket-list" | "ready-list" | "blocked-list";
  /** From the tickets that pass the filters, which ones and in which order. */
  pick: (tickets: readonly Ticket[], graph: TicketGraph, now: Date) => Promise<readonly Ticket[]>;
  column?: { title: string; text: (ticket: Ticket, graph: TicketGraph) => string };
  whenEmpty: string;
};

export async function list(context: Context, _args: readonly string[], options: Options): Promise<number> {
  const withClosed = asksForClosed(options);
  return showView(context, options, {
    kind: "ticket-list",
    pick: async (tickets) =>
      tickets
        .filter((ticket) => withClosed || !(ticket.archived || ticket.status === "closed"))
        .toSorted(byUrgency),
    whenEmpty: "no tickets",
  });
}

export function ready(context: Context, _args: readonly string[], options: Options): Promise<number> {
  return showView(context, options, {
    kind: "ready-list",
    async pick(tickets, graph, now) {
      const { selectTicket } = await import("../../pipeline/select-ticket.ts");
      const { selection } = selectTicket(
        tickets.map((ticket) => ({
          ticket,
          blockedBy: graph.blockedBy(ticket),
          unblocks: graph.unblocksCount(ticket.id),
          run: { kind: "none" },
        })),
        now,
      );
      return selection.kind === "start" ? selection.ranked.map((each) => each.ticket) : [];
    },
    whenEmpty: "nothing is ready",
  });
}

export function blocked(context: Context, _args: readonly string[], options: Options): Promise<number> {
  return showView(context, options, {
    kind: "blocked-list",
    pick: async (tickets, graph) =>
      tickets
        .filter((ticket) => !ticket.archived && ticket.status !== "closed" && ticket.status !== "draft")
        .filter((ticket) => ticket.status === "blocked" || graph.blockedBy(ticket).length > 0)
        .toSorted(byUrgency),
    column: { title: "WAITS FOR", text: (ticket, graph) => graph.blockedBy(ticket).join(", ") || "a person" },
    whenEmpty: "nothing is blocked",
  });
}

async function showView(context: Context, options: Options, view: View): Promise<number> {
  const fits = readFilters(options);
  const limit = countOption(options, "limit");
  const { store } = await context.project();
  const { tickets, broken } = await store.scan();
  // The graph is over all tickets: a filter must not make a dependency look unknown.
  const graph = buildGraph(tickets);
  const fitting = await view.pick(tickets.filter(fits), graph, context.clock.now());
  const shown = limit === undefined ? fitting : fitting.slice(0, limit);

  const { output } = context;
  if (output.json) {
    output.document(view.kind, {
      tickets: shown.map((ticket) => ({ ...ticketJson(ticket), blocked_by: graph.blockedBy(ticket) })),
      total: fitting.length,
      broken: brokenJson(broken),
    });
  }
  output.table(
    columnsOf(view),
    shown.map((ticket) => rowOf(ticket, graph, view)),
  );
  for (const file of broken) output.line(brokenPart(file));
  if (fitting.length === 0 && broken.length === 0) output.say(view.whenEmpty);
  if (shown.length < fitting.length) output.say(`${fitting.length - shown.length} more (--limit ${limit})`);
  return broken.length > 0 ? 8 : 0;
}

function columnsOf(view: View): Column[] {
  const columns: Column[] = [
    { title: "ID" },
    { title: "P" },
    { title: "STATUS" },
    { title: "TYPE" },
    { title: "TITLE", shrinks: true },
  ];
  return view.column === undefined ? columns : [...columns, { title: view.column.title }];
}

const statusStyles: Partial<Record<Status, "green" | "yellow" | "dim">> = {
  in_progress: "green",
  in_review: "green",
  blocked: "yellow",
  draft: "dim",
  closed: "dim",
};

function rowOf(ticket: Ticket, graph: TicketGraph, view: View): Part[] {
  const style = statusStyles[ticket.status];
  const status: Part = style === undefined ? ticket.status : { text: ticket.status, style };
  const row: Part[] = [ticket.id, String(ticket.priority), status, ticket.type, ticket.title];
  return view.column === undefined ? row : [...row, view.column.text(ticket, graph)];
}

function brokenPart(file: BrokenTicket): Part {
  return { text: `BROKEN  ${brokenLine(file)}`, style: "red" };
}
