import { NimrodError } from "../../errors.ts";
import { type Hit, type Match, queryWords, searchTickets } from "../../tickets/search.ts";
import type { Ticket } from "../../tickets/ticket.ts";
import type { Context } from "../context.ts";
import { countOption, type Options } from "../options.ts";
import type { Part } from "../output.ts";
import { asksForClosed, byUrgency, readFilters } from "../ticket-filters.ts";
import { brokenJson, brokenLine, ticketJson } from "../ticket-json.ts";

/** `nimrod search QUERY`: the tickets in which all words occur, the best first. Nothing found is an answer, exit 0. */
export async function search(context: Context, args: readonly string[], options: Options): Promise<number> {
  const words = queryWords(args);
  if (words.length === 0) {
    throw new NimrodError("usage", "search for what?", { hint: "nimrod search vault certificate" });
  }
  const fits = readFilters(options);
  const limit = countOption(options, "limit");
  const withClosed = asksForClosed(options);
  const { store, root } = await context.project();
  const { tickets, broken } = await store.scan();
  const chosen = tickets
    .filter((ticket) => fits(ticket) && (withClosed || !(ticket.archived || ticket.status === "closed")))
    .toSorted(byUrgency);
  const hits = searchTickets(root, chosen, words);
  const shown = limit === undefined ? hits : hits.slice(0, limit);

  const { output } = context;
  output.document("search", {
    words,
    tickets: shown.map(({ ticket, score, matches }) => ({ ...ticketJson(ticket), score, matches })),
    total: hits.length,
    broken: brokenJson(broken),
  });
  for (const hit of shown) printHit(context, hit, words);
  for (const file of broken) output.say({ text: `BROKEN  ${brokenLine(file)}`, style: "red" });
  if (hits.length === 0)
    output.say(withClosed ? "nothing found" : "nothing found; --all looks in closed ones too");
  if (shown.length < hits.length) output.say(`${hits.length - shown.length} more (--limit ${limit})`);
  return 0;
}

function printHit({ output }: Context, { ticket, matches }: Hit<Ticket>, words: readonly string[]): void {
  output.line({ text: ticket.id, style: "bold" }, `  ${ticket.status}  `, ...emphasize(ticket.title, words));
  const [best] = matches;
  if (best === undefined) return;
  const more = matches.length > 1 ? ` (+${matches.length - 1})` : "";
  output.line(
    { text: `  ${ticket.path}:${best.line}: `, style: "dim" },
    ...emphasize(excerpt(best, words), words),
    { text: more, style: "dim" },
  );
}

/** Of a long line the part around the first word. */
function excerpt({ text }: Match, words: readonly string[]): string {
  const width = 100;
  if (text.length <= width) return text;
  const lower = text.toLowerCase();
  const first = Math.min(...words.map((word) => lower.indexOf(word)).filter((at) => at >= 0), text.length);
  const start = Math.max(0, Math.min(first - 30, text.length - width));
  const cut = [...text.slice(start, start + width)].join("");
  return `${start > 0 ? "…" : ""}${cut.toWellFormed()}${start + width < text.length ? "…" : ""}`;
}

function emphasize(text: string, words: readonly string[]): Part[] {
  const escaped = words.map((word) => word.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  const pattern = new RegExp(`(${escaped.join("|")})`, "iu");
  return text
    .split(pattern)
    .map((part, index): Part => (index % 2 === 1 ? { text: part, style: "yellow" } : part));
}
