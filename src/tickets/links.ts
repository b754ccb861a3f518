import { splitTicket } from "./fences.ts";
import { findSections, isTitled, scanMarkdown } from "./markdown-lines.ts";
import { type LinkKind, linkKinds, type Ticket } from "./ticket.ts";

export type Backlink = { kind: LinkKind; from: string };
export type Link = { from: string; kind: LinkKind; to: string };

/** Links between tickets, by id. Ids are compared without regard to case, as `find` does. */
export type TicketGraph = {
  /** Tickets that directly depend on this one. */
  dependents(id: string): string[];
  /** Links to ids that no readable ticket has. A dependency on one is never satisfied. */
  unknown: { id: string; kind: LinkKind; to: string }[];
  /** Circles of `depends_on`, each from its smallest id; a ticket that depends on itself is one of length 1. */
  cycles: string[][];
  /** Links that the other ticket does not mention, neither in its front matter nor under `## Links`. */
  oneWay(textOf: (ticket: Ticket) => string): Link[];
  backlinks(id: string): Backlink[];
  /** Unclosed tickets that wait for this one, directly or through others. */
  unblocksCount(id: string): number;
  /** Dependencies that hold this ticket back; unknown ones included. */
  blockedBy(ticket: Ticket): string[];
};

/** How a link reads from the ticket it points to. */
const reverseWords: Readonly<Record<LinkKind, string>> = {
  depends_on: "needed by",
  bootstraps: "bootstrapped by",
  part_of: "has part",
  local_variant_of: "has local variant",
  conflicts_with: "conflicts with",
  related: "related to",
};

const forwardWords: Readonly<Record<LinkKind, string>> = {
  depends_on: "depends on",
  bootstraps: "bootstraps",
  part_of: "part of",
  local_variant_of: "local variant of",
  conflicts_with: "conflicts with",
  related: "related to",
};

/** The lines that say a link under `## Links`: of the ticket that has it, and of the one that it points to. */
export function linkLines({ from, kind, to }: Link): { forward: string; reverse: string } {
  return { forward: `- ${forwardWords[kind]} ${to}`, reverse: `- ${reverseWords[kind]} ${from}` };
}

/** Done, or closed by a tool that keeps no reason. `wontfix` and the like do not satisfy a dependent. */
export function isSatisfied(ticket: Ticket): boolean {
  return ticket.status === "closed" && (ticket.closeReason === null || ticket.closeReason === "done");
}

export function buildGraph(tickets: readonly Ticket[]): TicketGraph {
  const byKey = new Map(tickets.map((ticket) => [keyOf(ticket.id), ticket]));
  const incoming = new Map<string, Backlink[]>();
  const unknown: TicketGraph["unknown"] = [];
  for (const { from, kind, to } of tickets.flatMap(linksOf)) {
    if (!byKey.has(keyOf(to))) {
      unknown.push({ id: from, kind, to });
      continue;
    }
    const backlinks = incoming.get(keyOf(to)) ?? [];
    backlinks.push({ kind, from });
    incoming.set(keyOf(to), backlinks);
  }
  const backlinks = (id: string): Backlink[] => incoming.get(keyOf(id)) ?? [];
  const dependents = (id: string): string[] =>
    backlinks(id)
      .filter(({ kind }) => kind === "depends_on")
      .map(({ from }) => from);

  // Listing asks for none of them, and they cost as much as all the rest.
  let cycles: string[][] | undefined;

  return {
    dependents,
    unknown,
    get cycles() {
      cycles ??= findCycles(tickets, byKey);
      return cycles;
    },
    oneWay: (textOf) => findOneWay(tickets, byKey, textOf),
    backlinks,
    unblocksCount: unblocksCounter(dependents, (id) => byKey.get(keyOf(id))?.status !== "closed"),
    blockedBy: (ticket) =>
      ticket.links.depends_on.filter((id) => {
        const other = byKey.get(keyOf(id));
        return other === undefined || !isSatisfied(other);
      }),
  };
}

/**
 * Counts what waits for a ticket. Where one single ticket waits, it and all behind it are counted once for everybody: a
 * thousand tickets in front of one long chain would else walk it a thousand times.
 */
function unblocksCounter(
  dependents: (id: string) => string[],
  isOpen: (id: string) => boolean,
): (id: string) => number {
  const counts = new Map<string, number>();
  const circular = new Set<string>();
  const walk = (id: string): number => {
    const seen = new Set([keyOf(id)]);
    const queue = [id];
    let count = 0;
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      for (const dependent of dependents(next)) {
        if (keyOf(dependent) === keyOf(id)) circular.add(keyOf(id));
        if (seen.has(keyOf(dependent))) continue;
        seen.add(keyOf(dependent));
        queue.push(dependent);
        if (isOpen(dependent)) count += 1;
      }
    }
    return count;
  };
  return (id) => {
    const before = new Set<string>();
    let at = keyOf(id);
    for (let known = counts.get(at); known === undefined; known = counts.get(at)) {
      const [only, second] = dependents(at).map(keyOf);
      if (only === undefined || second !== undefined) {
        counts.set(at, walk(at));
        break;
      }
      before.add(at);
      if (before.has(only)) return walk(id);
      at = only;
    }
    // In a circle everybody waits for everybody, and nobody for himself.
    if (circular.has(at)) return walk(id);
    let count = counts.get(at) ?? 0;
    for (const each of [...before].toReversed()) {
      count += isOpen(at) ? 1 : 0;
      counts.set(each, count);
      at = each;
    }
    return count;
  };
}

