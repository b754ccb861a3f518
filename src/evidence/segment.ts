import { z } from "zod";
import { canonicalJson } from "../platform/digest.ts";
import { lineHash, toLink } from "./chain.ts";
import type { Problem, ProblemKind } from "./problems.ts";
import { type EvidenceRecord, type RecordType, recordTypes } from "./record.ts";

/** One segment file as read. Everything is told from the bytes alone; signatures and parents come later. */
export type Segment = {
  /** Relative to the project root. */
  path: string;
  run: string | null;
  /** From the file's name. */
  pass: string;
  /** The lines that are records, in order. */
  records: EvidenceRecord[];
  /** Hex hash of the seal line; null without one. */
  head: string | null;
  /** Hex hashes of the segments it follows. */
  parents: string[];
  seal: { count: number; verdict: string; tree: string | null } | null;
  signature: { key: string; sig: string } | null;
  /** Bytes up to the end of the last complete line. */
  completeBytes: number;
  totalBytes: number;
  problems: Problem[];
};

/** Where a person would stop reading anyway; a hostile file can hold millions. */
const maxProblems = 20;

const link = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const recordSchema = z.strictObject({
  v: z.literal(1),
  seq: z.int().min(0),
  prev: link.nullable(),
  ts: z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/),
  ticket: z.string(),
  run: z.string(),
  type: z.string(),
  actor: z.string(),
  data: z.record(z.string(), z.unknown()),
});
const openSchema = z.looseObject({ segment: z.string(), parents: z.array(link) });
const sealSchema = z.strictObject({
  count: z.int().min(0),
  verdict: z.string(),
  tree: z.string().nullable(),
});
const sigSchema = z.strictObject({
  over: link,
  alg: z.literal("ed25519"),
  key: z.string().regex(/^[0-9a-f]{32}$/),
  sig: z.string(),
});

/** Reads a segment's bytes. Never throws: what is wrong is in `problems`, the rest is still told. */
export function parseSegment(file: { path: string; bytes: Uint8Array }, ticket: string): Segment {
  const name = file.path.slice(file.path.lastIndexOf("/") + 1).replace(/\.jsonl$/, "");
  const segment: Segment = {
    path: file.path,
    run: null,
    pass: name.slice(27),
    records: [],
    head: null,
    parents: [],
    seal: null,
    signature: null,
    completeBytes: file.bytes.lastIndexOf(0x0a) + 1,
    totalBytes: file.bytes.length,
    problems: [],
  };
  const text = decode(file.bytes.subarray(0, segment.completeBytes));
  if (text === null) {
    report(segment, "not-utf8", "is not UTF-8 text, or starts with a byte order mark");
    return segment;
  }
  const lines = text === "" ? [] : text.slice(0, -1).split("\n");
  const reader = { segment, ticket, name, previousLine: null as string | null, nextSeq: 0 };
  lines.forEach((line, index) => {
    readLine(reader, line, index + 1);
    reader.previousLine = line;
  });
  if (segment.completeBytes < segment.totalBytes) {
    const bytes = segment.totalBytes - segment.completeBytes;
    report(segment, "torn", `ends in ${bytes} bytes of an incomplete line`, lines.length + 1);
  }
  return segment;
}

/** Sealed and signed, as far as the file itself tells. */
export function isComplete(segment: Segment): boolean {
  return segment.seal !== null && segment.signature !== null;
}

type Reader = {
  segment: Segment;
  ticket: string;
  name: string;
  previousLine: string | null;
  nextSeq: number;
};

function readLine(reader: Reader, line: string, at: number): void {
  const { segment } = reader;
  if (line.includes("\r")) report(segment, "line-ending", "holds a carriage return", at);
  const record = parseRecord(segment, line, at);
  if (record === null) return;
  checkPlace(reader, record, at);
  segment.records.push(record);
  if (record.type === "open") readOpen(reader, record, at);
  if (record.type === "seal") readSeal(reader, record, { line, at });
  if (record.type === "sig") readSig(reader, record, at);
}

