import { type Broken, decodeTicket, type Problem, quoted, type Split, splitTicket } from "./fences.ts";
import { type Fields, type FieldValue, parseFlat, type ScalarValue } from "./flat-front-matter.ts";
import { scanMarkdown } from "./markdown-lines.ts";
import {
  type BrokenTicket,
  closeReasons,
  isTicketId,
  type LinkKind,
  linkKinds,
  type Status,
  type StoredTicket,
  statuses,
  type TicketFields,
  types,
} from "./ticket.ts";
import { isWrittenTime } from "./written-time.ts";

export type ReadResult =
  | {
      kind: "ticket";
      ticket: StoredTicket;
      /** 1-based line of the `id`, for messages about it. */
      idLine: number;
    }
  | { kind: "broken"; problems: BrokenTicket[] };

/** Other names of our keys in the files of other tools. Edits go to the name that a file uses. */
export const keyAliases: Readonly<Record<string, readonly string[]>> = {
  depends_on: ["dependencies", "deps"],
  related: ["links"],
  labels: ["tags"],
  external_ref: ["external-ref"],
  part_of: ["parent", "parent_task_id"],
  created: ["created_date"],
};

/** Spellings that mean one of ours beyond doubt, after lower case and `_` for spaces and hyphens. */
const statusWords: Readonly<Record<string, Status>> = {
  ...Object.fromEntries(statuses.map((status) => [status, status])),
  to_do: "open",
  todo: "open",
  pending: "open",
  inprogress: "in_progress",
  review: "in_review",
  done: "closed",
};

const priorityWords: Readonly<Record<string, number>> = {
  critical: 0,
  highest: 0,
  high: 1,
  medium: 2,
  normal: 2,
  low: 3,
  lowest: 4,
};

const defaultPriority = 2;
const branchPattern = /^[A-Za-z0-9](?:[A-Za-z0-9_/-]|\.(?!\.))*$/;

type TicketBytes = {
  /** Relative to the project root. */
  path: string;
  bytes: Uint8Array;
  archived: boolean;
};

/** Reads one ticket file. Never throws for what is in it: what is wrong comes back with file and line. */
export async function readTicket(file: TicketBytes): Promise<ReadResult> {
  const read = readFlatTicket(file);
  if (read.kind !== "not-flat") return read;
  // Two YAML libraries cost as much to load as a thousand flat tickets cost to read.
  const { parseFrontMatter } = await import("./front-matter.ts");
  const parsed = parseFrontMatter(read.text);
  if (parsed.kind === "broken") return withPath(file.path, parsed);
  return readFields(file, read.text, parsed.split, parsed.fields);
}

/** The same, at once, for front matter that needs no YAML library; `not-flat` is left to `readTicket`. */
export function readFlatTicket(file: TicketBytes): ReadResult | { kind: "not-flat"; text: string } {
  const decoded = decodeTicket(file.bytes);
  if (decoded.kind === "broken") return withPath(file.path, decoded);
  const { text } = decoded;
  const split = splitTicket(text);
  if (split.kind === "broken") return withPath(file.path, split);
  const fields = parseFlat(text.slice(split.yamlStart, split.yamlEnd), 2);
  return fields === null ? { kind: "not-flat", text } : readFields(file, text, split, fields);
}

function readFields({ path, archived }: TicketBytes, text: string, split: Split, fields: Fields): ReadResult {
  const conflict = findConflict(text, split.bodyStart, split.bodyLine);
  if (conflict !== null) return withPath(path, { kind: "broken", problems: [conflict] });

  const read = ticketFrom(fields, () => firstHeading(text, split.bodyStart, split.bodyLine));
  if (read.kind === "broken") return withPath(path, read);
  return {
    kind: "ticket",
    ticket: { ...read.ticket, path, archived, text },
    idLine: fields.get("id")?.line ?? 1,
  };
}

function withPath(path: string, { problems }: Broken): ReadResult {
  return { kind: "broken", problems: problems.map((problem) => ({ path, ...problem })) };
}

