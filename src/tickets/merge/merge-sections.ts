import { type MarkdownLine, scanMarkdown } from "../markdown-lines.ts";
import {
  type How,
  isSame,
  type Line,
  type LineRules,
  mergeLines,
  pickChanged,
  type Three,
  toLines,
} from "./lines.ts";
import { mergeInsertions } from "./merge-insertions.ts";
import { mergeOrder } from "./merge-order.ts";

/** What stands under one heading of the first or second level, its heading included. */
type Block = {
  name: string;
  lines: Line[];
  /** The blank lines behind it: they come and go with the section that follows. */
  gap: Line[];
};
export type Blocks = ReadonlyMap<string, Block>;

/** Approvals are bound to these: what both sides add at the same place is only kept from both at their end. */
const textSections: ReadonlySet<string> = new Set(["", "description", "acceptance criteria", "runbook"]);

/**
 * The body of a ticket by sections, keyed by title and, where a title stands twice, by number. A body with a fence or
 * comment that is never closed is one block: nobody can say what in it is a heading.
 */
export function readBlocks(text: string, bodyStart: number, eol?: string): Blocks {
  const { lines: marked, unclosed } = scanMarkdown(text, bodyStart, 1);
  const lines = toLines(text.slice(bodyStart), eol);
  const blocks = new Map<string, Block>();
  const counts = new Map<string, number>();
  const add = (name: string, from: number, to: number) => {
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    let end = to;
    while (end > from && lines[end - 1]?.text.trim() === "") end -= 1;
    blocks.set(`${name}\n${count}`, { name, lines: lines.slice(from, end), gap: lines.slice(end, to) });
  };
  let [name, from] = ["", 0];
  for (const [i, line] of marked.entries()) {
    if (unclosed !== null || line.kind !== "heading" || line.level > 2) continue;
    add(name, from, i);
    [name, from] = [nameOf(line), i];
  }
  add(name, from, lines.length);
  return blocks;
}

export function mergeSections(sides: Three<Blocks>, how: How): Line[] {
  const order = mergeOrder({
    base: [...sides.base.keys()],
    ours: [...sides.ours.keys()],
    theirs: [...sides.theirs.keys()],
  });
  const last = { ours: [...sides.ours.keys()].at(-1), theirs: [...sides.theirs.keys()].at(-1) };
  const result: Line[] = [];
  let isApart = true;
  for (const key of order) {
    const blocks = {
      base: sides.base.get(key),
      ours: sides.ours.get(key),
      theirs: sides.theirs.get(key),
    };
    const lines = mergeBlock(blocks, how);
    const gap = mergeGap(blocks);
    if (lines.length === 0 && (blocks.ours === undefined || blocks.theirs === undefined)) continue;
    if (!isApart && lines.length > 0) result.push({ text: "", eol: null });
    for (const line of [...lines, ...gap]) result.push(line);
    // What ended its file has no blank line behind it, and needs one when another section follows now.
    isApart = gap.length > 0 || key !== (blocks.ours === undefined ? last.theirs : last.ours);
  }
  return result;
}

type Sides = Three<Block | undefined>;

function mergeBlock(blocks: Sides, how: How): Line[] {
  const { base, ours, theirs } = blocks;
  const picked = pickChanged({ base: base?.lines, ours: ours?.lines, theirs: theirs?.lines }, isSame);
  if (picked !== undefined) return picked.value ?? [];
  const name = (ours ?? theirs ?? base)?.name ?? "";
  const what = describe(ours ?? theirs);
  const sides = { base: base?.lines ?? [], ours: ours?.lines ?? [], theirs: theirs?.lines ?? [] };
  if (ours === undefined || theirs === undefined) {
    return how.conflict(sides, { what: `${what}, which one side took out`, whole: true });
  }
  const merged = how.wholeSections ? null : mergeText(withHeading(sides), { name, what, how });
  // A mark inside a code block is only text to whoever reads the file afterwards.
  return merged === null || hidesConflict(merged) ? conflictBelowHeading(sides, what, how) : merged;
}

function conflictBelowHeading(sides: Three<Line[]>, what: string, { conflict }: How): Line[] {
  const heading = what.startsWith("#") && isSame(sides.ours.slice(0, 1), sides.theirs.slice(0, 1)) ? 1 : 0;
  const below = (lines: Line[]) => lines.slice(heading);
  return [
    ...sides.ours.slice(0, heading),
    ...conflict(
      { base: below(sides.base), ours: below(sides.ours), theirs: below(sides.theirs) },
      { what, whole: true },
    ),
  ];
}

function describe(block: Block | undefined): string {
  if (block === undefined || block.name === "") return "the text before the first section";
  return block.lines[0]?.text.trim() ?? block.name;
}

/** A section that both sides added: its heading is the same line in both, whatever follows. */
function withHeading(sides: Three<Line[]>): Three<Line[]> {
  const isAdded = sides.base.length === 0 && isSame(sides.ours.slice(0, 1), sides.theirs.slice(0, 1));
  return isAdded ? { ...sides, base: sides.ours.slice(0, 1) } : sides;
}

