import { NimrodError } from "../../errors.ts";
import type { FieldValue } from "../flat-front-matter.ts";
import { formatItem } from "../format-scalar.ts";
import { type FrontMatter, parseFrontMatter } from "../front-matter.ts";
import type { YamlEntry } from "../hardened-yaml.ts";
import { keyAliases } from "../read.ts";
import { applySplices, entryEnd, type Splice, spliceField } from "../splice-field.ts";
import { linkKinds } from "../ticket.ts";
import {
  type How,
  isSame,
  joinLines,
  type Line,
  type MergeValue,
  mergeLines,
  pickChanged,
  type Three,
  toLines,
} from "./lines.ts";
import { mergeInsertions } from "./merge-insertions.ts";
import { mergeOrder } from "./merge-order.ts";

/** One key of the front matter, as it stands in its file. */
type Field = {
  /** Comments and blank lines above it. */
  lead: Line[];
  lines: Line[];
  value: FieldValue;
  entry: YamlEntry;
  start: number;
  source: FieldSource;
};
type FieldSource = { text: string; front: FrontMatter };

export type FieldLines = {
  /** By the name that Nimrod has for the key. */
  fields: Map<string, Field>;
  /** Comments behind the last key. */
  tail: Line[];
};

export const noFields: FieldLines = { fields: new Map(), tail: [] };

/** Where a single value means a list of one. */
const listKeys: ReadonlySet<string> = new Set([...linkKinds, "labels"]);
const ownNames = new Map(
  Object.entries(keyAliases).flatMap(([name, others]) => others.map((other) => [other, name] as const)),
);

/**
 * Front matter as lines that belong to keys. Null when it is none that can be read so: broken, in braces, indented.
 *
 * @param eol given: the ending that each line gets.
 */
export function readFields(text: string, eol?: string): FieldLines | null {
  const front = parseFrontMatter(text);
  if (front.kind === "broken") return null;
  const source = { text, front };
  const fields: FieldLines["fields"] = new Map();
  let at = front.split.yamlStart;
  for (const entry of front.entries) {
    const { start } = entry.keyAt;
    const end = entryEnd(text, entry);
    const lead = toLines(text.slice(at, start), eol);
    const name = ownNames.get(entry.key) ?? entry.key;
    const value = front.fields.get(entry.key)?.value;
    const isOfLines = start >= at && (start === at || text[start - 1] === "\n") && lead.every(isSilent);
    if (!isOfLines || value === undefined || fields.has(name)) return null;
    fields.set(name, { lead, lines: toLines(text.slice(start, end), eol), value, entry, start, source });
    at = end;
  }
  const tail = toLines(text.slice(at, front.split.yamlEnd), eol);
  return at <= front.split.yamlEnd && tail.every(isSilent) ? { fields, tail } : null;
}

/** Key by key: what one side changed, in that side's bytes. */
export function mergeFields(sides: Three<FieldLines>, how: How): Line[] {
  const keys = (side: FieldLines) => [...side.fields.keys()];
  const order = mergeOrder({
    base: keys(sides.base),
    ours: keys(sides.ours),
    theirs: keys(sides.theirs),
  });
  const result: Line[] = [];
  for (const key of order) {
    const fields = {
      base: sides.base.fields.get(key),
      ours: sides.ours.fields.get(key),
      theirs: sides.theirs.fields.get(key),
    };
    const lead = {
      base: fields.base?.lead ?? [],
      ours: fields.ours?.lead ?? [],
      theirs: fields.theirs?.lead ?? [],
    };
    const what = fields.ours?.entry.key ?? key;
    result.push(...mergeComments(lead, what, how), ...mergeField(fields, key, how));
  }
  const tail = { base: sides.base.tail, ours: sides.ours.tail, theirs: sides.theirs.tail };
  return [...result, ...mergeComments(tail, "the last key", how)];
}

function mergeComments(sides: Three<Line[]>, key: string, how: How): Line[] {
  return mergeLines(
    sides,
    { what: `a comment at ${key}`, insert: mergeInsertions, keepAdditions: true },
    how,
  );
}

