import { NimrodError } from "../errors.ts";
import { addLine, removeLine } from "../tickets/edit.ts";
import { linkLines } from "../tickets/links.ts";
import { planLink } from "../tickets/plan-link.ts";
import type { Scan, Store } from "../tickets/store.ts";
import type { LinkKind, StoredTicket, Ticket } from "../tickets/ticket.ts";
import type { Project } from "./context.ts";

/** A link and the two tickets of it. Where the other one does not exist any more, it is only an id. */
export type Ends = { from: StoredTicket; kind: LinkKind; to: StoredTicket };
export type LooseEnds = Omit<Ends, "to"> & { to: StoredTicket | { id: string } };

/** Throws `usage` for a ticket with itself, and for a circle, which it names. */
export function refuseCircle(tickets: readonly Ticket[], { from, kind, to }: Ends): void {
  const plan = planLink(tickets, from, kind, to);
  if (plan.kind === "link") return;
  const [first = "", second = ""] = plan.circle;
  if (plan.circle.length === 2) throw new NimrodError("usage", `${first} cannot be linked to itself`);
  throw new NimrodError(
    "usage",
    `${first} ${kind} ${second} would close a circle: ${plan.circle.join(" → ")}`,
    {
      hint: `nimrod link ${plan.circle.at(-2)} ${kind} ${plan.circle.at(-1)} --remove`,
    },
  );
}

/** Lets the other ticket say that it is linked to; whether its file had to be changed. */
export async function tellOther(store: Store, { from, kind, to }: Ends): Promise<boolean> {
  const plan = planLink([], from, kind, to);
  if (plan.kind === "refused" || plan.reverse === null) return false;
  const { reverse } = plan;
  return changed(store, to, (text) => addLine(text, "Links", reverse));
}

/** Takes that word away again. */
export async function untellOther(store: Store, { from, kind, to }: LooseEnds): Promise<boolean> {
  const { reverse } = linkLines({ from: from.id, kind, to: to.id });
  return "path" in to && changed(store, to, (text) => removeLine(text, "Links", reverse));
}

/** The other end of a link that is to go. It may lead nowhere: then its id has to stand in the file. */
export async function findLinked(
  project: Project,
  { from, kind, query, scan }: { from: StoredTicket; kind: LinkKind; query: string; scan: Scan },
): Promise<StoredTicket | { id: string }> {
  try {
    return await project.findTicket(query, scan);
  } catch (error) {
    const id = from.links[kind].find((one) => one.toLowerCase() === query.trim().toLowerCase());
    if (!(error instanceof NimrodError) || id === undefined) throw error;
    return { id };
  }
}

/** Reads the file anew: it may have been written by the first half of the same link. */
async function changed(
  store: Store,
  ticket: Pick<StoredTicket, "path">,
  edit: (text: string) => string,
): Promise<boolean> {
  const before = await store.find(ticket.path);
  return (await store.update(before, edit)).text !== before.text;
}
