import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { NimrodError } from "../errors.ts";
import { type Clock, randomBase36, rfc3339 } from "../platform/clock.ts";
import { sha256 } from "../platform/digest.ts";
import { createExclusive, ensureFolder, moveFile, readFileBounded, writeAtomic } from "../platform/files.ts";
import { readNow } from "../platform/read-at-once.ts";
import { findLostLine } from "./concurrent-edit.ts";
import { decodeTicket, maxTicketBytes, quoted } from "./fences.ts";
import { brokenError, findTicket, toRelative } from "./find-ticket.ts";
import { renderNewTicket, slugOf } from "./new-ticket.ts";
import { readTicket } from "./read.ts";
import { isSameFile, namesIn, type Scan, scanAround, scanTickets, ticketFolders } from "./scan.ts";
import type { LinkKind, Status, StoredTicket, Ticket, TicketType } from "./ticket.ts";

export type { Scan };

export type TicketRequest = {
  title: string;
  status?: Status | undefined;
  type?: TicketType | undefined;
  priority?: number | undefined;
  labels?: readonly string[] | undefined;
  assignee?: string | undefined;
  externalRef?: string | undefined;
  deferUntil?: string | undefined;
  links?: Partial<Record<LinkKind, readonly string[]>> | undefined;
  body?: string | undefined;
};

export type Store = {
  /** Every file under `tickets/`, read or broken: a file is never left out. */
  scan(): Promise<Scan>;
  /** Of a scan the tickets that `query` names and those they are linked with, and all that is broken. */
  scanAround(query: string): Promise<Scan>;
  /** The ticket with its text, as it is now, wherever it went since the scan. Throws `conflict` when it is gone. */
  read(ticket: Ticket): Promise<StoredTicket>;
  /** The text alone, empty when it cannot be read: for looking, not for editing. */
  textOf(ticket: Pick<Ticket, "path">): string;
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
  move(ticket: Ticket, folder: "active" | "closed"): Promise<StoredTicket>;
};

/** A person's editor saves once or twice; a file that moves more often is being fought over. */
const attempts = 8;

/** How long a write waits for another one of the same ticket, which takes milliseconds. */
const lockWaitMs = 10_000;

export type StoreOptions = {
  root: string;
  /** Of new ids: `nim` gives `nim-7k3f9q`. */
  idPrefix: string;
  clock: Clock;
  /**
   * Where locks of single writes are kept (under the state folder). Without it two processes that write one ticket
   * within the same microseconds are not kept apart.
   */
  lockFolder?: string | undefined;
  /** Where scans keep what they found (under the state folder). Without it every scan reads every file. */
  indexFile?: string | undefined;
};

