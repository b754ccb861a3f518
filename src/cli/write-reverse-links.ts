import { appendToSection } from "../tickets/edit.ts";
import { buildGraph, renderLinks } from "../tickets/links.ts";
import type { Scan, Store } from "../tickets/store.ts";
import type { Ticket } from "../tickets/ticket.ts";

/** Lines that are missing under `## Links` of one ticket, because another ticket's link is not mentioned there. */
export type LinkRepair = { ticket: Ticket; lines: string[] };

/** What would make every link of the graph known at both ends; only of `from` when that is given. */
export function planLinkRepairs(
  { tickets }: Pick<Scan, "tickets">,
  { textOf }: Pick<Store, "textOf">,
  from?: string,
): LinkRepair[] {
  const graph = buildGraph(tickets);
  const byId = new Map(tickets.map((ticket) => [ticket.id.toLowerCase(), ticket]));
  const repairs = new Map<string, LinkRepair>();
  for (const link of graph.oneWay(textOf)) {
    if (from !== undefined && link.from !== from) continue;
    const ticket = byId.get(link.to.toLowerCase());
    if (ticket === undefined) continue;
    const repair = repairs.get(ticket.id) ?? { ticket, lines: [] };
    const missing = renderLinks(ticket, graph)
      .split("\n")
      .filter((line) => line.endsWith(` ${link.from}`) && !repair.lines.includes(line));
    repair.lines.push(...missing);
    repairs.set(ticket.id, repair);
  }
  return [...repairs.values()];
}

/** Adds the lines and leaves everything else under the heading as its author wrote it. */
export async function applyLinkRepairs(store: Store, repairs: readonly LinkRepair[]): Promise<void> {
  for (const { ticket, lines } of repairs) {
    await store.update(await store.read(ticket), (text) =>
      lines.reduce((edited, line) => appendToSection(edited, "Links", line), text),
    );
  }
}
