import { type Anchor, parseAnchor, parseTrailer } from "./anchor.ts";
import { sealMessage } from "./chain.ts";
import { isSignedBy, type PublicKey, readRepositoryKeys } from "./keys.ts";
import { heads, readSegments } from "./ledger.ts";
import { evidenceFolder } from "./place.ts";
import type { Problem } from "./problems.ts";
import { isComplete, type Segment } from "./segment.ts";
import type { WitnessEntry } from "./witness.ts";

/** What the evidence is held against. None of it comes from the evidence folder itself. */
export type Expectations = {
  ticket: string;
  /** The ticket's `evidence` field; null when it has none. */
  anchor: string | null;
  /** Where that field stands, for messages. */
  ticketPath?: string;
  /** Values of the `Nimrod-Evidence` trailers of landing commits; those of other tickets are passed over. */
  trailers: readonly string[];
  /** What this machine has seen sealed. */
  witness: readonly WitnessEntry[];
  /** The machine's own public key, and those that the operator trusts. */
  trustedKeys: readonly PublicKey[];
  /** Paths of segments that a live run is writing: they may be open, and the anchor may be behind. */
  live?: readonly string[];
};

type SegmentReport = {
  file: string;
  run: string | null;
  pass: string;
  records: number;
  /** Hex hash of the seal line. */
  head: string | null;
  verdict: string | null;
  tree: string | null;
  /** Fingerprint of the key that sealed it. */
  key: string | null;
  /** RFC 3339; from the records, so no better than the machine's clock. */
  opened: string | null;
  state: "sealed" | "live" | "bad";
};

export type VerifyResult = {
  ok: boolean;
  count: number;
  heads: string[];
  segments: SegmentReport[];
  problems: Problem[];
};

/** Reads a ticket's evidence and checks it, offline. A problem is a value; only a linked folder throws (`broken`). */
export async function verifyEvidence(request: Expectations & { root: string }): Promise<VerifyResult> {
  const read = await readSegments(request.root, request.ticket);
  const repository = await readRepositoryKeys(request.root);
  return checkEvidence({ ...read, repositoryKeys: repository.keys }, request, repository.problems);
}

/** The pure part of `verifyEvidence`. */
function checkEvidence(
  evidence: {
    segments: readonly Segment[];
    problems: readonly Problem[];
    repositoryKeys: readonly PublicKey[];
  },
  expected: Expectations,
  keyProblems: readonly Problem[] = [],
): VerifyResult {
  const { segments } = evidence;
  const live = new Set(expected.live ?? []);
  const keys = { trusted: expected.trustedKeys, repository: evidence.repositoryKeys };
  const perSegment = segments.map((segment) =>
    live.has(segment.path) && !isComplete(segment)
      ? liveProblems(segment)
      : [...segment.problems, ...sealProblems(segment, keys)],
  );
  const known = new Map(
    segments.flatMap((segment) => (segment.head === null ? [] : [[segment.head, segment]])),
  );
  const problems = [
    ...keyProblems,
    ...evidence.problems,
    ...perSegment.flat(),
    ...parentProblems(segments, known),
    ...anchorProblems(expected, segments, known),
    ...trailerProblems(expected, known),
    ...witnessProblems(expected, known),
  ];
  const reports = segments.map((segment, index) =>
    toReport(segment, (perSegment[index] ?? []).length > 0 ? "bad" : isComplete(segment) ? "sealed" : "live"),
  );
  return { ok: problems.length === 0, ...heads(segments), segments: reports, problems };
}

type Known = ReadonlyMap<string, Segment>;

// Its writer may be in the middle of a line.
function liveProblems(segment: Segment): Problem[] {
  return segment.problems.filter((problem) => problem.kind !== "torn");
}

function sealProblems(
  segment: Segment,
  keys: { trusted: readonly PublicKey[]; repository: readonly PublicKey[] },
): Problem[] {
  const { path: file, head, signature } = segment;
  const line = segment.records.length;
  if (head === null || signature === null) {
    const what = head === null ? "no seal" : "a seal without a signature";
    return [
      {
        file,
        line,
        kind: "unsealed",
        message: `has ${what}; if its run was cut off, nimrod resume seals it`,
      },
    ];
  }
  const trusted = keys.trusted.find((key) => key.fingerprint === signature.key);
  const key = trusted ?? keys.repository.find((candidate) => candidate.fingerprint === signature.key);
  if (key === undefined) {
    return [
      {
        file,
        line,
        kind: "unknown-key",
        message: `is sealed by key ${signature.key}, which is not known here`,
      },
    ];
  }
  if (!isSignedBy(key, sealMessage(head), signature.sig)) {
    return [
      {
        file,
        line,
        kind: "signature",
        message: `the signature of key ${key.fingerprint} does not fit the seal`,
      },
    ];
  }
  if (trusted !== undefined) return [];
  const message = `is sealed by key ${key.fingerprint}, which only the repository vouches for`;
  return [{ file, line, kind: "untrusted-key", message }];
}

