import type { EvidenceRecord } from "../evidence/record.ts";
import type { Segment } from "../evidence/segment.ts";

/** A recorded revision of a criterion: what it has said since then, who said so, and why. */
export type Revision = { ac: string; text: string; by: string; reason: string; at: string };

/** Every revision in the evidence, in order. */
export function revisionsOf(segments: readonly Segment[]): Revision[] {
  return segments
    .flatMap((segment) => segment.records)
    .filter(isRevision)
    .map(({ data, ts }) => ({
      ac: String(data["ac"]),
      text: String(data["text"]),
      by: String(data["by"]),
      reason: String(data["reason"]),
      at: ts,
    }));
}

export function isRevision(record: EvidenceRecord): boolean {
  return record.type === "note" && record.data["what"] === "revised";
}
