import { basename, dirname } from "node:path";
import { sha256 } from "../platform/digest.ts";
import type { StoredTicket } from "./ticket.ts";
import { instantOf } from "./written-time.ts";

/** The younger of two files with one id gets another one, or why a person has to decide. */
export type NewId =
  | { kind: "new-id"; path: string; from: string; to: string; newPath: string }
  | { kind: "person"; id: string; paths: string[]; why: string };

export type DuplicateFacts = {
  /** Every file that can be read and whose id another one has too. */
  twins: readonly StoredTicket[];
  /** The text of each file under `tickets/` but the twins: it may name the id. */
  otherTexts: readonly string[];
  idPrefix: string;
  isTaken: (id: string) => boolean;
  hasEvidence: (id: string) => boolean;
};

/** The same files give the same new ids, in a preview, in its application and in another clone. */
export function planNewIds(facts: DuplicateFacts): NewId[] {
  const groups = Map.groupBy(facts.twins, ({ id }) => id.toLowerCase());
  return [...groups.values()].filter(({ length }) => length > 1).map((group) => planNewId(group, facts));
}

function planNewId(group: readonly StoredTicket[], facts: DuplicateFacts): NewId {
  const [first, second] = group.toSorted((a, b) => age(a) - age(b));
  const id = first?.id ?? "";
  const person = (why: string): NewId => ({ kind: "person", id, paths: group.map(({ path }) => path), why });
  if (first === undefined || second === undefined || group.length > 2)
    return person(`${group.length} files have it`);
  if (Number.isNaN(age(first)) || Number.isNaN(age(second)) || age(first) === age(second))
    return person("`created` does not tell which file is the younger one");
  if (second.archived || [second.branch, second.stage, second.evidence].some((one) => one !== null))
    return person("the younger one was worked on already");
  if (facts.hasEvidence(id)) return person("there is evidence under this id");
  const [own, ...texts] = [first.text, second.text, ...facts.otherTexts].map((text) => mentions(text, id));
  if ((own ?? 0) > 1 || (texts[0] ?? 0) > 1 || texts.slice(1).some((count) => count > 0))
    return person("other text names it, and does not say which of the two it means");
  const to = newIdOf(second, facts);
  return { kind: "new-id", path: second.path, from: second.id, to, newPath: renamed(second, to) };
}

function age({ created }: StoredTicket): number {
  return created === null ? Number.NaN : instantOf(created).getTime();
}

/** As a whole word, in capitals or not. Its own `id:` line is the first mention in each twin. */
function mentions(text: string, id: string): number {
  const words = text.toLowerCase().match(/[a-z0-9][a-z0-9_.-]*/g) ?? [];
  return words.filter((word) => word.replace(/[.-]+$/, "") === id.toLowerCase()).length;
}

const length = 6;

function newIdOf({ path, text }: StoredTicket, { idPrefix, isTaken }: DuplicateFacts): string {
  for (let attempt = 0; ; attempt += 1) {
    const number = BigInt(`0x${sha256(`${attempt}\n${basename(path)}\n${text}`).slice(0, 16)}`);
    const id = `${idPrefix}-${(number % 36n ** BigInt(length)).toString(36).padStart(length, "0")}`;
    if (!isTaken(id)) return id;
  }
}

/** A file that is named by its id keeps being so; the rest of the name is its author's. */
function renamed({ path, id }: StoredTicket, to: string): string {
  const name = basename(path);
  const isNamed =
    name.toLowerCase().startsWith(id.toLowerCase()) && /^[^a-z0-9]/i.test(name.slice(id.length));
  return isNamed ? `${dirname(path)}/${to}${name.slice(id.length)}` : path;
}
