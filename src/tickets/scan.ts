import type { Dirent } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { NimrodError } from "../errors.ts";
import { listFolder, readFileBounded } from "../platform/files.ts";
import { maxTicketBytes, quoted } from "./fences.ts";
import { type ReadResult, readTicket } from "./read.ts";
import type { BrokenTicket, StoredTicket } from "./ticket.ts";

export type Scan = {
  tickets: StoredTicket[];
  /** One row for each thing that is wrong, sorted by path and line. */
  broken: BrokenTicket[];
};

type Folder = { path: string; archived: boolean };
type Found = { path: string; read: ReadResult };

/** Where ticket files are, relative to the root. */
export const ticketFolders: readonly Folder[] = [
  { path: "tickets", archived: false },
  { path: "tickets/active", archived: false },
  { path: "tickets/closed", archived: true },
];

/** Open files at a time: enough to keep the disk busy, far below any limit of descriptors. */
const readAtOnce = 64;

/** Reads every ticket file below `root`. */
export async function scanTickets(root: string): Promise<Scan> {
  // A ticket that is moved while the folders are read can be met twice or not at all: look again.
  for (let attempt = 1; ; attempt += 1) {
    const { found, gone } = await readFolders(root);
    const scan = await settle(root, found);
    if (attempt === 3 || (gone === 0 && !scan.hasDuplicates))
      return { tickets: scan.tickets, broken: scan.broken };
  }
}

async function readFolders(root: string): Promise<{ found: Found[]; gone: number }> {
  const jobs: (() => Promise<Found | null>)[] = [];
  for (const { path: folder, archived } of ticketFolders) {
    for (const entry of await listFolder(join(root, folder))) {
      if (!/^[^.].*\.md$/i.test(entry.name)) continue; // editors keep locks and copies in dot files
      const path = `${folder}/${entry.name}`;
      if (entry.isFile()) jobs.push(() => readFile(root, path, archived));
      else jobs.push(async () => brokenFile(path, kindOf(entry), "a regular file"));
    }
  }
  const found: Found[] = [];
  let gone = 0;
  for (let start = 0; start < jobs.length; start += readAtOnce) {
    for (const one of await Promise.all(jobs.slice(start, start + readAtOnce).map((job) => job()))) {
      if (one === null) gone += 1;
      else if (!isReadme(one)) found.push(one);
    }
  }
  return { found, gone };
}

async function readFile(root: string, path: string, archived: boolean): Promise<Found | null> {
  const absolute = join(root, path);
  try {
    const bytes = await readFileBounded(absolute, { maxBytes: maxTicketBytes });
    return { path, read: await readTicket({ path, bytes, archived }) };
  } catch (error) {
    if (!(error instanceof NimrodError)) throw error;
    if (error.code === "not_found") return null;
    return brokenFile(
      path,
      error.message.replaceAll(absolute, "the file"),
      "a readable file of at most 1 MiB",
    );
  }
}

/** Sorts tickets from broken files, and makes both files of a doubled id broken. */
async function settle(root: string, found: readonly Found[]): Promise<Scan & { hasDuplicates: boolean }> {
  const byId = new Map<string, (ReadResult & { kind: "ticket" })[]>();
  const broken: BrokenTicket[] = [];
  for (const { read } of found) {
    if (read.kind === "broken") {
      broken.push(...read.problems);
      continue;
    }
    const key = read.ticket.id.toLowerCase();
    byId.set(key, [...(byId.get(key) ?? []), read]);
  }
  const tickets: StoredTicket[] = [];
  let hasDuplicates = false;
  for (const group of byId.values()) {
    const names = await withoutTornMove(root, group);
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
        found: `id ${quoted(ticket.id)}, also in ${others.join(", ")}`,
        expected: "an id of its own",
      });
    }
  }
  broken.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line));
  return { tickets, broken, hasDuplicates };
}

type Readable = ReadResult & { kind: "ticket" };

/** A move that was killed half-way leaves one file under two names; the status says where it belongs. */
async function withoutTornMove(root: string, group: readonly Readable[]): Promise<readonly Readable[]> {
  const [first, second] = group;
  if (first === undefined || second === undefined || group.length > 2) return group;
  const [a, b] = [first.ticket, second.ticket];
  if (basename(a.path) !== basename(b.path) || a.archived === b.archived) return group;
  if (!(await isSameFile(join(root, a.path), join(root, b.path)))) return group;
  return group.filter(({ ticket }) => ticket.archived === (ticket.status === "closed"));
}

/** A page about the folder is no ticket; one that starts like a ticket is. */
function isReadme({ path, read }: Found): boolean {
  return (
    /^readme\.md$/i.test(basename(path)) &&
    read.kind === "broken" &&
    read.problems.some(
      ({ expected, found }) => expected.startsWith("a first line") && !found.includes('"---'),
    )
  );
}

function brokenFile(path: string, found: string, expected: string): Found {
  return { path, read: { kind: "broken", problems: [{ path, line: 1, found, expected }] } };
}

function kindOf(entry: Dirent): string {
  if (entry.isSymbolicLink()) return "a symbolic link";
  if (entry.isDirectory()) return "a folder";
  return entry.isFIFO() ? "a named pipe" : "a special file";
}

/** Whether two paths are names of one file; false when one is missing. */
export async function isSameFile(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([stat(a).catch(() => null), stat(b).catch(() => null)]);
  return left !== null && right !== null && left.dev === right.dev && left.ino === right.ino;
}
