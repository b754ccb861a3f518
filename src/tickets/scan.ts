import { existsSync, lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { basename, join } from "node:path";
import { NimrodError } from "../errors.ts";
import type { Clock } from "../platform/clock.ts";
import { lookAtEach, readNow } from "../platform/read-at-once.ts";
import { maxTicketBytes, quoted } from "./fences.ts";
import { type ReadResult, readFlatTicket, readTicket } from "./read.ts";
import { type BrokenTicket, linkKinds, type StoredTicket, type Ticket } from "./ticket.ts";
import {
  type Found,
  factsOf,
  type IndexedFolder,
  readIndex,
  type ScannedFolder,
  type TicketIndex,
  writeIndex,
} from "./ticket-index.ts";

export type Scan = {
  tickets: Ticket[];
  /** One row for each thing that is wrong, sorted by path and line. */
  broken: BrokenTicket[];
};

type Folder = { path: string; archived: boolean };

/** A file of the state folder, and the clock that tells what is older than it. */
export type IndexPlace = { file: string; clock: Clock };

/** Where ticket files are, relative to the root. */
export const ticketFolders: readonly Folder[] = [
  { path: "tickets", archived: false },
  { path: "tickets/active", archived: false },
  { path: "tickets/closed", archived: true },
];

/** So many files are read sooner than an index is written, loaded and checked. */
const few = 50;

/**
 * Reads every ticket file below `root`. With an index (a file of the state folder, made when there is enough to read),
 * a file that is as it was is not read again; the result is the same.
 */
export async function scanTickets(root: string, index?: IndexPlace): Promise<Scan> {
  return lookUntilSettled(root, index, await lookAtFolders(root, index));
}

/** A ticket that is moved while the folders are read can be met twice or not at all: look again. */
async function lookUntilSettled(root: string, index: IndexPlace | undefined, first: Looked): Promise<Scan> {
  for (let attempt = 1, looked = first; ; attempt += 1) {
    const scan = settle(root, allOf(looked));
    if (attempt === 3 || (looked.gone === 0 && !scan.hasDuplicates))
      return { tickets: scan.tickets, broken: scan.broken };
    looked = await lookAtFolders(root, index);
  }
}

/**
 * Of what `scanTickets` finds, the tickets that have the word in their id, those that such a ticket is linked with in
 * either direction, and everything that is broken. Looks at every file just the same, but makes few tickets.
 *
 * @param word in lower case
 */
export async function scanAround(root: string, word: string, place: IndexPlace): Promise<Scan> {
  const looked = await lookAtFolders(root, place);
  const { index, found } = looked;
  if (index === null || index.hasDuplicates || looked.gone > 0) return lookUntilSettled(root, place, looked);
  const fresh = found.filter((one) => typeof one === "object");
  const isSame = new Uint8Array(index.count);
  for (const one of found) if (typeof one === "number") isSame[one] = 1;
  const same = (rows: readonly number[]) => [...new Set(rows)].filter((row) => isSame[row] === 1);
  const freshTickets = fresh.flatMap((one) => (one.kind === "ticket" ? [one.ticket] : []));
  // One id in two files is told of both, wherever they are.
  const isTaken = ({ id }: Ticket) => same(index.rowsWithId(id.toLowerCase())).length > 0;
  if (freshTickets.some(isTaken)) return scanTickets(root, place);

  const named = same(index.rowsWithId(word));
  const around = [...index.someAt(named.toSorted(byNumber)), ...fresh]
    .flatMap((one) => (one.kind === "ticket" ? [one.ticket] : []))
    .filter(({ id }) => id.toLowerCase().includes(word))
    .slice(0, mostNamed)
    .flatMap(({ id, links }) => [
      ...index.rowsLinkingTo(id.toLowerCase()),
      ...linkKinds.flatMap((kind) => links[kind]).flatMap((to) => index.rowsWithId(to.toLowerCase())),
    ]);
  const rows = same([...named, ...around, ...index.oddRows()]).toSorted(byNumber);
  const { tickets, broken } = settle(root, [...index.someAt(rows), ...fresh]);
  return { tickets, broken };
}

/** Whoever names more than one ticket is told which; what they are linked with is not asked for then. */
const mostNamed = 3;

function byNumber(a: number, b: number): number {
  return a - b;
}

/** A number is a row of the index whose file is as it was. */
type Looked = { found: (Found | number)[]; index: TicketIndex | null; gone: number };

function allOf({ found, index }: Looked): Found[] {
  return found.flatMap((one) => (typeof one === "object" ? one : (index?.foundAt(one) ?? [])));
}

async function lookAtFolders(root: string, place: IndexPlace | undefined): Promise<Looked> {
  // Before anything is looked at: what changes from now on must not look older than the index.
  const takenAt = place?.clock.now().getTime() ?? 0;
  const index = place === undefined ? null : readIndex(place.file, root);
  const count = { read: 0, gone: 0 };
  const folders: LookedFolder[] = [];
  for (const { path, archived } of ticketFolders) {
    const stat = statFolder(join(root, path));
    if (stat === undefined) continue;
    const known = index?.folders.get(path);
    const names = known?.isSame(stat) === true ? known.names : ticketNames(join(root, path));
    const folder: LookedFolder = { path, archived, facts: factsOf(stat), names, found: [] };
    await lookAtFolder(root, folder, known, count);
    folders.push(folder);
  }
  // A handful of changed files is read again each time: that is less work than writing the index.
  if (place !== undefined && count.read > few && count.gone === 0) {
    writeIndex(place.file, { root, takenAt, folders: folders.map((folder) => toWrite(folder, index)) });
  }
  const found = folders.flatMap((folder) =>
    folder.found.flatMap((one) => (typeof one === "number" ? one : (one?.found ?? []))),
  );
  return { found, index, gone: count.gone };
}

type LookedFolder = Omit<ScannedFolder, "files" | "found"> & { found: (Fresh | number | null)[] };

function toWrite(folder: LookedFolder, index: TicketIndex | null): ScannedFolder {
  const facts = (one: Fresh | number | null) =>
    typeof one === "number" ? (index?.factsAt(one) ?? null) : one?.stat ? factsOf(one.stat) : null;
  const found = (one: Fresh | number | null) =>
    typeof one === "number" ? (index?.foundAt(one) ?? null) : (one?.found ?? null);
  return { ...folder, files: folder.found.map(facts), found: folder.found.map(found) };
}

async function lookAtFolder(
  root: string,
  { path, archived, names, found }: LookedFolder,
  known: IndexedFolder | undefined,
  count: { read: number; gone: number },
): Promise<void> {
  const placeOf = placesOf(names, known);
  const absolute = join(root, path);
  const changed: { at: number; stat: Stats | undefined }[] = [];
  lookAtEach(absolute, names, (at, stat) => {
    const same = stat === undefined ? undefined : known?.find(placeOf(at, names[at] ?? ""), stat);
    if (same === undefined) changed.push({ at, stat });
    found.push(same ?? null);
  });
  for (const { at, stat } of changed) {
    const name = names[at] ?? "";
    const fresh = await readFile(
      { path: `${path}/${name}`, absolute: `${absolute}/${name}`, archived },
      stat,
    );
    if (fresh === null) count.gone += 1;
    else count.read += 1;
    found[at] = fresh;
  }
}

/** Where a name is in the index; usually where it is now. */
function placesOf(
  names: readonly string[],
  known: IndexedFolder | undefined,
): (at: number, name: string) => number {
  if (known === undefined || known.names === names) return (at) => at;
  const places = new Map(known.names.map((name, at) => [name, at]));
  return (_, name) => places.get(name) ?? -1;
}

type FileToRead = { path: string; absolute: string; archived: boolean };
/** `stat` is null for what may change without its file changing: it is looked at every time. */
type Fresh = { found: Found; stat: Stats | null };

/** Null when it is gone meanwhile. */
async function readFile(
  { path, absolute, archived }: FileToRead,
  stat: Stats | undefined,
): Promise<Fresh | null> {
  if (stat === undefined) return null;
  if (!stat.isFile()) return { found: brokenFile(path, kindOf(stat), "a regular file"), stat: null };
  const read = readNow(absolute, maxTicketBytes);
  if (read.kind === "missing") return null;
  if (read.kind === "unreadable") {
    const why = read.why.replaceAll(absolute, "the file");
    return { found: brokenFile(path, why, "a readable file of at most 1 MiB"), stat: null };
  }
  const file = { path, bytes: read.bytes, archived };
  const flat = readFlatTicket(file);
  return {
    found: withoutText(path, flat.kind === "not-flat" ? await readTicket(file) : flat),
    stat: read.stat,
  };
}

/** Sorts tickets from broken files, and makes both files of a doubled id broken. */
function settle(root: string, found: readonly Found[]): Scan & { hasDuplicates: boolean } {
  const byId = new Map<string, Readable | Readable[]>();
  const broken: BrokenTicket[] = [];
  let hasDuplicates = false;
  for (const one of found) {
    if (one.kind === "broken") broken.push(...one.problems);
    if (one.kind !== "ticket") continue;
    const key = one.ticket.id.toLowerCase();
    const before = byId.get(key);
    byId.set(key, before === undefined ? one : [before, one].flat());
  }
  const tickets: Ticket[] = [];
  for (const group of byId.values()) {
    const names = Array.isArray(group) ? withoutTornMove(root, group) : [group];
    const [only, second] = names;
    if (only !== undefined && second === undefined) {
      tickets.push(only.ticket);
      continue;
    }
    hasDuplicates = true;
    for (const { ticket, idLine } of names) {
      const others = names.filter((other) => other.ticket !== ticket).map((other) => other.ticket.path);
      broken.push({
        path: ticket.path,
        line: idLine,
        found: `id ${quoted(ticket.id)}, also in ${listed(others)}`,
        expected: "an id of its own",
        id: ticket.id,
      });
    }
  }
  broken.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line));
  return { tickets, broken, hasDuplicates };
}

