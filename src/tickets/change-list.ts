import { NimrodError } from "../errors.ts";
import { setFields } from "./edit.ts";
import type { FieldValue } from "./flat-front-matter.ts";
import { parseFields } from "./front-matter.ts";
import { keyAliases } from "./read.ts";
import type { LinkKind } from "./ticket.ts";

type Change = { add?: readonly string[] | undefined; remove?: readonly string[] | undefined };

/** Adds labels and takes others out. */
export function changeLabels(text: string, change: Change): string {
  return changeList(text, "labels", change, (a, b) => a === b);
}

/** Adds links and takes others out. Ids are the same in capitals or not, as everywhere. */
export function changeLinks(text: string, kind: LinkKind, change: Change): string {
  return changeList(text, kind, change, (a, b) => a.toLowerCase() === b.toLowerCase());
}

/** What stays keeps its place; where nothing changes, not a byte does. */
function changeList(
  text: string,
  key: string,
  { add = [], remove = [] }: Change,
  isSame: (a: string, b: string) => boolean,
): string {
  const old = listOf(text, key);
  const kept = old.filter((item) => !remove.some((gone) => isSame(item, gone)));
  const next = [...kept];
  for (const item of add) if (!next.some((one) => isSame(one, item))) next.push(item);
  const isChanged = next.length !== old.length || next.some((item, index) => item !== old[index]);
  return isChanged ? setFields(text, { [key]: next }) : text;
}

/** The items of a list as the text has them now, under whichever name. */
function listOf(text: string, key: string): string[] {
  const parsed = parseFields(text);
  if (parsed.kind === "broken") {
    const [problem] = parsed.problems;
    throw new NimrodError(
      "broken",
      `line ${problem?.line}: ${problem?.found}; expected ${problem?.expected}`,
    );
  }
  const names = [key, ...(keyAliases[key] ?? [])];
  const field = names.map((name) => parsed.fields.get(name)).find((one) => one !== undefined);
  return field === undefined ? [] : itemsOf(field.value);
}

/** One value stands for a list of one, as read.ts has it. */
function itemsOf(value: FieldValue): string[] {
  const items = value.kind === "list" ? value.items : value.kind === "scalar" ? [value] : [];
  return items.flatMap(({ text }) => (text === null ? [] : [text]));
}
