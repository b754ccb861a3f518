import { nearestName } from "../../config/nearest-name.ts";
import { NimrodError } from "../../errors.ts";
import { changeLinks } from "../../tickets/change-list.ts";
import { addLine, removeLine } from "../../tickets/edit.ts";
import { linkLines } from "../../tickets/links.ts";
import { planLink } from "../../tickets/plan-link.ts";
import { keyAliases } from "../../tickets/read.ts";
import { type LinkKind, linkKinds, type StoredTicket } from "../../tickets/ticket.ts";
import type { Context, Project } from "../context.ts";
import { flagOption, type Options } from "../options.ts";

/** `nimrod link A KIND B`: A's front matter says it, and B says it under `## Links`. */
export async function link(context: Context, args: readonly string[], options: Options): Promise<number> {
  const [fromQuery = "", word = "", toQuery = ""] = args;
  const kind = readKind(word);
  const project = await context.project();
  const scan = await project.store.scan();
  const from = await project.findTicket(fromQuery, scan);
  const { output } = context;
  if (flagOption(options, "remove")) {
    const to = await findLinked(project, scan, { from, kind, query: toQuery });
    const isChanged = await unlink(project, { from, kind, to });
    await project.touch(from.id);
    output.document("link", { from: from.id, link: kind, to: to.id, removed: true, changed: isChanged });
    output.line(`${from.id} ${isChanged ? "is no longer" : "is not"} linked: ${kind} ${to.id}`);
    return 0;
  }
  const to = await project.findTicket(toQuery, scan);
  const isChanged = await makeLink(project, scan.tickets, { from, kind, to });
  await project.touch(from.id);
  output.document("link", { from: from.id, link: kind, to: to.id, removed: false, changed: isChanged });
  output.line(`${from.id} ${kind} ${to.id}${isChanged ? "" : ": was linked already"}`);
  return 0;
}

type Ends = { from: StoredTicket; kind: LinkKind; to: StoredTicket };

/** Repeating it also writes what a kill in the middle left out. */
async function makeLink(
  { store }: Project,
  tickets: readonly StoredTicket[],
  { from, kind, to }: Ends,
): Promise<boolean> {
  const plan = planLink(tickets, from, kind, to);
  if (plan.kind === "refused") throw refusedLink(kind, plan.circle);
  const linked = await store.update(from, (text) => changeLinks(text, kind, { add: [to.id] }));
  if (plan.reverse === null) return plan.isNew;
  const { reverse } = plan;
  const before = await store.find(to.path);
  const after = await store.update(before, (text) => addLine(text, "Links", reverse));
  return after.text !== before.text || linked.text !== from.text;
}

export function refusedLink(kind: LinkKind, circle: readonly string[]): NimrodError {
  const [first = "", second = ""] = circle;
  if (circle.length === 2) return new NimrodError("usage", `${first} cannot be linked to itself`);
  return new NimrodError("usage", `${first} ${kind} ${second} would close a circle: ${circle.join(" → ")}`, {
    hint: `nimrod link ${circle.at(-2)} ${kind} ${circle.at(-1)} --remove`,
  });
}

async function unlink({ store }: Project, { from, kind, to }: Ends | Gone): Promise<boolean> {
  const { forward, reverse } = linkLines({ from: from.id, kind, to: to.id });
  const unlinked = await store.update(from, (text) =>
    removeLine(changeLinks(text, kind, { remove: [to.id] }), "Links", forward),
  );
  if (!("path" in to)) return unlinked.text !== from.text;
  const before = await store.find(to.path);
  const after = await store.update(before, (text) => removeLine(text, "Links", reverse));
  return after.text !== before.text || unlinked.text !== from.text;
}

/** A link that leads nowhere can be taken out too: then the other end is only an id. */
type Gone = { from: StoredTicket; kind: LinkKind; to: { id: string } };

async function findLinked(
  project: Project,
  scan: Awaited<ReturnType<Project["store"]["scan"]>>,
  { from, kind, query }: { from: StoredTicket; kind: LinkKind; query: string },
): Promise<StoredTicket | { id: string }> {
  try {
    return await project.findTicket(query, scan);
  } catch (error) {
    const id = from.links[kind].find((one) => one.toLowerCase() === query.trim().toLowerCase());
    if (!(error instanceof NimrodError) || id === undefined) throw error;
    return { id };
  }
}

/** By the name of its key, or by the name that files of other tools have for it. */
function readKind(word: string): LinkKind {
  const wanted = word.trim().toLowerCase().replaceAll(/[ -]/g, "_");
  const found = linkKinds.find((kind) => kind === wanted || keyAliases[kind]?.includes(wanted));
  if (found !== undefined) return found;
  const nearest = nearestName(wanted, linkKinds);
  throw new NimrodError("usage", `"${word}" is no kind of link; expected ${linkKinds.join(", ")}`, {
    hint: nearest === undefined ? "nimrod link --help" : `did you mean ${nearest}?`,
  });
}
