import type { Stats } from "node:fs";
import { crc32 } from "node:zlib";
import { readCache, writeCache } from "../platform/cache-file.ts";
import type { BrokenTicket, Ticket } from "./ticket.ts";
import { fromColumns, rowsFromColumns, rowsLinkingTo, rowsWithId, toColumns } from "./ticket-columns.ts";

/**
 * What the last scan found in each file, with the file's facts at that moment. It is a cache and never the truth: an
 * entry counts only while its file still has these facts, and only when they are clearly older than the index, for a
 * file that was written twice within one tick of the clock would look the same. An index that is torn, damaged, of
 * another build or another place is none.
 */

/** What scanning keeps of a file. A `page` is about its folder, and no ticket. */
export type Found =
  | { kind: "ticket"; ticket: Ticket; idLine: number }
  | { kind: "broken"; problems: BrokenTicket[] }
  | { kind: "page" };

/** A folder as it was scanned; the lists are of one length. */
export type ScannedFolder = {
  path: string;
  archived: boolean;
  facts: readonly number[];
  names: readonly string[];
  /** Facts of each file; null for one that is to be read every time. */
  files: (readonly number[] | null)[];
  found: (Found | null)[];
};

export type IndexedFolder = {
  names: readonly string[];
  /** Whether no entry came or went since. */
  isSame(now: Stats): boolean;
  /** The row of the file at this place of `names`, if it is as it was. */
  find(at: number, now: Stats): number | undefined;
};

export type TicketIndex = {
  /** Number of its rows. */
  count: number;
  folders: ReadonlyMap<string, IndexedFolder>;
  /** Whether one id stood in two files. */
  hasDuplicates: boolean;
  /** What was found in the file of a row. The first call makes all of them. */
  foundAt(row: number): Found;
  factsAt(row: number): readonly number[];
  /** Rows whose ticket has an id with this word in it, or links to one. The word is in lower case. */
  rowsWithId(word: string): number[];
  rowsLinkingTo(word: string): number[];
  /** Rows of files that are no tickets. */
  oddRows(): number[];
  /** The same as `foundAt`, for a few rows. */
  someAt(rows: readonly number[]): Found[];
};

/** Kernels stamp in ticks of 4 ms or 10 ms, FAT in two seconds. */
const clearlyOlderMs = 3000;

/** The times are the second and the third: both are needed, for anybody can set the first of them back. */
export function factsOf({ size, mtimeMs, ctimeMs, ino }: Stats): readonly number[] {
  return [size, mtimeMs, ctimeMs, ino];
}
const factsOfFile = 4;

type Head = {
  format: string;
  /** Another build may read files differently. */
  build: string;
  root: string;
  takenAt: number;
  folders: { path: string; archived: boolean; facts: readonly number[]; count: number }[];
  hasDuplicates: boolean;
  /** Rows that are no ticket: their problems, null for a page. */
  odd: [number, BrokenTicket[] | null][];
  /** Bytes of each column. */
  columns: number[];
};

const format = "nimrod tickets 3";
/** In front of everything: the sum over the rest, and the length of the head. */
const prefix = 8;
const word = 8;

export function writeIndex(
  file: string,
  { root, takenAt, folders }: { root: string; takenAt: number; folders: readonly ScannedFolder[] },
): boolean {
  const found = folders.flatMap((folder) => folder.found);
  const ids = found.flatMap((one) => (one?.kind === "ticket" ? [one.ticket.id.toLowerCase()] : []));
  const columns = [
    JSON.stringify(folders.flatMap((folder) => folder.names)),
    found.map((one) => (one?.kind === "ticket" ? one.idLine : 0)).join("\n"),
    ...toColumns(found.map((one) => (one?.kind === "ticket" ? one.ticket : null))),
  ].map((text) => Buffer.from(text));
  const head: Head = {
    format,
    build: import.meta.url,
    root,
    takenAt,
    folders: folders.map(({ path, archived, facts, names }) => ({
      path,
      archived,
      facts,
      count: names.length,
    })),
    hasDuplicates: new Set(ids).size < ids.length,
    odd: found.flatMap((one, row): Head["odd"] => {
      if (one === null || one.kind === "ticket") return [];
      return [[row, one.kind === "broken" ? one.problems : null]];
    }),
    columns: columns.map(({ length }) => length),
  };
  const facts = new Float64Array(found.length * factsOfFile).fill(Number.NaN);
  for (const [row, each] of folders.flatMap((folder) => folder.files).entries()) {
    if (each !== null) facts.set(each, row * factsOfFile);
  }
  const headBytes = Buffer.from(JSON.stringify(head));
  const parts = [
    headBytes,
    Buffer.alloc(-headBytes.length & (word - 1), " "),
    Buffer.from(facts.buffer),
    ...columns,
  ];
  const length = parts.reduce((sum, part) => sum + part.length, prefix);
  const bytes = Buffer.alloc(Math.ceil(length / word) * word);
  let at = prefix;
  for (const part of parts) at += part.copy(bytes, at);
  bytes.writeUInt32LE(headBytes.length, 4);
  bytes.writeUInt32LE(sumOf(bytes), 0);
  return writeCache(file, bytes);
}

