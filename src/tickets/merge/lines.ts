import { matchLines } from "./match-lines.ts";

/** One thing as it stands in the common ancestor and on both sides of a merge. */
export type Three<T> = { base: T; ours: T; theirs: T };

export type Line = {
  text: string;
  /** Its line ending; empty on a last line without one, null on a line that a merge adds: the file's own. */
  eol: string | null;
  /** On the first line of a conflict: what both sides changed. */
  conflict?: string;
};

/** The value of a key that both sides changed, where its owner knows how; null: a conflict. An absent key is null too. */
export type MergeValue = (sides: Three<string | null>) => string | null;

/** How the open questions of a merge are answered. */
export type How = {
  /** Both sides changed the same: the lines that stand there then. `whole`: what both have in common is no less in it. */
  conflict: (sides: Three<readonly Line[]>, about: { what: string; whole?: boolean }) => Line[];
  /** Whether what both sides added to a section that approvals are bound to is kept from both. */
  appendToText: boolean;
  /** Whether a conflict takes its whole section. */
  wholeSections: boolean;
  /** By key: values that only their owner understands. */
  values: ReadonlyMap<string, MergeValue>;
};

/** A line-by-line merge within one part of a file. */
export type LineRules = {
  what: string;
  /** Lines of one key are the same line, whose text may still differ: a tick. Default: its text. */
  keyOf?: (line: Line) => string;
  /** What both sides put at the same place, where the ancestor has nothing. Null: a conflict. */
  insert?: (ours: readonly Line[], theirs: readonly Line[], isAtEnd: boolean) => Line[] | null;
  /** One side put lines around those that the other changed: both are kept. */
  keepAdditions?: boolean;
};

/** @param eol given: the ending that each line gets, but for a last line without one. */
export function toLines(text: string, eol?: string): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < text.length; ) {
    const feed = text.indexOf("\n", start);
    const end = feed === -1 ? text.length : feed;
    const isCrlf = feed > start && text[feed - 1] === "\r";
    const own = feed === -1 ? "" : isCrlf ? "\r\n" : "\n";
    lines.push({
      text: text.slice(start, isCrlf ? end - 1 : end),
      eol: own === "" || eol === undefined ? own : eol,
    });
    start = end + 1;
  }
  return lines;
}

/** Only the last line may lack an ending; the others get this one. */
export function joinLines(lines: readonly Line[], eol: string): string {
  const last = lines.length - 1;
  return lines.map((line, i) => line.text + (line.eol === "" && i === last ? "" : line.eol || eol)).join("");
}

export function isSame(a: readonly Line[] | undefined, b: readonly Line[] | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every(({ text }, i) => text === b[i]?.text);
}

/** What only one side changed, or both in the same way; undefined when they differ. */
export function pickChanged<T>(sides: Three<T>, same: (a: T, b: T) => boolean): { value: T } | undefined {
  if (same(sides.ours, sides.theirs) || same(sides.theirs, sides.base)) return { value: sides.ours };
  return same(sides.ours, sides.base) ? { value: sides.theirs } : undefined;
}

/** Git's marks around both sides; what both have at the beginning and the end stays outside, unless it is `whole`. */
export const markConflict: How["conflict"] = ({ ours, theirs }, { what, whole = false }) => {
  const head = whole ? 0 : commonHead(ours, theirs);
  const tail = whole ? 0 : commonTail(ours.slice(head), theirs.slice(head));
  return [
    ...ours.slice(0, head),
    { text: "<<<<<<< ours", eol: null, conflict: what },
    ...ours.slice(head, ours.length - tail),
    { text: "=======", eol: null },
    ...theirs.slice(head, theirs.length - tail),
    { text: ">>>>>>> theirs", eol: null },
    ...ours.slice(ours.length - tail),
  ];
};

/** The three-way merge that diff3 does, with the rules of one part of the file. */
export function mergeLines(sides: Three<readonly Line[]>, rules: LineRules, how: How): Line[] {
  const picked = pickChanged(sides, isSame);
  if (picked !== undefined) return [...picked.value];
  const result: Line[] = [];
  for (const region of align(sides, rules.keyOf ?? textOf)) {
    const merged = pickChanged(region, isSame)?.value ?? mergeRegion(region, rules);
    for (const line of merged ?? how.conflict(region, { what: rules.what })) result.push(line);
  }
  return result;
}

function commonHead(a: readonly Line[], b: readonly Line[]): number {
  const length = Math.min(a.length, b.length);
  let count = 0;
  while (count < length && a[count]?.text === b[count]?.text) count += 1;
  return count;
}

function commonTail(a: readonly Line[], b: readonly Line[]): number {
  const length = Math.min(a.length, b.length);
  let count = 0;
  while (count < length && a.at(-1 - count)?.text === b.at(-1 - count)?.text) count += 1;
  return count;
}

type Region = Three<readonly Line[]> & { isAtEnd: boolean };

function mergeRegion(region: Region, { insert, keepAdditions }: LineRules): readonly Line[] | null {
  const { base, ours, theirs } = region;
  if (base.length === 0) return insert?.(ours, theirs, region.isAtEnd) ?? null;
  if (keepAdditions !== true) return null;
  return around(base, theirs, ours) ?? around(base, ours, theirs);
}

/** `grown` is the base with lines before or behind it: these, around what the other side made of the base. */
function around(base: readonly Line[], grown: readonly Line[], other: readonly Line[]): Line[] | null {
  if (isSame(base, grown.slice(0, base.length))) return [...other, ...grown.slice(base.length)];
  const lead = grown.length - base.length;
  if (lead > 0 && isSame(base, grown.slice(lead))) return [...grown.slice(0, lead), ...other];
  return null;
}

/** Cuts all three at the lines that all of them have; in between are the regions in which something changed. */
function align(sides: Three<readonly Line[]>, keyOf: (line: Line) => string): Region[] {
  const { base, ours, theirs } = sides;
  const keys = base.map(keyOf);
  const inOurs = matchLines(keys, ours.map(keyOf));
  const inTheirs = matchLines(keys, theirs.map(keyOf));
  const regions: Region[] = [];
  let from = { base: 0, ours: 0, theirs: 0 };
  const cut = (to: typeof from) => {
    const region = {
      base: base.slice(from.base, to.base),
      ours: ours.slice(from.ours, to.ours),
      theirs: theirs.slice(from.theirs, to.theirs),
      isAtEnd: to.base === base.length && to.ours === ours.length && to.theirs === theirs.length,
    };
    from = to;
    if (region.base.length + region.ours.length + region.theirs.length > 0) regions.push(region);
  };
  for (let i = 0; i < base.length; i += 1) {
    const [o, t] = [inOurs[i] ?? -1, inTheirs[i] ?? -1];
    if (o === -1 || t === -1) continue;
    cut({ base: i, ours: o, theirs: t });
    cut({ base: i + 1, ours: o + 1, theirs: t + 1 });
  }
  cut({ base: base.length, ours: ours.length, theirs: theirs.length });
  return regions;
}

function textOf(line: Line): string {
  return line.text;
}
