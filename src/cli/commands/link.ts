import { nearestName } from "../../config/nearest-name.ts";
import { NimrodError } from "../../errors.ts";
import { changeLinks } from "../../tickets/change-list.ts";
import { removeLine } from "../../tickets/edit.ts";
import { linkLines } from "../../tickets/links.ts";
import { keyAliases } from "../../tickets/read.ts";
import { type LinkKind, linkKinds, type StoredTicket, type Ticket } from "../../tickets/ticket.ts";
import type { Context, Project } from "../context.ts";
import { findLinked, type LooseEnds, refuseCircle, tellOther, untellOther } from "../linking.ts";
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
    const to = await findLinked(project, { from, kind, query: toQuery, scan });
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

/** Repeating it also writes what a kill in the middle left out. */
async function makeLink(
  { store }: Project,
  tickets: readonly Ticket[],
  ends: { from: StoredTicket; kind: LinkKind; to: StoredTicket },
): Promise<boolean> {
  const { from, kind, to } = ends;
  refuseCircle(tickets, ends);
  const linked = await store.update(from, (text) => changeLinks(text, kind, { add: [to.id] }));
  return (await tellOther(store, ends)) || linked.text !== from.text;
}

async function unlink({ store }: Project, ends: LooseEnds): Promise<boolean> {
  const { from, kind, to } = ends;
  const { forward } = linkLines({ from: from.id, kind, to: to.id });
  const unlinked = await store.update(from, (text) =>
    removeLine(changeLinks(text, kind, { remove: [to.id] }), "Links", forward),
  );
  return (await untellOther(store, ends)) || unlinked.text !== from.text;
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
