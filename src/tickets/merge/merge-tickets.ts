import { parseBody } from "../body.ts";
import { splitTicket } from "../fences.ts";
import { scanMarkdown } from "../markdown-lines.ts";
import { readTicket } from "../read.ts";
import {
  type How,
  joinLines,
  type Line,
  type MergeValue,
  markConflict,
  mergeLines,
  pickChanged,
  type Three,
  toLines,
} from "./lines.ts";
import { mergeFields, noFields, readFields } from "./merge-fields.ts";
import { mergeSections, readBlocks } from "./merge-sections.ts";

/** Where both sides changed the same, in the merged text; 1-based. */
type Conflict = { line: number; what: string };
export type Merge<T> = { kind: "merged"; content: T } | { kind: "conflict"; content: T; where: Conflict[] };

export type MergeOptions = {
  /**
   * `base`: what the ancestor says stands where both sides changed the same. For the common ancestor that git makes of
   * several: marks in it would be taken for text.
   */
  onConflict?: "mark" | "base";
  /** By key of the front matter. */
  values?: ReadonlyMap<string, MergeValue>;
};

/**
 * Merges the files of one ticket, whatever is in them: no byte of either side is lost without a mark, and what cannot
 * be read as a ticket is merged as plain text, what is no text not at all. An empty base: both sides made the file.
 */
export async function mergeTicketFiles(
  bytes: Three<Uint8Array>,
  options: MergeOptions = {},
): Promise<Merge<Uint8Array>> {
  const picked = pickChanged(bytes, (a, b) => Buffer.compare(a, b) === 0);
  if (picked !== undefined) return { kind: "merged", content: picked.value };
  const [base, ours, theirs] = [textOf(bytes.base), textOf(bytes.ours), textOf(bytes.theirs)];
  if (base === null || ours === null || theirs === null) {
    if (options.onConflict === "base") return { kind: "merged", content: bytes.base };
    const content = Buffer.concat([
      Buffer.from("<<<<<<< ours\n"),
      bytes.ours,
      Buffer.from("\n=======\n"),
      bytes.theirs,
      Buffer.from("\n>>>>>>> theirs\n"),
    ]);
    return { kind: "conflict", content, where: [{ line: 1, what: "the whole file, which is no text" }] };
  }
  const merge = await mergeTickets({ base, ours, theirs }, options);
  return { ...merge, content: Buffer.from(merge.content) };
}

/** The same for texts. */
export async function mergeTickets(texts: Three<string>, options: MergeOptions = {}): Promise<Merge<string>> {
  const picked = pickChanged(texts, (a, b) => a === b);
  if (picked !== undefined) return { kind: "merged", content: picked.value };
  const conflict = options.onConflict === "base" ? keepBase : markConflict;
  if ((await isTicket(texts.ours)) && (await isTicket(texts.theirs))) {
    for (const how of attempts) {
      const merged = mergeParts(texts, { ...how, conflict, values: options.values ?? new Map() });
      if (merged !== null && (await isSound(merged, texts))) return merged;
    }
  }
  const plain = asText(texts, conflict);
  return plain.kind === "merged" || !(await isTicket(plain.content)) ? plain : wholeFile(texts);
}

/** From the kindest to the safest. The first whose result reads as it has to is taken. */
const attempts: readonly Pick<How, "appendToText" | "wholeSections">[] = [
  { appendToText: true, wholeSections: false },
  { appendToText: false, wholeSections: false },
  { appendToText: false, wholeSections: true },
];

