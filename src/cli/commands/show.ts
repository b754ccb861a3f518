import { splitTicket } from "../../tickets/fences.ts";
import { buildGraph, renderLinks, type TicketGraph } from "../../tickets/links.ts";
import { type LinkKind, linkKinds, type StoredTicket } from "../../tickets/ticket.ts";
import type { Context } from "../context.ts";
import type { Output, Part } from "../output.ts";
import { brokenLine, ticketJson } from "../ticket-json.ts";

export async function show(context: Context, args: readonly string[]): Promise<number> {
  const project = await context.project();
  const scan = await project.store.scan();
  const { tickets, broken } = scan;
  const ticket = await project.findTicket(args[0] ?? "", scan);
  const graph = buildGraph(tickets);
  const facts = describeLinks(ticket, graph, tickets);

  const { output } = context;
  output.document("ticket", {
    ticket: { ...ticketJson(ticket), blocked_by: graph.blockedBy(ticket) },
    links: facts.links,
    waits: facts.waits,
    body: bodyOf(ticket.text),
    broken,
  });
  printHead(output, ticket, facts);
  output.line(`\n${bodyOf(ticket.text).trim()}`);
  for (const file of broken) output.say({ text: `BROKEN  ${brokenLine(file)}`, style: "red" });
  return 0;
}

type Link = {
  kind: LinkKind;
  direction: "out" | "in";
  id: string;
  title: string | null;
  status: string | null;
};
type LinkFacts = { links: Link[]; lines: string[]; waits: string[] };

function describeLinks(
  ticket: StoredTicket,
  graph: TicketGraph,
  tickets: readonly StoredTicket[],
): LinkFacts {
  const byId = new Map(tickets.map((one) => [one.id.toLowerCase(), one]));
  const link = (kind: LinkKind, direction: "out" | "in", id: string): Link => {
    const other = byId.get(id.toLowerCase());
    return { kind, direction, id, title: other?.title ?? null, status: other?.status ?? null };
  };
  const describe = (id: string): string => {
    const other = byId.get(id.toLowerCase());
    return other === undefined ? "no such ticket" : `${other.title} (${other.status})`;
  };
  return {
    links: [
      ...linkKinds.flatMap((kind) => ticket.links[kind].map((id) => link(kind, "out", id))),
      ...graph.backlinks(ticket.id).map(({ kind, from }) => link(kind, "in", from)),
    ],
    // The words of the `## Links` section, with what a section must not hold: titles and states change.
    lines: renderLinks(ticket, graph)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => `${line.replace(/^- /, "")}  ${describe(line.split(" ").at(-1) ?? "")}`),
    waits: graph.blockedBy(ticket).map((id) => `${id}  ${describe(id)}`),
  };
}

function printHead(output: Output, ticket: StoredTicket, { lines, waits }: LinkFacts): void {
  output.line({ text: `${ticket.id}  ${ticket.title}`, style: "bold" });
  const field = (name: string, ...value: Part[]) =>
    output.line({ text: `  ${name.padEnd(12)}`, style: "dim" }, ...value);
  const closed = ticket.closeReason === null ? "" : ` (${ticket.closeReason})`;
  field("status", `${ticket.status}${closed} · ${ticket.type} · priority ${ticket.priority}`);
  if (ticket.stage !== null) field("stage", ticket.stage);
  if (ticket.labels.length > 0) field("labels", ticket.labels.join(", "));
  if (ticket.assignee !== null) field("assignee", ticket.assignee);
  if (ticket.created !== null) field("created", ticket.created);
  if (ticket.closed !== null) field("closed", ticket.closed);
  if (ticket.deferUntil !== null) field("not before", ticket.deferUntil);
  if (ticket.externalRef !== null) field("elsewhere", ticket.externalRef);
  if (ticket.branch !== null) field("branch", ticket.branch);
  field("file", ticket.path);
  for (const line of lines) field("link", line);
  for (const wait of waits) field("waits for", { text: wait, style: "yellow" });
}

function bodyOf(text: string): string {
  const split = splitTicket(text);
  return split.kind === "split" ? text.slice(split.bodyStart) : text;
}