export function openStore({ root, idPrefix, clock, lockFolder, indexFile }: StoreOptions): Store {
  const scan = () => scanTickets(root, indexFile === undefined ? undefined : { file: indexFile, clock });

  async function around(query: string): Promise<Scan> {
    const word = query.trim().toLowerCase();
    const isPath = word === "" || word.includes("/") || word.endsWith(".md");
    return indexFile === undefined || isPath ? scan() : scanAround(root, word, { file: indexFile, clock });
  }

  async function read(ticket: Ticket): Promise<StoredTicket> {
    const now = await readStored(root, ticket.path);
    if (now?.ticket.id === ticket.id) return now.ticket;
    const moved = await readStored(root, await locate(root, ticket.path, ticket));
    if (moved === null) throw changedMeanwhile(ticket.path, "it is gone");
    return moved.ticket;
  }

  async function update(
    target: StoredTicket | string,
    edit: (text: string) => string,
  ): Promise<StoredTicket> {
    const base = typeof target === "string" ? null : target;
    let path = typeof target === "string" ? toRelative(root, target) : target.path;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const current = await readStored(root, path);
      if (current === null) {
        path = await locate(root, path, base);
        continue;
      }
      if (base !== null && current.ticket.id !== base.id) {
        throw changedMeanwhile(path, `it is now ${current.ticket.id}`);
      }
      const text = editText(current.ticket, edit);
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
      await finishMove(root, path);
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
    read,
    textOf({ path }) {
      const now = readNow(join(root, path), maxTicketBytes);
      const decoded = now.kind === "bytes" ? decodeTicket(now.bytes) : null;
      return decoded?.kind === "text" ? decoded.text : "";
    },
    scanAround: around,
    async find(query, known) {
      return read(findTicket(query, known ?? (await around(query)), root));
    },
    async create(request) {
      await ensureFolder(join(root, "tickets/active"));
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const id = `${idPrefix}-${randomBase36(6)}`;
        if (isTaken(root, id)) continue;
        const text = renderNewTicket({
          ...request,
          id,
          status: request.status ?? "open",
          type: request.type ?? "task",
          priority: request.priority ?? 2,
          labels: request.labels ?? [],
          links: request.links ?? {},
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
    update: (target, edit) =>
      withLock(lockFolder, typeof target === "string" ? target : target.path, () => update(target, edit)),
    move: (ticket, folder) => withLock(lockFolder, ticket.path, () => move(ticket, folder)),
  };

  async function move(ticket: Ticket, folder: "active" | "closed"): Promise<StoredTicket> {
    const name = basename(ticket.path);
    const to = `tickets/${folder}/${name}`;
    if (ticket.path !== to && !(await isMissing(join(root, ticket.path)))) {
      await moveFile(join(root, ticket.path), join(root, to));
    }
    await finishMove(root, to);
    const moved = await readStored(root, to);
    if (moved === null) throw changedMeanwhile(ticket.path, "it is gone");
    return moved.ticket;
  }
}

/** Runs `work` while no other process writes this file. The name is the lock: a moved ticket keeps it. */
async function withLock<T>(folder: string | undefined, path: string, work: () => Promise<T>): Promise<T> {
  if (folder === undefined) return work();
  const { acquireLock } = await import("../platform/locks.ts");
  await ensureFolder(folder, { mode: 0o700 });
  const file = join(folder, `${sha256(basename(path)).slice(0, 16)}.lock`);
  const deadline = Date.now() + lockWaitMs;
  for (;;) {
    const lock = await acquireLock(file, { owner: `write ${path}` });
    if (lock.kind === "acquired") {
      try {
        return await work();
      } finally {
        await lock.release();
      }
    }
    if (Date.now() > deadline) {
      throw new NimrodError("busy", `${path} is being written by process ${lock.pid} since ${lock.since}`);
    }
    await setTimeout(5 + Math.random() * 10); // spread, so that many waiters do not ask in step
  }
}

async function readStored(
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
async function locate(root: string, path: string, base: Ticket | null): Promise<string> {
  const { tickets } = await scanTickets(root);
  const moved = tickets.find(({ id }) => base !== null && id === base.id);
  if (moved !== undefined) return moved.path;
  throw new NimrodError(base === null ? "not_found" : "conflict", `${path} is gone`, { where: path });
}

/** An edit knows a text alone: which ticket it would not change, and what helps, is said here. */
function editText({ id, path, text }: StoredTicket, edit: (text: string) => string): string {
  try {
    return edit(text);
  } catch (error) {
    if (!isCode(error, "failed") || error.where !== undefined) throw error;
    throw new NimrodError("failed", error.message, {
      where: path,
      hint: error.hint ?? `nimrod edit ${id}`,
      cause: error,
    });
  }
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

function isTaken(root: string, id: string): boolean {
  return ticketFolders.some(({ path }) =>
    namesIn(join(root, path)).some((name) => name === `${id}.md` || name.startsWith(`${id}-`)),
  );
}

function changedMeanwhile(path: string, what: string): NimrodError {
  return new NimrodError("conflict", `${path} was changed by somebody else meanwhile: ${what}`, {
    where: path,
  });
}

/**
 * A kill in the middle of a move leaves one file under two names. The other one goes before this one is written:
 * a write makes a file of its own, and the two names would be two tickets with one id.
 */
async function finishMove(root: string, path: string): Promise<void> {
  for (const folder of ticketFolders) {
    const other = `${folder.path}/${basename(path)}`;
    if (other === path || !isSameFile(join(root, other), join(root, path))) continue;
    await moveFile(join(root, other), join(root, path));
  }
}

async function isMissing(path: string): Promise<boolean> {
  return stat(path).then(
    () => false,
    () => true,
  );
}

function isCode(error: unknown, code: NimrodError["code"]): error is NimrodError {
  return error instanceof NimrodError && error.code === code;
}
