/** Everything `nimrod verify` can report, with what it says about the evidence. Closed: docs/evidence.md lists it. */
export const problemKinds = {
  unreadable: "the file cannot be read: a link, a device, too large, not allowed",
  "file-name": "a file whose name is not that of a segment, or not the name its first line gives",
  "not-utf8": "bytes that are no UTF-8 text, or a byte order mark",
  "line-ending": "a carriage return: the file was rewritten by an editor or by git",
  torn: "the last line is not complete",
  "not-json": "a line that is no JSON",
  "not-canonical": "a line that says the same in other bytes: spaces, order, a duplicate key",
  shape: "a record with a missing, unknown or wrong field",
  "unknown-type": "a record of a type this version does not know",
  order: "open is not first, seal and sig are not last, or one of them is there twice",
  seq: "a record is not at the position it states: lines were removed, added or moved",
  chain: "a record does not carry the hash of the line before it",
  "wrong-ticket": "a record of another ticket",
  "wrong-run": "a record of another run",
  "seal-count": "the seal counts another number of records",
  unsealed: "the segment has no seal or no signature: cut off, or cut",
  signature: "the signature does not fit the seal",
  "unknown-key": "sealed by a key that is nowhere to be found",
  "untrusted-key": "sealed by a key that only the repository vouches for",
  "key-file": "a file in .nimrod/keys/ that does not hold the key its name gives",
  "missing-parent": "a segment follows one that is not there",
  anchor: "the ticket's evidence field does not fit the segments",
  trailer: "the trailer of a landing commit does not fit the segments",
  witness: "a segment that this machine has seen sealed is not there any more",
} as const;
export type ProblemKind = keyof typeof problemKinds;

export type Problem = {
  /** Relative to the project root, with forward slashes. */
  file: string;
  /** 1-based. */
  line?: number;
  kind: ProblemKind;
  message: string;
};

/** As every list of problems shows it. */
export function describeProblem({ file, line, message }: Problem): string {
  return `${file}${line === undefined ? "" : `:${line}`}: ${message}`;
}
