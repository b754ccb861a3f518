import { stat } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { NimrodError } from "../errors.ts";
import { type Clock, randomBase36, rfc3339 } from "../platform/clock.ts";
import { sha256 } from "../platform/digest.ts";
import {
  createExclusive,
  ensureFolder,
  listFolder,
  moveFile,
  readFileBounded,
  writeAtomic,
} from "../platform/files.ts";
import { findLostLine } from "./concurrent-edit.ts";
import { maxTicketBytes, quoted } from "./fences.ts";
import { renderNewTicket, slugOf } from "./new-ticket.ts";
import { type ReadResult, readTicket } from "./read.ts";
import type { BrokenTicket, LinkKind, Status, StoredTicket, TicketType } from "./ticket.ts";

export type Scan = {
  tickets: StoredTicket[];
  /** One row for each thing that is wrong, sorted by path and line. */
  broken: BrokenTicket[];
};

export type TicketRequest = {
  title: string;
  status?: Status | undefined;
  type?: TicketType | undefined;
  priority?: number | undefined;
  labels?: readonly string[] | undefined;
  dependsOn?: readonly string[] | undefined;
  links?: Partial<Record<LinkKind, readonly string[]>> | undefined;
  body?: string | undefined;
};

export type Store = {
  /** Every file under `tickets/`, read or broken: a file is never left out. */
  scan(): Promise<Scan>;
  /**
   * The ticket of an id, of any part of one, or of a file's path. Throws `not_found`, `ambiguous` (candidates in
   * `lines`) or `broken` (the query fits only a file that cannot be read).
   */
  find(query: string, scan?: Scan): Promise<StoredTicket>;
  /** Throws `usage` for a title that cannot be one. */
  create(request: TicketRequest): Promise<StoredTicket>;
  /**
   * Changes the bytes of a ticket. `edit` is called with what is in the file now, again whenever the file moved
   * meanwhile, so it must depend on its argument alone. With a ticket (not a path) given, what a person changed
   * since that ticket was read is kept; where both changed the same lines it throws `conflict` and writes nothing.
   */
  update(target: StoredTicket | string, edit: (text: string) => string): Promise<StoredTicket>;
  /** Repeating it, also after a kill in the middle, gives the same end. */
  move(ticket: StoredTicket, folder: "active" | "closed"): Promise<StoredTicket>;
};

type Folder = { path: string; archived: boolean };
type Found = { path: string; read: ReadResult };

const folders: readonly Folder[] = [
  { path: "tickets", archived: false },
  { path: "tickets/active", archived: false },
  { path: "tickets/closed", archived: true },
];

/** Open files at a time: enough to keep the disk busy, far below any limit of descriptors. */
const readAtOnce = 64;
/** A person's editor saves once or twice; a file that moves more often is being fought over. */
const attempts = 8;

export function openStore({
  root,
  idPrefix,
  clock,
}: {
  root: string;
  idPrefix: string;
  clock: Clock;
}): Store {
  const scan = () => scanFolders(root);

  async function update(
    target: StoredTicket | string,
    edit: (text: string) => string,
  ): Promise<StoredTicket> {
    const base = typeof target === "string" ? null : target;
    let path = typeof target === "string" ? toRelative(root, target) : target.path;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const current = await readNow(root, path);
      if (current === null) {
        path = await locate(root, path, base);
        continue;
      }
      if (base !== null && current.ticket.id !== base.id) {
        throw changedMeanwhile(path, `it is now ${current.ticket.id}`);
      }
      const text = edit(current.ticket.text);
      if (base !== null && base.text !== current.ticket.text) {
        const lost = findLostLine({
          base: base.text,
          mine: edit(base.text),
          theirs: current.ticket.text,
          result: text,
        });
        if (lost !== null) throw changedMeanwhile(path, `both changed ${quoted(lost.trim())}`);
      }
      if (text === current.ticket.text) return current.ticket;
      const next = await readEdited(current.ticket, text);
      try {
        await writeAtomic(join(root, path), text, { expect: sha256(current.bytes) });
        return next;
      } catch (error) {
        if (!isCode(error, "conflict")) throw error;
      }
    }
    throw changedMeanwhile(path, "it keeps changing");
  }

  return {
    scan,
    async find(query, known) {
      return findTicket(query, known ?? (await scan()), root);
    },
    async create(request) {
      await ensureFolder(join(root, "tickets/active"));
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const id = `${idPrefix}-${randomBase36(6)}`;
        if (await isTaken(root, id)) continue;
        const text = renderNewTicket({
          ...request,
          id,
          status: request.status ?? "open",
          type: request.type ?? "task",
          priority: request.priority ?? 2,
          labels: request.labels ?? [],
          links: withDependencies(request),
          created: rfc3339(clock.now()),
        });
        const slug = slugOf(request.title);
        const path = `tickets/active/${id}${slug === "" ? "" : `-${slug}`}.md`;
        const read = await readTicket({ path, bytes: Buffer.from(text), archived: false });
        if (read.kind === "broken") {
          const [problem] = read.problems;
          throw new NimrodError("usage", `${problem?.found}; expected ${problem?.expected}`);
        }
        if (await createExclusive(join(root, path), text)) return read.ticket;
      }
      throw new NimrodError("failed", `no free id with the prefix ${idPrefix} was found`);
    },
    update,
    async move(ticket, folder) {
      const name = basename(ticket.path);
      const to = `tickets/${folder}/${name}`;
      // Not only where the ticket was read: a kill in the middle of a move leaves the file under both names.
      for (const from of folders.map(({ path }) => `${path}/${name}`)) {
        if (from === to || (await isMissing(join(root, from)))) continue;
        if (from === ticket.path || (await isSameFile(join(root, from), join(root, to)))) {
          await moveFile(join(root, from), join(root, to));
        }
      }
      const moved = await readNow(root, to);
      if (moved === null) throw changedMeanwhile(ticket.path, "it is gone");
      return moved.ticket;
    },
  };
}