function parentProblems(segments: readonly Segment[], known: Known): Problem[] {
  return segments.flatMap((segment) =>
    segment.parents
      .filter((parent) => !known.has(parent))
      .map((parent): Problem => {
        const message = `follows segment ${short(parent)}, which is not there or was changed`;
        return { file: segment.path, line: 1, kind: "missing-parent", message };
      }),
  );
}

function anchorProblems(expected: Expectations, segments: readonly Segment[], known: Known): Problem[] {
  const file = expected.ticketPath ?? evidenceFolder(expected.ticket);
  const problem = (message: string): Problem => ({ file, kind: "anchor", message });
  const now = heads(segments);
  const isLive = (expected.live ?? []).length > 0;
  if (expected.anchor === null) {
    if (now.count === 0 || isLive) return [];
    return [problem(`has no evidence field, but there are ${now.count} sealed segments`)];
  }
  const anchor = parseAnchor(expected.anchor);
  if (anchor === null) return [problem("has an evidence field that is not `<number> <head>[,<head>…]`")];
  const misfits = misfitsOf(anchor, known);
  if (misfits.length > 0) return misfits.map((misfit) => problem(`the evidence field ${misfit}`));
  // Between a seal and the write of the ticket a live run's anchor is one behind; without a run it never is.
  if (isLive || now.heads.join() === anchor.heads.join()) return [];
  const extra = now.count - anchor.count;
  return [
    problem(`the evidence field does not know of ${extra} sealed ${extra === 1 ? "segment" : "segments"}`),
  ];
}

function trailerProblems(expected: Expectations, known: Known): Problem[] {
  return expected.trailers.flatMap((text): Problem[] => {
    const file = evidenceFolder(expected.ticket);
    const trailer = parseTrailer(text);
    if (trailer === null) {
      const shown = JSON.stringify(text.slice(0, 100));
      return [{ file, kind: "trailer", message: `the trailer Nimrod-Evidence: ${shown} cannot be read` }];
    }
    if (trailer.ticket !== expected.ticket) return [];
    return misfitsOf(trailer.anchor, known).map((misfit) => {
      return { file, kind: "trailer", message: `the trailer of a landing commit ${misfit}` };
    });
  });
}

function witnessProblems(expected: Expectations, known: Known): Problem[] {
  const missing = expected.witness.filter(
    (entry) => entry.ticket === expected.ticket && !known.has(entry.head),
  );
  const byHead = new Map(missing.map((entry) => [entry.head, entry]));
  return [...byHead.values()].map((entry) => ({
    file: evidenceFolder(expected.ticket),
    kind: "witness",
    message: `segment ${short(entry.head)}, which this machine saw sealed at ${entry.ts}, is not there`,
  }));
}

/** Does the anchor name segments that are there, and as many as it says? Later segments are no misfit. */
function misfitsOf(anchor: Anchor, known: Known): string[] {
  const missing = anchor.heads.filter((head) => !known.has(head));
  if (missing.length > 0) {
    return missing.map((head) => `names segment ${short(head)}, which is not there or was changed`);
  }
  const reached = reachableFrom(anchor.heads, known);
  return reached === anchor.count
    ? []
    : [`counts ${anchor.count} segments, but its heads stand for ${reached}`];
}

function reachableFrom(start: readonly string[], known: Known): number {
  const seen = new Set<string>();
  const todo = [...start];
  for (let head = todo.pop(); head !== undefined; head = todo.pop()) {
    const segment = known.get(head);
    if (segment === undefined || seen.has(head)) continue;
    seen.add(head);
    todo.push(...segment.parents);
  }
  return seen.size;
}

function toReport(segment: Segment, state: SegmentReport["state"]): SegmentReport {
  return {
    file: segment.path,
    run: segment.run,
    pass: segment.pass,
    records: segment.records.length,
    head: segment.head,
    verdict: segment.seal?.verdict ?? null,
    tree: segment.seal?.tree ?? null,
    key: segment.signature?.key ?? null,
    opened: segment.records[0]?.ts ?? null,
    state,
  };
}

function short(head: string): string {
  return head.slice(0, 12);
}