type Fields = Three<Field | undefined>;

function mergeField({ base, ours, theirs }: Fields, key: string, how: How): Line[] {
  const lines = { base: base?.lines, ours: ours?.lines, theirs: theirs?.lines };
  const picked = pickChanged(lines, isSame);
  if (picked !== undefined) return picked.value ?? [];
  const merged =
    ours === undefined || theirs === undefined
      ? null
      : (mergeValues({ base, ours, theirs }, listKeys.has(key)) ??
        mergeOwned({ base, ours, theirs }, how.values.get(key)));
  if (merged !== null) return merged;
  const sides = { base: lines.base ?? [], ours: lines.ours ?? [], theirs: lines.theirs ?? [] };
  return how.conflict(sides, { what: (ours ?? theirs)?.entry.key ?? key, whole: true });
}

/** Both sides changed the bytes of a key: what that means for its value. Null: they contradict each other. */
function mergeValues(
  { base, ours, theirs }: { base: Field | undefined; ours: Field; theirs: Field },
  isList: boolean,
): Line[] | null {
  const value = { base: meaningOf(base), ours: meaningOf(ours), theirs: meaningOf(theirs) };
  if (value.ours === value.theirs)
    return withComments(ours, theirs, base) ?? withComments(theirs, ours, base);
  if (value.ours === value.base && commentsOf(theirs) === commentsOf(base))
    return withValue(ours, theirs, isList);
  if (value.theirs === value.base && commentsOf(ours) === commentsOf(base))
    return withValue(theirs, ours, isList);
  return mergeLists({ base, ours, theirs }, isList);
}

/** A value that its owner merges, in the bytes of ours. */
function mergeOwned(
  { base, ours, theirs }: { base: Field | undefined; ours: Field; theirs: Field },
  merge: MergeValue | undefined,
): Line[] | null {
  if (merge === undefined) return null;
  const [own, other] = [textOf(ours), textOf(theirs)];
  const before = base === undefined ? null : textOf(base);
  if (own === null || other === null || (base !== undefined && before === null)) return null;
  const merged = merge({ base: before, ours: own, theirs: other });
  const kept = withComments(ours, theirs, base);
  return merged === null || kept === null ? null : spliceValue(ours, merged);
}

/** Of a single value; null for an empty one and for anything else. */
function textOf({ value }: Field): string | null {
  return value.kind === "scalar" ? value.text : null;
}

/** The lines of `kept`, unless the other side wrote a comment that they do not have. */
function withComments(kept: Field, other: Field, base: Field | undefined): Line[] | null {
  const said = commentsOf(other);
  return said === "" || said === commentsOf(kept) || said === commentsOf(base) ? kept.lines : null;
}

/** The value of `from` in the bytes of `into`, where only its form was changed: a comment, quotes. */
function withValue(into: Field, from: Field, isList: boolean): Line[] | null {
  const items = itemsOf(from, isList);
  if (items !== null && into.value.kind === "list") return splice(into, items, from);
  const [a, b] = [into.entry.value, from.entry.value];
  if (a.kind !== "scalar" || b.kind !== "scalar" || a.at.start === a.at.end || b.at.start === b.at.end)
    return null;
  const written = from.source.text.slice(b.at.start, b.at.end);
  if (into.lines.length !== 1 || written.includes("\n")) return null;
  const [line] = into.lines;
  const start = a.at.start - into.start;
  const text = `${line?.text.slice(0, start)}${written}${line?.text.slice(a.at.end - into.start)}`;
  return [{ text, eol: line?.eol ?? "" }];
}

