import { basename, join } from "node:path";
import { NimrodError } from "../errors.ts";
import { type Clock, rfc3339 } from "../platform/clock.ts";
import { canonicalJson } from "../platform/digest.ts";
import {
  type Appender,
  createExclusive,
  ensureFolder,
  listFolder,
  openAppender,
  readFileBounded,
} from "../platform/files.ts";
import type { Anchor } from "./anchor.ts";
import { lineHash, maxLineBytes, maxSegmentBytes, sealMessage, toLink } from "./chain.ts";
import type { SealKey } from "./keys.ts";
import { evidenceFolder, isSegmentName, refuseLinkedFolders, segmentPath } from "./place.ts";
import type { Problem } from "./problems.ts";
import type { EvidenceRecord, NewRecord } from "./record.ts";
import { redactDeep } from "./redact.ts";
import { isComplete, parseSegment, type Segment } from "./segment.ts";
import { recordHead, type WitnessPlace } from "./witness.ts";

export type OpenSegmentOptions = {
  /** The project root. */
  root: string;
  ticket: string;
  run: string;
  pass: string;
  /** Of the pass attempt; segments are read in the order of it. */
  ulid: string;
  key: SealKey;
  clock: Clock;
  /** Applied to every string of every record before the first byte is written. */
  redact: (text: string) => string;
  /** What the first line says: ticket text digest, base commit, policy digest, version, agent, sandbox tier. */
  header: Record<string, unknown>;
  /** Where this machine remembers the heads it has sealed. Without it, nothing notices a roll-back. */
  witness?: WitnessPlace;
};

/** A segment that is being written. One writer; calls may overlap, lines come in the order of the calls. */
export type OpenSegment = {
  /** Relative to the project root. */
  path: string;
  /** Resolves when the record is on the disk. After a failure the segment takes no more: it ends up cut. */
  append(record: NewRecord): Promise<void>;
  /** Ends the segment. `count` is the number of records before the seal. */
  seal(end: { verdict: string; tree: string | null }): Promise<{ head: string; count: number }>;
};

/** Starts a segment that follows every sealed segment of the ticket. */
export async function openSegment(options: OpenSegmentOptions): Promise<OpenSegment> {
  const { root, ticket, clock, redact } = options;
  const path = segmentPath(ticket, options.ulid, options.pass);
  const { segments } = await readSegments(root, ticket);
  const chain = startChain({ ticket, run: options.run });
  const open = chain.next({
    ts: rfc3339(clock.now()),
    type: "open",
    actor: "nimrod",
    data: {
      ...redactDeep(options.header, redact),
      segment: basename(path, ".jsonl"),
      parents: heads(segments).heads.map(toLink),
    },
  });
  await ensureFolder(join(root, evidenceFolder(ticket)));
  await refuseLinkedFolders(root, ticket);
  if (!(await createExclusive(join(root, path), `${open}\n`))) {
    throw new NimrodError("conflict", `${path} exists already; a segment has one writer`, { where: path });
  }
  return segmentWriter(path, await openAppender(join(root, path)), { chain, options });
}

/** All segments of a ticket, oldest first, and the problems of files that could not be read as one. */
export async function readSegments(
  root: string,
  ticket: string,
): Promise<{ segments: Segment[]; problems: Problem[] }> {
  const folder = evidenceFolder(ticket);
  await refuseLinkedFolders(root, ticket);
  const segments: Segment[] = [];
  const problems: Problem[] = [];
  for (const entry of await listFolder(join(root, folder))) {
    if (entry.name.startsWith(".")) continue; // temporary files of writers and editors
    const file = `${folder}/${entry.name}`;
    if (!isSegmentName(entry.name)) {
      problems.push({
        file,
        kind: "file-name",
        message: "is not the name of a segment: <ulid>-<pass>.jsonl",
      });
    } else if (!entry.isFile()) {
      problems.push({ file, kind: "unreadable", message: "is not a regular file" });
    } else {
      const read = await readOne(root, file);
      if (read.kind === "bytes") segments.push(parseSegment({ path: file, bytes: read.bytes }, ticket));
      else problems.push({ file, kind: "unreadable", message: read.why });
    }
  }
  return { segments, problems };
}

/** The sealed segments: how many, and those that no other one follows. */
export function heads(segments: readonly Segment[]): Anchor {
  const sealed = segments.filter(isComplete);
  const followed = new Set(sealed.flatMap((segment) => segment.parents));
  const all = new Set(sealed.map((segment) => segment.head).filter((head) => head !== null));
  return { count: sealed.length, heads: [...all].filter((head) => !followed.has(head)).sort() };
}

