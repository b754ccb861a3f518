import type { Closing } from "../agents/roles.ts";
import { replaceBlock, setFields } from "../tickets/edit.ts";
import { buildGraph, renderLinks } from "../tickets/links.ts";
import { type LinkKind, linkKinds, type StoredTicket } from "../tickets/ticket.ts";
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

/**
 * Adds the closer's links to the ticket's front matter, and every link to the Links section of both sides.
 * `committed`: files that were as committed before, and may go into the landing commit; `left`: files with changes of
 * the operator's own, which stay uncommitted in the working folder.
 */
export async function writeLinks(
  ports: Pick<Ports, "store">,
  ticket: StoredTicket,
  options: {
    closing: Closing;
    followUps: string[];
    isCommitted: (path: string, text: string) => Promise<boolean>;
  },
): Promise<{ committed: string[]; left: string[] }> {
  const before = (await ports.store.scan()).tickets;
  const additions = addedLinks(ticket, options.closing, before);
  if (Object.keys(additions).length > 0)
    await ports.store.update(ticket.path, (text) => setFields(text, additions));

  const { tickets } = await ports.store.scan();
  const graph = buildGraph(tickets);
  const touched = { committed: [] as string[], left: [] as string[] };
  for (const other of tickets.filter((each) => each.id === ticket.id || isLinked(each, ticket.id, graph))) {
    const links = renderLinks(other, graph);
    if (links === "") continue;
    const own =
      other.id === ticket.id ||
      options.followUps.includes(other.id) ||
      (await options.isCommitted(other.path, other.text));
    const updated = await ports.store.update(other.path, (text) => replaceBlock(text, "links", links));
    if (other.id !== ticket.id && updated.text !== other.text)
      touched[own ? "committed" : "left"].push(other.path);
    else if (options.followUps.includes(other.id)) touched.committed.push(other.path);
  }
  return touched;
}

function isLinked(other: StoredTicket, id: string, graph: ReturnType<typeof buildGraph>): boolean {
  return (
    linkKinds.some((kind) => other.links[kind].includes(id)) ||
    graph.backlinks(other.id).some((link) => link.from === id)
  );
}

function addedLinks(
  ticket: StoredTicket,
  closing: Closing,
  tickets: readonly StoredTicket[],
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
