import type { Closing } from "../agents/roles.ts";
import { replaceBlock, setFields } from "../tickets/edit.ts";
import { buildGraph, renderLinks } from "../tickets/links.ts";
import { type LinkKind, linkKinds, type StoredTicket, type Ticket } from "../tickets/ticket.ts";
import type { Ports } from "./ports.ts";

/** Links are facts of two tickets: both files say so. Follow-ups are tickets of their own, linked back. */

/** Creates the follow-ups that do not exist yet; repeating it after a kill creates none twice. */
export async function createFollowUps(
  ports: Pick<Ports, "store">,
  ticket: StoredTicket,
  closing: Closing,
): Promise<string[]> {
  const ids: string[] = [];
  for (const wanted of closing.followUps) {
    const { tickets } = await ports.store.scan();
    const known = tickets.find(
      (other) =>
        other.title === wanted.title && linkKinds.some((kind) => other.links[kind].includes(ticket.id)),
    );
    const made =
      known ??
      (await ports.store.create({
        title: wanted.title,
        type: wanted.type,
        priority: wanted.priority,
        links: { [wanted.link]: [ticket.id] },
        ...(wanted.body.trim() === "" ? {} : { body: `## Description\n\n${wanted.body}\n` }),
      }));
    ids.push(made.id);
  }
  return ids;
}

/** Adds the closer's links to the ticket's front matter, and every link to the Links section of both sides. */
export async function writeLinks(
  ports: Pick<Ports, "store">,
  ticket: StoredTicket,
  closing: Closing,
): Promise<void> {
  const additions = addedLinks(ticket, closing, (await ports.store.scan()).tickets);
  if (Object.keys(additions).length > 0) {
    await ports.store.update(ticket.path, (text) => setFields(text, additions));
  }
  for (const { other, links } of await linkedTickets(ports, ticket.id)) {
    await ports.store.update(other.path, (text) => replaceBlock(text, "links", links));
  }
}

/**
 * Which other tickets the landing commit takes along: those that differ from the commit by Nimrod's own Links block
 * alone. A file with changes of the operator's own is `left`: it stays as it is, uncommitted.
 */
export async function linkedFiles(
  ports: Pick<Ports, "store">,
  ticket: StoredTicket,
  options: { followUps: readonly string[]; committedText: (path: string) => Promise<string | null> },
): Promise<{ committed: string[]; left: string[] }> {
  const files = { committed: [] as string[], left: [] as string[] };
  for (const { other, links } of await linkedTickets(ports, ticket.id)) {
    if (other.id === ticket.id) continue;
    const before = await options.committedText(other.path);
    if (before === other.text) continue;
    const isOwn =
      options.followUps.includes(other.id) ||
      (before !== null && replaceBlock(before, "links", links) === other.text);
    files[isOwn ? "committed" : "left"].push(other.path);
  }
  return files;
}

/** The ticket itself and all that it has a link with, each with the Links section that it should have. */
async function linkedTickets(
  ports: Pick<Ports, "store">,
  id: string,
): Promise<{ other: StoredTicket; links: string }[]> {
  const { tickets } = await ports.store.scan();
  const graph = buildGraph(tickets);
  const linked = tickets
    .filter((other) => other.id === id || isLinked(other, id, graph))
    .map((other) => ({ other, links: renderLinks(other, graph) }))
    .filter(({ links }) => links !== "");
  return Promise.all(
    linked.map(async ({ other, links }) => ({ other: await ports.store.read(other), links })),
  );
}

function isLinked(other: Ticket, id: string, graph: ReturnType<typeof buildGraph>): boolean {
  return (
    linkKinds.some((kind) => other.links[kind].includes(id)) ||
    graph.backlinks(other.id).some((link) => link.from === id)
  );
}

function addedLinks(
  ticket: StoredTicket,
  closing: Closing,
  tickets: readonly Ticket[],
): Record<string, string[]> {
  const additions: Record<string, string[]> = {};
  for (const link of closing.links) {
    const kind: LinkKind = link.kind;
    const present = additions[kind] ?? ticket.links[kind];
    const isKnown = tickets.some((other) => other.id === link.to) && link.to !== ticket.id;
    // A dependency decides what is ready: a person adds one, not a closer.
    if (isKnown && kind !== "depends_on" && !present.includes(link.to))
      additions[kind] = [...present, link.to];
  }
  return additions;
}