type Read<T> = { value: T } | { found: string; expected: string; line?: number };

function ticketFrom(
  fields: Fields,
  titleInBody: () => string | null,
): { kind: "ticket"; ticket: TicketFields } | Broken {
  const problems: Problem[] = [];

  const take = <T>(key: string, read: (value: FieldValue) => Read<T>, missing: T): T => {
    const names = [key, ...(keyAliases[key] ?? [])].filter((name) => fields.has(name));
    const [name, second] = names;
    const field = name === undefined ? undefined : fields.get(name);
    if (name === undefined || field === undefined) return missing;
    if (second !== undefined) {
      const line = fields.get(second)?.line ?? field.line;
      problems.push({ line, found: `both ${name} and ${second}`, expected: "one of them" });
    }
    if (field.value.kind === "scalar" && field.value.text === null) return missing;
    const result = read(field.value);
    if ("value" in result) return result.value;
    problems.push({
      line: result.line ?? field.value.line,
      found: `${name} is ${result.found}`,
      expected: result.expected,
    });
    return missing;
  };
  const list = (key: string, check: (text: string) => Read<string>): string[] =>
    take(key, (value) => readList(value, check), []);

  const id = take<string | null>("id", (value) => readScalar(value, checkId), null);
  if (id === null && !problems.some(({ found }) => found.startsWith("id is "))) {
    problems.push({
      line: fields.get("id")?.line ?? 1,
      found: "no id",
      expected: "an id such as nim-7k3f9q",
    });
  }
  const title = take<string | null>("title", (value) => readScalar(value, checkLine), null) ?? titleInBody();
  if (title === null && !problems.some(({ found }) => found.startsWith("title is "))) {
    problems.push({
      line: fields.get("title")?.line ?? 1,
      found: "no title",
      expected: "a title, or a `# Title` heading",
    });
  }
  const status = take<Status | null>("status", (value) => readScalar(value, checkStatus), null);
  if (status === null && !problems.some(({ found }) => found.startsWith("status is "))) {
    problems.push({ line: fields.get("status")?.line ?? 1, found: "no status", expected: oneOf(statuses) });
  }
  const links = Object.fromEntries(linkKinds.map((kind) => [kind, list(kind, checkId)]));
  const ticket: TicketFields = {
    id: id ?? "",
    title: title ?? "",
    status: status ?? "draft",
    type: take("type", (value) => readScalar(value, wordOf(types)), "task"),
    priority: take("priority", (value) => readScalar(value, checkPriority), defaultPriority),
    labels: list("labels", checkLabel),
    assignee: take("assignee", readPeople, null),
    links: links as Record<LinkKind, string[]>, // one entry for each kind, made one line above
    externalRef: take<string | null>("external_ref", (value) => readScalar(value, checkLine), null),
    created: take<string | null>("created", (value) => readScalar(value, checkTime), null),
    deferUntil: take<string | null>("defer_until", (value) => readScalar(value, checkTime), null),
    stage: take<string | null>("stage", (value) => readScalar(value, checkLine), null),
    branch: take<string | null>("branch", (value) => readScalar(value, checkBranch), null),
    closed: take<string | null>("closed", (value) => readScalar(value, checkTime), null),
    closeReason: take("close_reason", (value) => readScalar(value, wordOf(closeReasons)), null),
    evidence: take<string | null>("evidence", (value) => readScalar(value, checkLine), null),
  };
  problems.sort((a, b) => a.line - b.line);
  return problems.length > 0 ? { kind: "broken", problems } : { kind: "ticket", ticket };
}

function readScalar<T>(value: FieldValue, check: (text: string) => Read<T>): Read<T> {
  if (value.kind === "list") return { found: "a list", expected: "one value" };
  if (value.kind === "other") return { found: value.what, expected: "one value" };
  return check(value.text ?? "");
}