function parseRecord(segment: Segment, line: string, at: number): EvidenceRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    report(segment, "not-json", "is not JSON", at);
    return null;
  }
  if (!isCanonical(value, line)) report(segment, "not-canonical", "is not in canonical form", at);
  const read = recordSchema.safeParse(value);
  if (!read.success) {
    report(segment, "shape", firstIssue(read.error), at);
    return null;
  }
  const { type } = read.data;
  if (!isRecordType(type)) {
    report(segment, "unknown-type", `has type ${JSON.stringify(type.slice(0, 40))}`, at);
    return null;
  }
  return { ...read.data, type };
}

function checkPlace(reader: Reader, record: EvidenceRecord, at: number): void {
  const { segment, ticket, previousLine, nextSeq } = reader;
  const prev = previousLine === null ? null : toLink(lineHash(previousLine));
  if (record.prev !== prev) report(segment, "chain", "does not carry the hash of the line before it", at);
  if (record.seq !== nextSeq) report(segment, "seq", `is record ${record.seq} where ${nextSeq} belongs`, at);
  // Later lines are compared with this one: a deletion is told once, where it is.
  reader.nextSeq = record.seq + 1;
  if (record.ticket !== ticket) {
    report(segment, "wrong-ticket", `belongs to ${JSON.stringify(record.ticket.slice(0, 80))}`, at);
  }
  segment.run ??= record.run;
  if (record.run !== segment.run)
    report(segment, "wrong-run", "belongs to another run than the first line", at);
  const afterEnd = segment.signature !== null || (segment.seal !== null && record.type !== "sig");
  if (
    afterEnd ||
    (at === 1) !== (record.type === "open") ||
    (record.type === "sig" && segment.seal === null)
  ) {
    report(segment, "order", `has a record of type ${record.type} where none can be`, at);
  }
}

function readOpen({ segment, name }: Reader, record: EvidenceRecord, at: number): void {
  const read = openSchema.safeParse(record.data);
  if (!read.success) {
    report(segment, "shape", `data: ${firstIssue(read.error)}`, at);
    return;
  }
  segment.parents = read.data.parents.map((parent) => parent.slice("sha256:".length));
  if (read.data.segment !== name) report(segment, "file-name", "was written under another file name", at);
}

function readSeal(
  { segment }: Reader,
  record: EvidenceRecord,
  { line, at }: { line: string; at: number },
): void {
  const read = sealSchema.safeParse(record.data);
  if (!read.success) {
    report(segment, "shape", `data: ${firstIssue(read.error)}`, at);
    return;
  }
  segment.head = lineHash(line);
  segment.seal = read.data;
  if (read.data.count !== at - 1) {
    report(segment, "seal-count", `counts ${read.data.count} records; there are ${at - 1}`, at);
  }
}

function readSig({ segment }: Reader, record: EvidenceRecord, at: number): void {
  const read = sigSchema.safeParse(record.data);
  if (!read.success) {
    report(segment, "shape", `data: ${firstIssue(read.error)}`, at);
    return;
  }
  segment.signature = { key: read.data.key, sig: read.data.sig };
  // The signature covers the seal line, not its own: all else that this line says is fixed by the seal.
  const seal = segment.records.find((candidate) => candidate.type === "seal");
  const fixed = read.data.over === record.prev && record.ts === seal?.ts && record.actor === seal.actor;
  if (!fixed) report(segment, "signature", "names another seal, time or actor than the line before it", at);
}

function report(segment: Segment, kind: ProblemKind, message: string, line?: number): void {
  if (segment.problems.length > maxProblems) return;
  const full = segment.problems.length === maxProblems;
  segment.problems.push({
    file: segment.path,
    ...(line === undefined ? {} : { line }),
    kind,
    message: full ? `${message}; further problems of this file are not listed` : message,
  });
}

function decode(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.startsWith("\uFEFF") ? null : text;
  } catch {
    return null; // reported as not-utf8
  }
}

function isCanonical(value: unknown, line: string): boolean {
  try {
    return canonicalJson(value) === line;
  } catch {
    return false; // a lone surrogate written as an escape has no canonical form
  }
}

function isRecordType(type: string): type is RecordType {
  return recordTypes.some((known) => known === type);
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return "does not fit";
  return issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`;
}