async function scanFolders(root: string): Promise<Scan> {
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
  for (const { path: folder, archived } of folders) {
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
    if (isCode(error, "not_found")) return null;
    if (!(error instanceof NimrodError)) throw error;
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

function findTicket(query: string, { tickets, broken }: Scan, root: string): StoredTicket {
  const word = query.trim();
  const asPath = toRelative(root, word);
  const wanted = word.toLowerCase();
  const exact = tickets.find(({ path, id }) => path === asPath || id.toLowerCase() === wanted);
  if (exact !== undefined) return exact;
  const matches = wanted === "" ? [] : tickets.filter(({ id }) => id.toLowerCase().includes(wanted));
  const [only, second] = matches;
  if (second !== undefined) {
    throw new NimrodError("ambiguous", `${quoted(word)} fits ${matches.length} tickets`, {
      lines: matches.map(({ id, title }) => `${id}  ${title}`),
    });
  }
  const file = broken.find(
    ({ path }) => wanted !== "" && (path === asPath || basename(path).toLowerCase().includes(wanted)),
  );
  // The one readable match may be the wrong one when a broken file carries the very id that was asked for.
  const isNamedByFile = file !== undefined && basename(file.path).toLowerCase().startsWith(wanted);
  if (only !== undefined && !isNamedByFile) return only;
  if (file !== undefined) throw brokenError(file);
  throw new NimrodError("not_found", `no ticket has an id with ${quoted(word)}`, {
    hint: "nimrod list --all",
  });
}

async function readNow(
  root: string,
  path: string,
): Promise<{ ticket: StoredTicket; bytes: Uint8Array } | null> {
  let bytes: Uint8Array;
  try {
    bytes = await readFileBounded(join(root, path), { maxBytes: maxTicketBytes });
  } catch (error) {
    if (isCode(error, "not_found")) return null;
    throw error;
  }
  const read = await readTicket({ path, bytes, archived: path.startsWith("tickets/closed/") });
  if (read.kind === "ticket") return { ticket: read.ticket, bytes };
  throw brokenError(read.problems[0]);
}

/** A person may rename the file (the slug is theirs) or move it: the id says which one it is. */
async function locate(root: string, path: string, base: StoredTicket | null): Promise<string> {
  const { tickets } = await scanFolders(root);
  const moved = tickets.find(({ id }) => base !== null && id === base.id);
  if (moved !== undefined) return moved.path;
  throw new NimrodError(base === null ? "not_found" : "conflict", `${path} is gone`, { where: path });
}

/** What an edit made must still be the same readable ticket, or nothing is written. */
async function readEdited(ticket: StoredTicket, text: string): Promise<StoredTicket> {
  const { path, archived } = ticket;
  const read = await readTicket({ path, bytes: Buffer.from(text), archived });
  if (read.kind === "broken") {
    const [problem] = read.problems;
    throw new NimrodError(
      "failed",
      `the edit would break it: ${problem?.found}; expected ${problem?.expected}`,
      {
        where: `${path}:${problem?.line}`,
      },
    );
  }
  if (read.ticket.id !== ticket.id) {
    throw new NimrodError("failed", `the edit would change the id ${ticket.id}, which stays for ever`, {
      where: path,
    });
  }
  return read.ticket;
}

function withDependencies({ links = {}, dependsOn = [] }: TicketRequest): TicketRequest["links"] & {} {
  return dependsOn.length === 0
    ? links
    : { ...links, depends_on: [...(links.depends_on ?? []), ...dependsOn] };
}

async function isTaken(root: string, id: string): Promise<boolean> {
  for (const { path } of folders) {
    const entries = await listFolder(join(root, path));
    if (entries.some(({ name }) => name === `${id}.md` || name.startsWith(`${id}-`))) return true;
  }
  return false;
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

function brokenError(problem: BrokenTicket | undefined): NimrodError {
  const where = `${problem?.path}:${problem?.line}`;
  return new NimrodError("broken", `${problem?.found}; expected ${problem?.expected}`, {
    where,
    hint: "correct the file, then: nimrod doctor",
  });
}

function changedMeanwhile(path: string, what: string): NimrodError {
  return new NimrodError("conflict", `${path} was changed by somebody else meanwhile: ${what}`, {
    where: path,
  });
}

function kindOf(entry: { isSymbolicLink(): boolean; isDirectory(): boolean; isFIFO(): boolean }): string {
  if (entry.isSymbolicLink()) return "a symbolic link";
  if (entry.isDirectory()) return "a folder";
  return entry.isFIFO() ? "a named pipe" : "a special file";
}

function toRelative(root: string, path: string): string {
  return relative(root, resolve(root, path)).split(sep).join("/");
}

async function isMissing(path: string): Promise<boolean> {
  return stat(path).then(
    () => false,
    () => true,
  );
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([stat(a).catch(() => null), stat(b).catch(() => null)]);
  return left !== null && right !== null && left.dev === right.dev && left.ino === right.ino;
}

function isCode(error: unknown, code: NimrodError["code"]): boolean {
  return error instanceof NimrodError && error.code === code;
}
