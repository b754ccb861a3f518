import { scanMarkdown } from "../markdown-lines.ts";
import { commonHead, commonTail, type Line } from "./lines.ts";

/**
 * What both sides put at the same place: ours, then what theirs adds to it. A paragraph or list item that both have
 * is kept once.
 */
export function mergeInsertions(ours: readonly Line[], theirs: readonly Line[]): Line[] {
  // Half of a code block of one side would swallow the text of the other.
  if (!isPlain(ours) || !isPlain(theirs)) return inOrder(ours, theirs);
  const head = solidHead(ours, commonHead(ours, theirs));
  const [restOurs, restTheirs] = [ours.slice(head), theirs.slice(head)];
  const tail = solidTail(restOurs, commonTail(restOurs, restTheirs));
  const [mine, yours] = [
    restOurs.slice(0, restOurs.length - tail),
    restTheirs.slice(0, restTheirs.length - tail),
  ];
  const known = new Set(unitsOf(mine).map(contentOf));
  const added = unitsOf(yours).filter((unit) => !known.has(contentOf(unit)));
  return [...ours.slice(0, head), ...inOrder(mine, added.flat()), ...ours.slice(ours.length - tail)];
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

/** A head that ends in a blank line would take the space between two paragraphs from one of them. */
function solidHead(lines: readonly Line[], length: number): number {
  let solid = length;
  while (solid > 0 && isBlank(lines[solid - 1])) solid -= 1;
  return solid;
}

function solidTail(lines: readonly Line[], length: number): number {
  let solid = length;
  while (solid > 0 && isBlank(lines[lines.length - solid])) solid -= 1;
  return solid;
}

/** List items with what is indented below them, and paragraphs, each with the blank lines before it. */
function unitsOf(lines: readonly Line[]): Line[][] {
  const units: Line[][] = [];
  let afterBlank = true;
  let blanks: Line[] = [];
  for (const line of lines) {
    if (isBlank(line)) {
      blanks.push(line);
      afterBlank = true;
      continue;
    }
    const isItem = /^(?:[-*+]|\d{1,9}[.)])\s/.test(line.text);
    const isIndented = /^\s/.test(line.text);
    const open = units.at(-1);
    if (open === undefined || isItem || (afterBlank && !isIndented)) units.push([...blanks, line]);
    else open.push(...blanks, line);
    blanks = [];
    afterBlank = false;
  }
  if (blanks.length > 0) units.push(blanks);
  return units;
}

function contentOf(unit: readonly Line[]): string {
  return unit
    .map(({ text }) => text)
    .join("\n")
    .trim();
}

function isBlank(line: Line | undefined): boolean {
  return line === undefined || line.text.trim() === "";
}
