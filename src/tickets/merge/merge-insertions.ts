import { scanMarkdown } from "../markdown-lines.ts";
import type { Line } from "./lines.ts";

/** A paragraph, a heading, a comment, or a list item with what is indented below it; with the blank lines above. */
type Unit = { lines: Line[]; content: string; isItem: boolean };

/**
 * What both sides put at the same place: ours, then what theirs adds to it. A paragraph or list item that both have
 * is kept once. Single lines are never compared: the same check below two criteria belongs to both of them.
 */
export function mergeInsertions(ours: readonly Line[], theirs: readonly Line[]): Line[] {
  // Half of a code block of one side would swallow the text of the other.
  if (!isPlain(ours) || !isPlain(theirs)) return inOrder(ours, theirs);
  const [mine, yours] = [unitsOf(ours), unitsOf(theirs)];
  const isSameAt = (i: number) => mine.at(i)?.content === yours.at(i)?.content;
  const length = Math.min(mine.length, yours.length);
  let [head, tail] = [0, 0];
  while (head < length && isSameAt(head)) head += 1;
  while (tail < length - head && isSameAt(-1 - tail)) tail += 1;
  const own = mine.slice(head, mine.length - tail);
  const known = new Set(own.map(({ content }) => content));
  const added = yours.slice(head, yours.length - tail).filter(({ content }) => !known.has(content));
  const isList = own.at(-1)?.isItem === true && added[0]?.isItem === true;
  // The blank line between a heading and its list is not wanted in the middle of the list.
  const addedLines = added.flatMap(({ lines }, i) =>
    i === 0 && isList ? lines.slice(lines.findIndex((line) => !isBlank(line))) : lines,
  );
  const linesOf = (units: readonly Unit[]) => units.flatMap(({ lines }) => lines);
  return [
    ...linesOf(mine.slice(0, head)),
    ...(isList ? [...linesOf(own), ...addedLines] : inOrder(linesOf(own), addedLines)),
    ...linesOf(mine.slice(mine.length - tail)),
  ];
}

/** Ours first; but what goes on with the list or paragraph above stays with it. */
function inOrder(ours: readonly Line[], theirs: readonly Line[]): Line[] {
  const goesOn = (lines: readonly Line[]) => !isBlank(lines[0]);
  if (theirs.length === 0 || ours.length === 0) return [...ours, ...theirs];
  return goesOn(theirs) && !goesOn(ours) ? [...theirs, ...ours] : [...ours, ...theirs];
}

/** No code block and no comment of several lines. */
function isPlain(lines: readonly Line[]): boolean {
  const text = lines.map((line) => `${line.text}\n`).join("");
  const scanned = scanMarkdown(text, 0, 1);
  return (
    scanned.unclosed === null &&
    scanned.lines.every(({ kind, text: line }) => {
      return kind === "text" || kind === "heading" || (kind === "comment" && /^\s*<!--.*-->\s*$/.test(line));
    })
  );
}

function unitsOf(lines: readonly Line[]): Unit[] {
  const units: Unit[] = [];
  let blanks: Line[] = [];
  let isClosed = true;
  for (const line of lines) {
    if (isBlank(line)) {
      blanks.push(line);
      continue;
    }
    const isItem = /^(?:[-*+]|\d{1,9}[.)])\s/.test(line.text);
    const isAlone = /^ {0,3}(?:#{1,6}\s|<!--)/.test(line.text);
    const isIndented = /^\s/.test(line.text);
    const open = units.at(-1);
    if (open === undefined || isClosed || isItem || isAlone || (blanks.length > 0 && !isIndented)) {
      units.push({ lines: [...blanks, line], content: line.text.trimEnd(), isItem });
    } else {
      open.lines.push(...blanks, line);
      open.content += `\n${line.text.trimEnd()}`;
    }
    isClosed = isAlone;
    blanks = [];
  }
  if (blanks.length > 0) units.push({ lines: blanks, content: "", isItem: false });
  return units;
}

function isBlank(line: Line | undefined): boolean {
  return line === undefined || line.text.trim() === "";
}
