import { linkLines } from "./links.ts";
import type { LinkKind, Ticket } from "./ticket.ts";

/** Kinds that give an order: a circle of them says nothing, and one of `depends_on` is never ready. */
const ordered: readonly LinkKind[] = ["depends_on", "part_of"];
/** Kinds that say the same in both directions. */
const mutual: readonly LinkKind[] = ["related", "conflicts_with"];

type Linked = Pick<Ticket, "id" | "links">;

export type LinkPlan =
  /** `circle` holds the ids on the way, the first one again at the end; of length 2 for a ticket and itself. */
  | { kind: "refused"; circle: string[] }
  /** The line that the other ticket is to have; null where its own front matter says it. */
  | { kind: "link"; isNew: boolean; reverse: string | null };

/** What has to stand where so that both tickets know of the link. */
export function planLink(tickets: readonly Linked[], from: Linked, kind: LinkKind, to: Linked): LinkPlan {
  if (isSame(from.id, to.id)) return { kind: "refused", circle: [from.id, to.id] };
  const isNew = !from.links[kind].some((id) => isSame(id, to.id));
  const back = isNew && ordered.includes(kind) ? findWay(tickets, kind, to, from) : null;
  if (back !== null) return { kind: "refused", circle: [from.id, ...back] };
  const says = mutual.includes(kind) && to.links[kind].some((id) => isSame(id, from.id));
  return {
    kind: "link",
    isNew,
    reverse: says ? null : linkLines({ from: from.id, kind, to: to.id }).reverse,
  };
}

/** The shortest way from one ticket to another along links of one kind, both ends included. */
function findWay(tickets: readonly Linked[], kind: LinkKind, from: Linked, to: Linked): string[] | null {
  const byId = new Map(tickets.map((ticket) => [ticket.id.toLowerCase(), ticket]));
  const cameFrom = new Map<string, Linked | null>([[from.id.toLowerCase(), null]]);
  const queue = [from];
  // The queue grows while it is read: a breadth-first walk, so that the shortest way is found first.
  for (const ticket of queue) {
    if (isSame(ticket.id, to.id)) return wayTo(ticket, cameFrom);
    for (const id of ticket.links[kind]) {
      const next = byId.get(id.toLowerCase());
      if (next === undefined || cameFrom.has(id.toLowerCase())) continue;
      cameFrom.set(id.toLowerCase(), ticket);
      queue.push(next);
    }
  }
  return null;
}

function wayTo(end: Linked, cameFrom: ReadonlyMap<string, Linked | null>): string[] {
  const way: string[] = [];
  for (let at: Linked | null = end; at !== null; at = cameFrom.get(at.id.toLowerCase()) ?? null)
    way.unshift(at.id);
  return way;
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