function mergeParts(texts: Three<string>, how: How): Merge<string> | null {
  const split = splitTicket(texts.ours);
  if (split.kind === "broken") return null;
  const { eol } = split;
  const base = texts.base === "" ? null : splitTicket(texts.base);
  const theirs = splitTicket(texts.theirs);
  if (base?.kind === "broken" || theirs.kind === "broken") return null;
  const fields = {
    base: base === null ? noFields : readFields(texts.base),
    ours: readFields(texts.ours),
    theirs: readFields(texts.theirs, eol),
  };
  if (fields.base === null || fields.ours === null || fields.theirs === null) return null;
  const blocks = {
    base: base === null ? new Map() : readBlocks(texts.base, base.bodyStart),
    ours: readBlocks(texts.ours, split.bodyStart),
    theirs: readBlocks(texts.theirs, theirs.bodyStart, eol),
  };
  const lines = [
    ...toLines(texts.ours.slice(0, split.yamlStart)),
    ...mergeFields({ base: fields.base, ours: fields.ours, theirs: fields.theirs }, how),
    ...toLines(texts.ours.slice(split.yamlEnd, split.bodyStart)),
    ...mergeSections(blocks, how),
  ];
  return asMerge(lines, eol);
}

/** What git does without Nimrod: line by line, byte for byte, a carriage return is a character. */
function asText(texts: Three<string>, conflict: How["conflict"]): Merge<string> {
  const lines = (text: string): Line[] =>
    toLines(text).map(({ text: line, eol }) => ({
      text: eol === "\r\n" ? `${line}\r` : line,
      eol: eol === "" ? "" : "\n",
    }));
  const sides = { base: lines(texts.base), ours: lines(texts.ours), theirs: lines(texts.theirs) };
  const how = { conflict, appendToText: false, wholeSections: false, values: new Map() };
  return asMerge(mergeLines(sides, { what: "the same lines" }, how), "\n");
}

function wholeFile(texts: Three<string>): Merge<string> {
  const sides = { base: [], ours: toLines(texts.ours), theirs: toLines(texts.theirs) };
  return asMerge(markConflict(sides, { what: "the whole file", whole: true }), "\n");
}

const keepBase: How["conflict"] = ({ base }) => [...base];

function asMerge(lines: readonly Line[], eol: string): Merge<string> {
  const content = joinLines(lines, eol);
  const where = lines.flatMap(({ conflict }, i) =>
    conflict === undefined ? [] : [{ line: i + 1, what: conflict }],
  );
  return where.length === 0 ? { kind: "merged", content } : { kind: "conflict", content, where };
}

/**
 * A merged text must be a ticket as good as both sides; a conflict must be seen by whoever reads the file next, each
 * of its marks.
 */
async function isSound(merge: Merge<string>, { ours, theirs }: Three<string>): Promise<boolean> {
  if (merge.kind === "conflict") return !(await isTicket(merge.content)) && marksAreText(merge);
  if (!(await isTicket(merge.content)) || hasSecondBlock(merge.content, [ours, theirs])) return false;
  const reads = await Promise.all([merge.content, ours, theirs].map(parseBody));
  const [merged, ...sides] = reads.map(({ kind }) => kind === "body");
  return merged === true || !sides.every(Boolean);
}

function marksAreText({ content, where }: { content: string; where: readonly Conflict[] }): boolean {
  const fences = [...content.matchAll(/^---\r?$/gm)].slice(0, 2).map(({ index }) => index);
  const bodyStart = content.indexOf("\n", fences[1] ?? 0) + 1;
  const bodyLine = content.slice(0, bodyStart).split("\n").length;
  const { lines } = scanMarkdown(content, bodyStart, bodyLine);
  return where.every(({ line }) => line < bodyLine || lines[line - bodyLine]?.kind !== "code");
}

/** Whether one of Nimrod's marks stands twice where no side has it twice: Nimrod could not write there any more. */
function hasSecondBlock(merged: string, sides: readonly string[]): boolean {
  const marks = new Set(merged.match(/^<!-- nimrod:[a-z-]+:(?:begin|end) -->\r?$/gm) ?? []);
  const count = (text: string, mark: string) => text.split(mark).length - 1;
  return [...marks].some((mark) => count(merged, mark) > Math.max(...sides.map((side) => count(side, mark))));
}

async function isTicket(text: string): Promise<boolean> {
  return (await readTicket({ path: "", bytes: Buffer.from(text), archived: false })).kind === "ticket";
}

/** Null when these bytes are no text. */
function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes("\0") ? null : text;
  } catch {
    return null; // said by the caller: bytes that are not UTF-8
  }
}