/** The first three: a row for each of a thousand twins must not name a thousand files. */
function listed(paths: readonly string[]): string {
  const rest = paths.length > 3 ? ` and ${paths.length - 3} more` : "";
  return `${paths.slice(0, 3).join(", ")}${rest}`;
}

type Readable = Found & { kind: "ticket" };

/** A move that was killed half-way leaves one file under two names; the status says where it belongs. */
function withoutTornMove(root: string, group: readonly Readable[]): readonly Readable[] {
  const [first, second] = group;
  if (first === undefined || second === undefined || group.length > 2) return group;
  const [a, b] = [first.ticket, second.ticket];
  if (basename(a.path) !== basename(b.path) || a.archived === b.archived) return group;
  if (!isSameFile(join(root, a.path), join(root, b.path))) return group;
  return group.filter(({ ticket }) => ticket.archived === (ticket.status === "closed"));
}

function withoutText(path: string, read: ReadResult): Found {
  if (read.kind === "broken") return isReadme(path, read.problems) ? { kind: "page" } : read;
  return { kind: "ticket", ticket: asTicket(read.ticket), idLine: read.idLine };
}

function asTicket({ text: _, ...ticket }: StoredTicket): Ticket {
  return ticket;
}

/** A page about the folder is no ticket; one that starts like a ticket is. */
function isReadme(path: string, problems: readonly BrokenTicket[]): boolean {
  return (
    /^readme\.md$/i.test(basename(path)) &&
    problems.some(({ expected, found }) => expected.startsWith("a first line") && !found.includes('"---'))
  );
}