type Part = { name: string; what: string; how: How };

function mergeText(sides: Three<Line[]>, part: Part): Line[] {
  const cut = { base: cutMarked(sides.base), ours: cutMarked(sides.ours), theirs: cutMarked(sides.theirs) };
  const { base, ours, theirs } = cut;
  const isMarked =
    ours !== null &&
    theirs !== null &&
    ours.mark === theirs.mark &&
    (base === null || base.mark === ours.mark);
  if (!isMarked) return mergeLines(sides, rulesOf(part, sides.base.length > 1), part.how);
  const rules = rulesOf(part, true);
  const side = (key: "before" | "after") => ({
    base: base?.[key] ?? (key === "before" ? sides.base : []),
    ours: ours[key],
    theirs: theirs[key],
  });
  return [
    ...mergeLines(side("before"), rules, part.how),
    ours.begin,
    ...mergeGenerated({ base: base?.inside ?? [], ours: ours.inside, theirs: theirs.inside }, part),
    ours.end,
    ...mergeLines(side("after"), rules, part.how),
  ];
}

/**
 * What stands between Nimrod's own marks is never read back, and is written anew from the evidence. Until then what
 * both sides say stands there.
 */
function mergeGenerated(sides: Three<Line[]>, { what, how }: Part): Line[] {
  const both = {
    ...how,
    conflict: ({ ours, theirs }: Three<readonly Line[]>) => mergeInsertions(ours, theirs),
  };
  const hasFence = [sides.ours, sides.theirs].some((lines) => lines.some(({ text }) => /```|~~~/.test(text)));
  const picked = pickChanged(sides, isSame);
  if (picked !== undefined) return picked.value;
  if (hasFence) return mergeInsertions(sides.ours, sides.theirs);
  return mergeLines(sides, { what, insert: mergeInsertions }, both);
}

function rulesOf({ name, what, how }: Part, hasBase: boolean): LineRules {
  if (!textSections.has(name) && !name.startsWith("# "))
    return { what, insert: mergeInsertions, keepAdditions: true };
  return {
    what,
    ...(name === "acceptance criteria" ? { keyOf: withoutTick } : {}),
    insert: (ours, theirs, isAtEnd) =>
      how.appendToText && isAtEnd && hasBase ? mergeInsertions(ours, theirs) : null,
  };
}

type Marked = { mark: string; before: Line[]; begin: Line; inside: Line[]; end: Line; after: Line[] };

/** A section with exactly one block of Nimrod's, in its three parts. */
function cutMarked(lines: Line[]): Marked | null {
  const { lines: scanned } = scanMarkdown(lines.map(({ text }) => `${text}\n`).join(""), 0, 1);
  const marks = scanned.flatMap(({ kind, text }, at) => {
    const mark = kind === "comment" ? /^<!-- nimrod:([a-z-]+):(begin|end) -->$/.exec(text.trim()) : null;
    return mark === null ? [] : [{ at, name: mark[1] ?? "", edge: mark[2] }];
  });
  const [first, second, third] = marks;
  if (first === undefined || second === undefined || third !== undefined) return null;
  const [begin, end] = [lines[first.at], lines[second.at]];
  if (first.edge !== "begin" || second.edge !== "end" || first.name !== second.name) return null;
  if (begin === undefined || end === undefined) return null;
  return {
    mark: first.name,
    before: lines.slice(0, first.at),
    begin,
    inside: lines.slice(first.at + 1, second.at),
    end,
    after: lines.slice(second.at + 1),
  };
}

function hidesConflict(lines: readonly Line[]): boolean {
  if (lines.every(({ conflict }) => conflict === undefined)) return false;
  const scanned = scanMarkdown(lines.map(({ text }) => `${text}\n`).join(""), 0, 1).lines;
  return lines.some(({ conflict }, i) => conflict !== undefined && scanned[i]?.kind === "code");
}

function mergeGap({ base, ours, theirs }: Sides): Line[] {
  if (ours === undefined || theirs === undefined) return (ours ?? theirs)?.gap ?? [];
  const picked = pickChanged({ base: base?.gap, ours: ours.gap, theirs: theirs.gap }, isSame);
  if (picked !== undefined) return picked.value ?? [];
  return ours.gap.length >= theirs.gap.length ? ours.gap : theirs.gap;
}

function nameOf(heading: MarkdownLine): string {
  const title = heading.title.trim().toLowerCase();
  return heading.level === 1 ? `# ${title}` : title;
}

/** Ticks of both sides are kept: to a merge a criterion is the same line with and without its tick. */
function withoutTick({ text }: Line): string {
  return text.replace(/^( {0,3}(?:[-*+]|\d{1,9}[.)]) )\[[ xX~-]\]/, "$1[ ]");
}
