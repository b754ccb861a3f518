import { basename, relative, resolve, sep } from "node:path";
import { NimrodError } from "../errors.ts";
import { quoteWord } from "../platform/shell-word.ts";
import { quoted } from "./fences.ts";
import type { Scan } from "./scan.ts";
import type { BrokenTicket, Ticket } from "./ticket.ts";

/** The ticket of an id, a part of one, or a path. Throws `not_found`, `ambiguous` or `broken`. */
export function findTicket(query: string, { tickets, broken }: Scan, root: string): Ticket {
  const word = query.trim();
  const asPath = toRelative(root, word);
  const wanted = word.toLowerCase();
  const exact = tickets.find(({ path, id }) => path === asPath || id.toLowerCase() === wanted);
  if (exact !== undefined) return exact;
  const matches = wanted === "" ? [] : tickets.filter(({ id }) => id.toLowerCase().includes(wanted));
  const [only, second] = matches;
  if (second !== undefined) {
    throw new NimrodError("ambiguous", `${quoted(word)} fits ${matches.length} tickets`, {
      lines: matches.map(({ id, title }) => `${id}  ${title}`),
    });
  }
  const file = broken.find(
    ({ path, id }) =>
      wanted !== "" &&
      (path === asPath ||
        basename(path).toLowerCase().includes(wanted) ||
        id?.toLowerCase().includes(wanted) === true),
  );
  // The one readable match may be the wrong one when a broken file carries the very id that was asked for.
  const isNamed =
    file !== undefined &&
    (file.id?.toLowerCase() === wanted || basename(file.path).toLowerCase().startsWith(wanted));
  if (only !== undefined && !isNamed) return only;
  if (file !== undefined) throw brokenError(file);
  throw new NimrodError("not_found", `no ticket has an id with ${quoted(word)}`, {
    hint: "nimrod list --all",
  });
}

/** A problem of a file as an error about it. */
export function brokenError(problem: BrokenTicket | undefined): NimrodError {
  const where = `${problem?.path}:${problem?.line}`;
  return new NimrodError("broken", `${problem?.found}; expected ${problem?.expected}`, {
    where,
    // Which of two files keeps an id is more than one file's matter.
    hint:
      problem?.expected === "an id of its own"
        ? "nimrod doctor --fix"
        : `nimrod edit ${quoteWord(problem?.path ?? "")}`,
  });
}

/** A path as tickets carry it: relative to the root, with forward slashes. */
export function toRelative(root: string, path: string): string {
  return relative(root, resolve(root, path)).split(sep).join("/");
}
