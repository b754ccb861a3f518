import { NimrodError } from "../errors.ts";
import { findCriteria } from "./body.ts";
import type { FoundCriterion } from "./criteria.ts";
import { splitTicket } from "./fences.ts";
import { applySplices, type Splice } from "./splice-field.ts";

/** What a criterion says from now on. Without `verify` it keeps its command. */
export type Revision = { ac: string; text: string; verify: string | null };

/**
 * Gives a criterion other words, and another command where one is named. Its tick goes: nothing has shown the new
 * words yet. Proves that every other criterion is what it was, or throws.
 */
export function reviseCriterion(text: string, { ac, text: words, verify }: Revision): string {
  if (words.trim() === "" || /[\x00-\x1f\x7f-\x9f]/.test(words + (verify ?? ""))) throw notPlain(ac, words);
  const before = criteriaOf(text);
  const criterion = before.find((one) => one.id === ac);
  if (criterion === undefined) throw new NimrodError("not_found", `the ticket has no criterion ${ac}`);
  const splices: Splice[] = [
    { ...criterion.textAt, insert: words },
    ...criterion.more.map((line) => ({ ...line, insert: "" })),
    ...(criterion.checked ? [{ start: criterion.tickAt, end: criterion.tickAt + 1, insert: " " }] : []),
    ...(verify === null ? [] : [commandSplice(text, criterion, verify)]),
  ];
  const after = applySplices(text, splices);
  if (saysOnly(criteriaOf(after), before, { ac, text: words, verify })) return after;
  throw notPlain(ac, words);
}

function notPlain(ac: string, words: string): NimrodError {
  return new NimrodError("usage", `${JSON.stringify(words)} would not be read as the text of ${ac}`, {
    hint: "one line of plain words, without a number or a tick in front",
  });
}

function commandSplice(text: string, criterion: FoundCriterion, verify: string): Splice {
  const written = codeSpan(verify);
  if (criterion.verifyAt !== null) return { ...criterion.verifyAt, insert: written };
  const eol = splitOf(text).eol;
  const end = criterion.textAt.end;
  const indent = " ".repeat(lineIndent(text, criterion.tickAt) + 2);
  // Where the text goes on for lines, these are taken out: its own line is the one in front.
  return { start: end, end, insert: `${eol}${indent}- verify: ${written}` };
}

/** As in CommonMark: more backticks around it than in it, and a space where it begins or ends with one. */
function codeSpan(command: string): string {
  const longest = Math.max(0, ...(command.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const ticks = "`".repeat(longest + 1);
  const gap = /^`|`$|^ .* $/.test(command) ? " " : "";
  return `${ticks}${gap}${command}${gap}${ticks}`;
}

function saysOnly(
  after: readonly FoundCriterion[],
  before: readonly FoundCriterion[],
  revision: Revision,
): boolean {
  const wanted = before.map((one) =>
    one.id === revision.ac
      ? { ...one, text: revision.text, checked: false, verify: revision.verify ?? one.verify }
      : one,
  );
  return JSON.stringify(after.map(said)) === JSON.stringify(wanted.map(said));
}

function said({ id, text, checked, verify, attest, waived, target, baseline }: FoundCriterion): unknown {
  return [id, text, checked, verify, attest, waived, target, baseline];
}

function lineIndent(text: string, at: number): number {
  return /^ */.exec(text.slice(text.lastIndexOf("\n", at) + 1))?.[0].length ?? 0;
}

function criteriaOf(text: string): FoundCriterion[] {
  return findCriteria(text, splitOf(text));
}

function splitOf(text: string) {
  const split = splitTicket(text);
  if (split.kind === "broken") throw new NimrodError("broken", "its front matter cannot be read");
  return split;
}