/** One value stands for a list of one; a comma in it was meant as a list and is not guessed at. */
function readList(value: FieldValue, check: (text: string) => Read<string>): Read<string[]> {
  if (value.kind === "other") return { found: value.what, expected: "a list such as [a, b]" };
  const items: ScalarValue[] = value.kind === "list" ? value.items : [value];
  const texts: string[] = [];
  for (const { text, line } of items) {
    if (text === null) return { found: "a list with an empty item", expected: "a list such as [a, b]", line };
    const result = check(text);
    if (!("value" in result)) return { ...result, line };
    if (!texts.includes(result.value)) texts.push(result.value);
  }
  return { value: texts };
}

function readPeople(value: FieldValue): Read<string | null> {
  if (value.kind !== "list") return readScalar(value, checkLine);
  const names = readList(value, checkLine);
  return "value" in names ? { value: names.value.join(", ") || null } : names;
}

function checkId(text: string): Read<string> {
  if (isTicketId(text)) return { value: text };
  return { found: quoted(text), expected: "a ticket id of letters, digits, hyphens, at most 80 characters" };
}

function checkLine(text: string): Read<string> {
  const value = text.trim();
  if (value === "") return { found: "empty", expected: "text" };
  if (/[\x00-\x1f\x7f-\x9f]/.test(value)) return { found: quoted(value), expected: "text on one line" };
  return { value };
}

function checkLabel(text: string): Read<string> {
  if (text.includes(",")) return { found: quoted(text), expected: "a list such as [tls, vault]" };
  return checkLine(text);
}

/** The status that a word means, in any of the spellings that a file may have. */
export function statusOf(word: string): Status | undefined {
  return lookUp(statusWords, normalWord(word));
}

/** The same for a priority: `1`, `P1` and `high`. */
export function priorityOf(word: string): number | undefined {
  const digit = /^P?([0-4])$/i.exec(word)?.[1];
  return digit === undefined ? lookUp(priorityWords, word.toLowerCase()) : Number(digit);
}

function checkStatus(text: string): Read<Status> {
  const status = statusOf(text);
  return status === undefined ? { found: quoted(text), expected: oneOf(statuses) } : { value: status };
}

function checkPriority(text: string): Read<number> {
  const value = priorityOf(text);
  return value === undefined ? { found: quoted(text), expected: "0 (highest) to 4" } : { value };
}

function checkTime(text: string): Read<string> {
  if (isWrittenTime(text)) return { value: text };
  return { found: quoted(text), expected: "a time such as 2026-11-22T07:12:40Z" };
}

function checkBranch(text: string): Read<string> {
  if (branchPattern.test(text)) return { value: text };
  return { found: quoted(text), expected: "a branch name such as nimrod/7k3f9q" };
}

function wordOf<T extends string>(words: readonly T[]): (text: string) => Read<T> {
  return (text) => {
    const word = words.find((candidate) => candidate === normalWord(text));
    return word === undefined ? { found: quoted(text), expected: oneOf(words) } : { value: word };
  };
}

function normalWord(text: string): string {
  return text.trim().toLowerCase().replaceAll(/[ -]+/g, "_");
}

// A status of `constructor` must not find what every object has.
function lookUp<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

function oneOf(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function firstHeading(text: string, bodyStart: number, bodyLine: number): string | null {
  const heading = scanMarkdown(text, bodyStart, bodyLine).lines.find(
    ({ kind, level }) => kind === "heading" && level === 1,
  );
  const result = checkLine(heading?.title ?? "");
  return "value" in result ? result.value : null;
}

/** A conflict in the body would double criteria. Quoted inside a code fence it is only text. */
function findConflict(text: string, bodyStart: number, bodyLine: number): Problem | null {
  if (!text.includes("\n<<<<<<< ", bodyStart - 1) || !text.includes("\n>>>>>>> ", bodyStart)) return null;
  const { lines } = scanMarkdown(text, bodyStart, bodyLine);
  const start = lines.find((line) => line.kind !== "code" && line.text.startsWith("<<<<<<< "));
  if (start === undefined) return null;
  return { line: start.line, found: "a git conflict marker", expected: "a resolved merge" };
}
