import { NimrodError } from "../errors.ts";
import { formatItem, formatScalar, type Quotes } from "./format-scalar.ts";
import type { FrontMatter } from "./front-matter.ts";
import type { YamlEntry, YamlNode } from "./hardened-yaml.ts";

/** One edit of the text: what is in front of `start` and from `end` on stays, byte for byte. */
export type Splice = { start: number; end: number; insert: string };
export type NewValue = string | number | readonly string[] | null;

/** The smallest splices that give one top-level key its new value. Null removes the key. */
export function spliceField(
  text: string,
  { entries, split }: FrontMatter,
  { name, value }: { name: string; value: NewValue },
): Splice[] {
  const entry = entries.find(({ key }) => key === name);
  if (entry === undefined) {
    if (value === null) return [];
    const insert = `${name}: ${formatScalar(value)}${split.eol}`;
    return [{ start: split.yamlEnd, end: split.yamlEnd, insert }];
  }
  if (lineStart(text, entry.keyAt.start) !== entry.keyAt.start) {
    throw new NimrodError("failed", `${name} does not stand at the start of its line`);
  }
  if (value === null) return [removeEntry(text, entry)];
  if (Array.isArray(value) && entry.value.kind === "list") {
    return spliceList(text, entry, {
      items: entry.value.items,
      flow: entry.value.flow,
      value,
      eol: split.eol,
    });
  }
  return [replaceValue(text, entry, formatScalar(value, quotesOf(entry.value)), split.eol)];
}

/** Makes the edits, last one first, so that the offsets of the others stay right. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  return splices
    .toSorted((a, b) => b.start - a.start)
    .reduce((result, { start, end, insert }) => result.slice(0, start) + insert + result.slice(end), text);
}

/** Where the lines of an entry end; comments behind it belong to the next key. */
export function entryEnd(text: string, entry: YamlEntry): number {
  return lineEnd(text, Math.max(contentEnd(entry.value), entry.keyAt.end));
}

function removeEntry(text: string, entry: YamlEntry): Splice {
  const end = entryEnd(text, entry);
  if (entry.value.kind !== "scalar") refuseLostComment(text.slice(entry.keyAt.end, end), entry.key);
  return { start: entry.keyAt.start, end, insert: "" };
}

function replaceValue(text: string, entry: YamlEntry, written: string, eol: string): Splice {
  const { value } = entry;
  const colon = text.indexOf(":", entry.keyAt.end) + 1;
  // An empty value has no place of its own: the new one goes between the colon and a comment.
  if (value.at.start === value.at.end) return { start: colon, end: colon, insert: ` ${written}` };
  if (value.kind === "scalar" && value.style === "block") {
    refuseLostComment(text.slice(value.at.start, lineEnd(text, value.at.start)), entry.key);
    return { start: value.at.start, end: value.at.end, insert: `${written}${eol}` };
  }
  if (value.kind === "scalar") return { ...value.at, insert: written };
  const end = contentEnd(value);
  refuseLostComment(text.slice(colon, end), entry.key);
  return value.flow ? { ...value.at, insert: written } : { start: colon, end, insert: ` ${written}` };
}

type ListEdit = { items: readonly YamlNode[]; flow: boolean; value: readonly string[]; eol: string };

/** Takes out and adds single items where the order allows it, so that a line in git is an item of the list. */
function spliceList(text: string, entry: YamlEntry, { items, flow, value, eol }: ListEdit): Splice[] {
  const old = items.map((item) => (item.kind === "scalar" ? item.text : null));
  const kept = old.filter((item) => item !== null && value.includes(item));
  const added = value.filter((item) => !old.includes(item));
  const isInOrder = [...kept, ...added].join("\n") === value.join("\n");
  const last = items.at(-1);
  if (!isInOrder || last === undefined || kept.length === 0 || (flow && kept.length < old.length)) {
    return [replaceValue(text, entry, formatScalar(value), eol)];
  }
  if (flow) {
    const at = contentEnd(last);
    return [{ start: at, end: at, insert: added.map((item) => `, ${formatItem(item)}`).join("") }];
  }
  const removed = items
    .filter((_, index) => !kept.includes(old[index] ?? null))
    .map((item) => ({
      start: lineStart(text, item.at.start),
      end: lineEnd(text, contentEnd(item)),
      insert: "",
    }));
  const at = lineEnd(text, contentEnd(last));
  const lead = text.slice(lineStart(text, last.at.start), last.at.start);
  return [
    ...removed,
    { start: at, end: at, insert: added.map((item) => `${lead}${formatItem(item)}${eol}`).join("") },
  ];
}

function quotesOf(node: YamlNode): Quotes {
  return node.kind === "scalar" && (node.style === "single" || node.style === "double")
    ? node.style
    : "plain";
}

// A block collection's own range reaches over the comments behind it, which belong to the next key.
function contentEnd(node: YamlNode): number {
  if (node.kind === "scalar" || node.flow) return node.at.end;
  const last = node.kind === "list" ? node.items.at(-1) : node.entries.at(-1)?.value;
  return last === undefined ? node.at.end : contentEnd(last);
}

function refuseLostComment(source: string, key: string): void {
  if (!/(?:^|\s)#/.test(source)) return;
  throw new NimrodError("failed", `a comment inside the value of ${key} would be lost`);
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Behind the line feed of the line that ends at or holds `offset`. */
function lineEnd(text: string, offset: number): number {
  if (text[offset - 1] === "\n") return offset;
  const feed = text.indexOf("\n", offset);
  return feed === -1 ? text.length : feed + 1;
}
