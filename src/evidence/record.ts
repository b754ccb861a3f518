/** The lines of an evidence segment. See docs/evidence.md; format after in-toto and signed notes, kept smaller. */

export const recordTypes = [
  "open",
  "prompt", // what the pass saw: manifest and its hash
  "action", // one action, the gate's decision on it, and the approval it used
  "outcome", // what performing it gave
  "result", // the object the agent submitted
  "check", // Nimrod's own run of a verification
  "note", // a fact of the run: parked, answered, landed, rolled back
  "seal",
  "sig",
] as const;
export type RecordType = (typeof recordTypes)[number];

export type EvidenceRecord = {
  v: 1;
  /** 0-based position in the segment. */
  seq: number;
  /** `sha256:<hex>` of the previous line; null for the first. */
  prev: string | null;
  /** RFC 3339 UTC. */
  ts: string;
  ticket: string;
  run: string;
  type: RecordType;
  /** `nimrod`, `agent:<name>` or `person:<key fingerprint>`. */
  actor: string;
  data: Record<string, unknown>;
};

/** What a caller gives; the ledger adds chain, time and place. */
export type NewRecord = {
  type: Exclude<RecordType, "open" | "seal" | "sig">;
  actor: string;
  data: Record<string, unknown>;
};
