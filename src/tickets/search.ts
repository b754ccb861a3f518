import { constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { splitTicket } from "./fences.ts";
import type { StoredTicket } from "./ticket.ts";

/** Where the words of a query stand: the file's line, 1-based, and its text. */
export type Match = { line: number; text: string };

/** @param T what the caller knows of a ticket; it is handed back as it came. */
export type Hit<T> = { ticket: T; score: number; matches: Match[] };

type Searchable = Pick<StoredTicket, "id" | "title" | "labels" | "path">;

/** Enough to see what a ticket has to do with the query; the rest is in the file. */
const shownMatches = 5;

/** A query as the words that all have to occur. */
export function queryWords(query: readonly string[]): string[] {
  const words = query.flatMap((part) => part.split(/\s+/)).map(fold);
  return [...new Set(words.filter((word) => word !== ""))];
}

/**
 * Tickets in which every word occurs, in id, title, labels or text, without regard to case; the best first. The text
 * is read here, one file after the other: at ten thousand tickets a promise for each costs more than the reading.
 */
export function searchTickets<T extends Searchable>(
  root: string,
  tickets: readonly T[],
  words: readonly string[],
): Hit<T>[] {
  return tickets
    .flatMap((ticket) => {
      const found = searchText(readText(join(root, ticket.path)), ticket, words);
      return found === null ? [] : [{ ticket, ...found }];
    })
    .toSorted((a, b) => b.score - a.score);
}

/** How well one ticket fits, and the lines of its text that say so; null where a word is missing. */
export function searchText(
  text: string,
  ticket: Omit<Searchable, "path">,
  words: readonly string[],
): { score: number; matches: Match[] } | null {
  const head = fold([ticket.id, ticket.title, ...ticket.labels].join("\n"));
  const missing = words.filter((word) => !head.includes(word));
  const whole = fold(text);
  if (missing.some((word) => !whole.includes(word))) return null;
  // Front matter is no text: `open` would find every open ticket.
  const matches = findLines(text, words);
  if (missing.some((word) => !matches.some((match) => match.has.includes(word)))) return null;
  const score = words.reduce((sum, word) => sum + scoreOf(word, head, ticket, matches), 0);
  const best = matches
    .toSorted((a, b) => b.has.length - a.has.length || a.line - b.line)
    .slice(0, shownMatches);
  const together = (best[0]?.has.length ?? 0) > 1 ? (best[0]?.has.length ?? 0) * 3 : 0;
  return { score: score + together, matches: best.map((match) => ({ line: match.line, text: match.text })) };
}

type Found = Match & { has: string[] };

function findLines(text: string, words: readonly string[]): Found[] {
  const split = splitTicket(text);
  const start = split.kind === "split" ? split.bodyStart : 0;
  const first = split.kind === "split" ? split.bodyLine : 1;
  return text
    .slice(start)
    .split(/\r?\n/)
    .flatMap((line, index) => {
      const folded = fold(line);
      const has = words.filter((word) => folded.includes(word));
      return has.length === 0 ? [] : [{ line: first + index, text: line.trim(), has }];
    });
}

/** A title says what a ticket is about; ten mentions in a text say little more than five. */
function scoreOf(
  word: string,
  head: string,
  { id, title, labels }: Omit<Searchable, "path">,
  matches: readonly Found[],
): number {
  const inTitle = fold(title).includes(word);
  const whole = inTitle && wordsOf(fold(title)).includes(word);
  const named =
    head.includes(word) && (fold(id).includes(word) || labels.some((label) => fold(label) === word));
  const lines = matches.filter((match) => match.has.includes(word)).length;
  return (whole ? 30 : inTitle ? 20 : 0) + (named ? 15 : 0) + Math.min(lines, 5);
}

function wordsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{N}_]+/u);
}

/** One spelling for both cases, and for letters that are written with or without combining marks. */
function fold(text: string): string {
  const lower = text.toLowerCase();
  return /^[\x00-\x7f]*$/.test(lower) ? lower : lower.normalize("NFC");
}

/** The file may be gone or replaced since it was scanned: then there is nothing to find in it. */
function readText(path: string): string {
  try {
    // O_NONBLOCK: a pipe that took the file's place must not hold the search up.
    return readFileSync(path, { encoding: "utf8", flag: constants.O_RDONLY | constants.O_NONBLOCK });
  } catch {
    return ""; // moved or removed meanwhile; what the scan knows of it is searched all the same
  }
}