/** The lines of one segment in the making: position and hash of the line before. */
export type Chain = {
  next(record: Pick<EvidenceRecord, "ts" | "type" | "actor" | "data">): string;
  /** Hex hash of the last line, and how many there are. */
  last(): { hash: string; count: number };
};

/** Continues after `lines`, which must be the segment's lines so far. */
export function startChain(
  place: { ticket: string; run: string },
  after: { lastLine: string; count: number } | null = null,
): Chain {
  let hash = after === null ? null : lineHash(after.lastLine);
  let count = after?.count ?? 0;
  return {
    next(record) {
      const prev = hash === null ? null : toLink(hash);
      const full: EvidenceRecord = { v: 1, seq: count, prev, ...place, ...record };
      const line = canonicalJson(full);
      if (Buffer.byteLength(line) > maxLineBytes) {
        throw new NimrodError(
          "failed",
          `a ${record.type} record is over ${maxLineBytes} bytes; nothing was written`,
        );
      }
      hash = lineHash(line);
      count += 1;
      return line;
    },
    last: () => ({ hash: hash ?? "", count }),
  };
}

/** The two lines that end a segment. */
export function sealLines(
  chain: Chain,
  key: SealKey,
  end: { verdict: string; tree: string | null; ts: string },
): { lines: [string, string]; head: string; count: number } {
  const { count } = chain.last();
  const data = { count, verdict: end.verdict, tree: end.tree };
  const seal = chain.next({ ts: end.ts, type: "seal", actor: "nimrod", data });
  return { lines: [seal, signLine(chain, key, end.ts)], head: lineHash(seal), count };
}

/** The last line: the key's signature over the seal that the chain ends in. */
export function signLine(chain: Chain, key: SealKey, ts: string): string {
  const head = chain.last().hash;
  const sig = key.sign(sealMessage(head));
  return chain.next({
    ts,
    type: "sig",
    actor: "nimrod",
    data: { over: toLink(head), alg: "ed25519", key: key.fingerprint, sig },
  });
}

function segmentWriter(
  path: string,
  file: Appender,
  { chain, options }: { chain: Chain; options: OpenSegmentOptions },
): OpenSegment {
  const { redact, clock, key } = options;
  let state: "open" | "failed" | "sealed" = "open";
  let queue: Promise<unknown> = Promise.resolve();

  // Hash and write are one step of the queue: a line's hash is of the line that is really before it.
  const enqueue = <T>(work: () => Promise<T>): Promise<T> => {
    const done = queue.then(async () => {
      if (state !== "open")
        throw new NimrodError("failed", `${path} is ${state}; nothing can be added to it`);
      try {
        return await work();
      } catch (error) {
        state = "failed";
        await file.close();
        throw error;
      }
    });
    queue = done.catch(() => undefined); // told to the caller of this call
    return done;
  };

  return {
    path,
    append: (record) =>
      enqueue(async () => {
        const data = redactDeep(record.data, redact);
        const actor = redactDeep(record.actor, redact);
        await file.append(chain.next({ ts: rfc3339(clock.now()), type: record.type, actor, data }));
      }),
    seal: (end) =>
      enqueue(async () => {
        const verdict = redactDeep(end.verdict, redact);
        const sealed = sealLines(chain, key, { verdict, tree: end.tree, ts: rfc3339(clock.now()) });
        for (const line of sealed.lines) await file.append(line);
        state = "sealed";
        await file.close();
        await remember(options, sealed.head);
        return { head: sealed.head, count: sealed.count };
      }),
  };
}

/** Tells the witness of a new head, if there is one. */
export async function remember(
  { witness, clock, ticket }: { witness?: WitnessPlace; clock: Clock; ticket: string },
  head: string,
): Promise<void> {
  if (witness === undefined) return;
  await recordHead(witness, { ts: rfc3339(clock.now()), ticket, head });
}

async function readOne(
  root: string,
  file: string,
): Promise<{ kind: "bytes"; bytes: Uint8Array } | { kind: "unreadable"; why: string }> {
  try {
    return { kind: "bytes", bytes: await readFileBounded(join(root, file), { maxBytes: maxSegmentBytes }) };
  } catch (error) {
    if (error instanceof NimrodError) return { kind: "unreadable", why: error.message };
    throw error;
  }
}