function brokenFile(path: string, found: string, expected: string): Found {
  return { kind: "broken", problems: [{ path, line: 1, found, expected }] };
}

function kindOf(stat: Stats): string {
  if (stat.isSymbolicLink()) return "a symbolic link";
  if (stat.isDirectory()) return "a folder";
  return stat.isFIFO() ? "a named pipe" : "a special file";
}

function statFolder(path: string): Stats | undefined {
  return readingFolder(path, () => statSync(path, { throwIfNoEntry: false }));
}

/** Sorted. */
function ticketNames(path: string): string[] {
  return namesIn(path).filter(isTicketName).sort();
}

/** Also a name with a line feed in it. Editors keep locks and copies in dot files. */
export function isTicketName(name: string): boolean {
  return /^[^.].*\.md$/is.test(name);
}

/** Of all that is in a folder, in any order; none when there is no folder. */
export function namesIn(path: string): string[] {
  return existsSync(path) ? readingFolder(path, () => readdirSync(path)) : [];
}

function readingFolder<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new NimrodError("io", `${path}: ${message}`, { where: path, cause: error });
  }
}

/** Whether two paths are names of one file; false when one is missing. A symbolic link is a file of its own. */
export function isSameFile(a: string, b: string): boolean {
  const [left, right] = [a, b].map((path) => lstatSync(path, { throwIfNoEntry: false }));
  return left !== undefined && right !== undefined && left.dev === right.dev && left.ino === right.ino;
}