/** Lists are sets to a merge: what either side added is there, what either side took out is not. */
function mergeLists(
  fields: { base: Field | undefined; ours: Field; theirs: Field },
  isList: boolean,
): Line[] | null {
  const ours = itemsOf(fields.ours, isList);
  const theirs = itemsOf(fields.theirs, isList);
  const base = fields.base === undefined ? [] : itemsOf(fields.base, isList);
  if (base === null || ours === null || theirs === null) return null;
  const merged = [
    ...ours.filter((item) => theirs.includes(item) || !base.includes(item)),
    ...theirs.filter((item) => !ours.includes(item) && !base.includes(item)),
  ];
  const isAlready = (items: readonly string[]) => JSON.stringify(items) === JSON.stringify(merged);
  if (isAlready(theirs)) return withComments(fields.theirs, fields.ours, fields.base);
  const kept = withComments(fields.ours, fields.theirs, fields.base);
  return isAlready(ours) || kept === null ? kept : splice(fields.ours, merged, fields.theirs);
}

/** `value` in the list of `into`; an item that is not there is written as `from` writes it. */
function splice(into: Field, value: readonly string[], from: Field): Line[] | null {
  const splices = spliceFlowList(into, value, from);
  return splices === null ? spliceValue(into, value) : applyTo(into, () => splices);
}

function spliceValue(into: Field, value: string | readonly string[]): Line[] | null {
  const { text, front } = into.source;
  return applyTo(into, () => spliceField(text, front, { name: into.entry.key, value }));
}

function applyTo({ source, entry, lines, start }: Field, plan: () => Splice[]): Line[] | null {
  const { text, front } = source;
  try {
    const splices = plan();
    const moved = splices.map((one) => ({ ...one, start: one.start - start, end: one.end - start }));
    const written = applySplices(text.slice(start, entryEnd(text, entry)), moved);
    return toLines(written, lines[0]?.eol || front.split.eol);
  } catch (error) {
    // A comment inside the value would be lost: a person has to say where it belongs.
    if (error instanceof NimrodError) return null;
    throw error;
  }
}

/** A number stays a number, quotes stay quotes. Null for a list that is none in brackets on one line. */
function spliceFlowList(into: Field, value: readonly string[], from: Field): Splice[] | null {
  const list = into.entry.value;
  if (list.kind !== "list" || !list.flow || into.lines.length !== 1) return null;
  const [own, other] = [writtenItems(into), writtenItems(from)];
  const write = (item: string) => own.get(item) ?? other.get(item) ?? formatItem(item);
  const last = list.items.at(-1);
  if (last !== undefined && [...own.keys()].every((item, i) => value[i] === item)) {
    const insert = value
      .slice(own.size)
      .map((item) => `, ${write(item)}`)
      .join("");
    return [{ start: last.at.end, end: last.at.end, insert }];
  }
  return [{ ...list.at, insert: `[${value.map(write).join(", ")}]` }];
}

/** The items of a list in brackets, by what they mean, as they are written. */
function writtenItems({ entry, source }: Field): ReadonlyMap<string, string> {
  const items = entry.value.kind === "list" && entry.value.flow ? entry.value.items : [];
  return new Map(
    items.flatMap((item) =>
      item.kind === "scalar" && item.text !== null
        ? [[item.text, source.text.slice(item.at.start, item.at.end)] as const]
        : [],
    ),
  );
}

/** The items of a list of different texts; null for anything else. */
function itemsOf({ value }: Field, isList: boolean): string[] | null {
  if (value.kind === "scalar")
    return isList && value.text !== null && !value.text.includes(",") ? [value.text] : null;
  if (value.kind === "other") return null;
  const items = value.items.flatMap(({ text }) => (text === null ? [] : [text]));
  return new Set(items).size === value.items.length ? items : null;
}

function meaningOf(field: Field | undefined): string | null {
  if (field === undefined) return null;
  const { value } = field;
  if (value.kind === "scalar") return JSON.stringify(value.text);
  if (value.kind === "list") return JSON.stringify(value.items.map(({ text }) => text));
  return joinLines(
    field.lines.map(({ text }) => ({ text, eol: "" })),
    "\n",
  );
}

function commentsOf(field: Field | undefined): string {
  return (field?.lines ?? []).flatMap(({ text }) => /(?:^|\s)#.*$/.exec(text)?.[0].trim() ?? []).join("\n");
}

function isSilent({ text }: Line): boolean {
  return /^\s*(?:#.*)?$/.test(text);
}