/**
 * What belongs under `## Links` of a ticket: its links in both directions, one a line, by kind and id. No titles or
 * states, which would change with every edit of another ticket.
 */
export function renderLinks(ticket: Ticket, graph: TicketGraph): string {
  const outgoing = linksOf(ticket).map(({ kind, to }) => ({ kind, words: forwardWords[kind], id: to }));
  const incoming = graph
    .backlinks(ticket.id)
    .map(({ kind, from }) => ({ kind, words: reverseWords[kind], id: from }));
  const lines = [...outgoing, ...incoming]
    .toSorted((a, b) => linkKinds.indexOf(a.kind) - linkKinds.indexOf(b.kind) || compare(a.id, b.id))
    .map(({ words, id }) => `- ${words} ${id}`);
  return [...new Set(lines)].join("\n");
}

function linksOf(ticket: Ticket): Link[] {
  return linkKinds.flatMap((kind) => ticket.links[kind].map((to) => ({ from: ticket.id, kind, to })));
}

function findOneWay(
  tickets: readonly Ticket[],
  byKey: ReadonlyMap<string, Ticket>,
  textOf: (ticket: Ticket) => string,
): Link[] {
  const mentions = new Map<string, ReadonlySet<string>>();
  return tickets.flatMap(linksOf).filter(({ from, to }) => {
    const other = byKey.get(keyOf(to));
    if (other === undefined || keyOf(from) === keyOf(to)) return false;
    if (linksOf(other).some((link) => keyOf(link.to) === keyOf(from))) return false;
    const mentioned = mentions.get(keyOf(to)) ?? mentionedIds(textOf(other));
    mentions.set(keyOf(to), mentioned);
    return !mentioned.has(keyOf(from));
  });
}

function mentionedIds(text: string): ReadonlySet<string> {
  const split = splitTicket(text);
  if (split.kind === "broken") return new Set();
  const sections = findSections(scanMarkdown(text, split.bodyStart, split.bodyLine).lines);
  const words = sections
    .filter((section) => isTitled(section, "Links"))
    .flatMap((section) => section.lines)
    .flatMap((line) => line.text.match(/[A-Za-z0-9][A-Za-z0-9._-]*/g) ?? []);
  return new Set(words.map((word) => keyOf(word.replace(/\.+$/, ""))));
}

/** Tarjan's strongly connected components, with an own stack: ten thousand tickets may form one chain. */
function findCycles(tickets: readonly Ticket[], byKey: ReadonlyMap<string, Ticket>): string[][] {
  const next = (ticket: Ticket): Ticket[] =>
    ticket.links.depends_on.flatMap((id) => byKey.get(keyOf(id)) ?? []);
  const order = new Map<Ticket, number>();
  const low = new Map<Ticket, number>();
  const onPath = new Set<Ticket>();
  const path: Ticket[] = [];
  const cycles: string[][] = [];

  const enter = (ticket: Ticket) => {
    order.set(ticket, order.size);
    low.set(ticket, order.size - 1);
    path.push(ticket);
    onPath.add(ticket);
    return { ticket, rest: next(ticket) };
  };
  const lower = (ticket: Ticket, value: number | undefined) =>
    low.set(ticket, Math.min(low.get(ticket) ?? 0, value ?? 0));

  for (const root of tickets) {
    if (order.has(root)) continue;
    const work = [enter(root)];
    for (let top = work.at(-1); top !== undefined; top = work.at(-1)) {
      const { ticket, rest } = top;
      const child = rest.pop();
      if (child !== undefined) {
        if (!order.has(child)) work.push(enter(child));
        else if (onPath.has(child)) lower(ticket, order.get(child));
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent !== undefined) lower(parent.ticket, low.get(ticket));
      if (low.get(ticket) !== order.get(ticket)) continue;
      const members = path.splice(path.lastIndexOf(ticket));
      for (const member of members) onPath.delete(member);
      if (members.length > 1 || next(ticket).includes(ticket)) {
        cycles.push(members.map(({ id }) => id).toSorted(compare));
      }
    }
  }
  return cycles.toSorted((a, b) => compare(a[0] ?? "", b[0] ?? ""));
}

function keyOf(id: string): string {
  return id.toLowerCase();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