/** Null for an index that is not there or cannot be believed. */
export function readIndex(file: string, root: string): TicketIndex | null {
  const bytes = readCache(file);
  if (bytes === null || bytes.length < prefix || bytes.length % word !== 0) return null;
  if (bytes.readUInt32LE(0) !== sumOf(bytes)) return null;
  const headLength = bytes.readUInt32LE(4);
  // The sum has just told that this is what writeIndex wrote.
  const head = JSON.parse(bytes.toString("utf8", prefix, prefix + headLength)) as Head;
  if (head.format !== format || head.build !== import.meta.url || head.root !== root) return null;
  const count = head.folders.reduce((sum, folder) => sum + folder.count, 0);
  let at = prefix + Math.ceil(headLength / word) * word;
  const factsEnd = at + count * factsOfFile * word;
  const facts = new Float64Array(bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + factsEnd));
  at = factsEnd;
  const [names = "[]", idLines = "", ...columns] = head.columns.map((length) => {
    at += length;
    return bytes.toString("utf8", at - length, at);
  });
  return indexOf(head, {
    facts,
    names: JSON.parse(names),
    idLines: idLines.split("\n"),
    columns,
  });
}

type Body = { facts: Float64Array; names: string[]; idLines: string[]; columns: string[] };

function indexOf(head: Head, body: Body): TicketIndex {
  const { facts, names, idLines, columns } = body;
  const ends = head.folders.map((_, index) =>
    head.folders.slice(0, index + 1).reduce((sum, folder) => sum + folder.count, 0),
  );
  const placeOf = (row: number): { path: string; archived: boolean } => {
    const folder = head.folders[ends.findIndex((end) => row < end)];
    return { path: `${folder?.path}/${names[row]}`, archived: folder?.archived === true };
  };
  const odd = new Map(head.odd);
  const asFound = (row: number, ticket: Ticket | undefined): Found => {
    const problems = odd.get(row);
    if (problems === null) return { kind: "page" };
    if (problems !== undefined || ticket === undefined) return { kind: "broken", problems: problems ?? [] };
    return { kind: "ticket", ticket, idLine: Number(idLines[row]) };
  };
  let all: Ticket[] | undefined;
  return {
    count: names.length,
    folders: foldersOf(head, body),
    hasDuplicates: head.hasDuplicates,
    foundAt(row) {
      all ??= fromColumns(
        columns,
        names.map((_, at) => placeOf(at)),
      );
      return asFound(row, all[row]);
    },
    factsAt: (row) => [...facts.subarray(row * factsOfFile, (row + 1) * factsOfFile)],
    rowsWithId: (word) => rowsWithId(columns, word),
    rowsLinkingTo: (word) => rowsLinkingTo(columns, word),
    oddRows: () => [...odd.keys()],
    someAt(rows) {
      const tickets = rowsFromColumns(columns, rows, placeOf);
      return rows.map((row, at) => asFound(row, tickets[at]));
    },
  };
}

function foldersOf(head: Head, { facts, names }: Body): TicketIndex["folders"] {
  const settled = head.takenAt - clearlyOlderMs;
  let first = 0;
  return new Map(
    head.folders.map((folder) => {
      const from = first;
      first += folder.count;
      return [
        folder.path,
        {
          names: names.slice(from, from + folder.count),
          isSame: (now: Stats) =>
            now.mtimeMs < settled &&
            now.ctimeMs < settled &&
            factsOf(now).every((fact, i) => fact === folder.facts[i]),
          find(place: number, now: Stats) {
            const at = (from + place) * factsOfFile;
            const isSame =
              now.mtimeMs === facts[at + 1] &&
              now.ctimeMs === facts[at + 2] &&
              now.ino === facts[at + 3] &&
              now.size === facts[at] &&
              now.mtimeMs < settled &&
              now.ctimeMs < settled;
            return isSame ? from + place : undefined;
          },
        },
      ];
    }),
  );
}

/** Over all but itself; a CRC-32 sees every change of up to four bytes in a row, and a length that is another. */
function sumOf(bytes: Buffer): number {
  return crc32(bytes.subarray(4), bytes.length);
}
