import { basename, join } from "node:path";
import { type Clock, rfc3339 } from "../platform/clock.ts";
import { sha256 } from "../platform/digest.ts";
import {
  createExclusive,
  ensureFolder,
  moveFile,
  readFileBounded,
  sweepTemporary,
  writeAtomic,
} from "../platform/files.ts";
import { maxSegmentBytes } from "./chain.ts";
import type { SealKey } from "./keys.ts";
import { readSegments, remember, sealLines, signLine, startChain } from "./ledger.ts";
import { evidenceFolder } from "./place.ts";
import type { Problem } from "./problems.ts";
import { isComplete, type Segment } from "./segment.ts";
import type { WitnessPlace } from "./witness.ts";

export type SealCutOptions = {
  root: string;
  ticket: string;
  key: SealKey;
  clock: Clock;
  /**
   * Ids of the runs that this machine's journal knows to be cut off. Only their segments are sealed: Nimrod does
   * not sign what it finds lying in the repository.
   */
  runs: readonly string[];
  /** In the state folder: where the torn bytes go. */
  tornFolder: string;
  witness?: WitnessPlace;
};

export type CutSegment =
  | { kind: "sealed"; path: string; head: string; torn: string | null }
  /** Not even its first line was complete, so there was nothing to seal. */
  | { kind: "set-aside"; path: string; movedTo: string }
  /** Of a run that this machine did not start. */
  | { kind: "foreign"; path: string; run: string }
  /** More is wrong with it than a crash can do. */
  | { kind: "broken"; path: string; problems: Problem[] };

/**
 * Ends the segments that a crash left open: the torn tail is moved aside, a note says so, verdict `cut`. Can be
 * killed and run again at any point.
 */
export async function sealCutSegments(options: SealCutOptions): Promise<CutSegment[]> {
  await sweepTemporary(join(options.root, evidenceFolder(options.ticket)));
  const { segments } = await readSegments(options.root, options.ticket);
  const done: CutSegment[] = [];
  for (const segment of segments) {
    if (!isComplete(segment)) done.push(await sealCut(segment, options));
  }
  return done;
}

async function sealCut(segment: Segment, options: SealCutOptions): Promise<CutSegment> {
  const { path } = segment;
  if (segment.records.length === 0 && segment.completeBytes === 0) return await setAside(segment, options);
  const serious = segment.problems.filter((problem) => problem.kind !== "torn");
  if (serious.length > 0 || segment.run === null) return { kind: "broken", path, problems: serious };
  if (!options.runs.includes(segment.run)) return { kind: "foreign", path, run: segment.run };

  const bytes = await readFileBounded(join(options.root, path), { maxBytes: maxSegmentBytes });
  const torn = await keepTorn(segment, bytes, options);
  const kept = Buffer.from(bytes.subarray(0, segment.completeBytes)).toString();
  const end = endLines(segment, { kept, torn, options });
  // One write: after a kill the file is as it was, or sealed.
  await writeAtomic(join(options.root, path), `${kept}${end.lines.join("\n")}\n`, { expect: sha256(bytes) });
  await remember(options, end.head);
  return { kind: "sealed", path, head: end.head, torn: torn === null ? null : torn.path };
}

type Torn = { path: string; bytes: number; sha256: string };

function endLines(
  segment: Segment,
  { kept, torn, options }: { kept: string; torn: Torn | null; options: SealCutOptions },
): { lines: string[]; head: string } {
  const lastLine = kept.slice(kept.lastIndexOf("\n", kept.length - 2) + 1, -1);
  const place = { ticket: options.ticket, run: segment.run ?? "" };
  const chain = startChain(place, { lastLine, count: segment.records.length });
  const seal = segment.records.find((record) => record.type === "seal");
  // The seal was written and its signature was not: nothing can come between the two.
  if (seal !== undefined) return { head: chain.last().hash, lines: [signLine(chain, options.key, seal.ts)] };

  const ts = rfc3339(options.clock.now());
  const data = { what: "cut", torn: torn === null ? null : { bytes: torn.bytes, sha256: torn.sha256 } };
  const note = chain.next({ ts, type: "note", actor: "nimrod", data });
  const sealed = sealLines(chain, options.key, { verdict: "cut", tree: null, ts });
  return { head: sealed.head, lines: [note, ...sealed.lines] };
}

async function keepTorn(segment: Segment, bytes: Uint8Array, options: SealCutOptions): Promise<Torn | null> {
  if (segment.completeBytes === segment.totalBytes) return null;
  const tail = bytes.subarray(segment.completeBytes);
  const digest = sha256(tail);
  const path = tornPath(segment, digest, options);
  await ensureFolder(options.tornFolder, { mode: 0o700 });
  await createExclusive(path, tail, { mode: 0o600 }); // already there: an earlier try was killed after this line
  return { path, bytes: tail.length, sha256: digest };
}

async function setAside(segment: Segment, options: SealCutOptions): Promise<CutSegment> {
  const from = join(options.root, segment.path);
  const bytes = await readFileBounded(from, { maxBytes: maxSegmentBytes });
  const movedTo = tornPath(segment, sha256(bytes), options);
  await ensureFolder(options.tornFolder, { mode: 0o700 });
  await moveFile(from, movedTo);
  return { kind: "set-aside", path: segment.path, movedTo };
}

function tornPath(segment: Segment, digest: string, options: SealCutOptions): string {
  return join(options.tornFolder, `${options.ticket}-${basename(segment.path)}.${digest.slice(0, 8)}.torn`);
}
