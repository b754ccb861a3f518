import { sha256 } from "../platform/digest.ts";

/** The first line of everything that is hashed for evidence: a hash of one thing never stands for another. */
const lineDomain = "nimrod/evidence/v1";
const sealDomain = "nimrod/evidence/v1/seal";

/** Far above what bounded outputs and results give; the reader refuses more, so the writer does too. */
export const maxLineBytes = 16 * 1024 * 1024;
export const maxSegmentBytes = 256 * 1024 * 1024;

/** Lower-case hex of a line as it stands in the file, without its line feed. A head is this, of the seal line. */
export function lineHash(line: string): string {
  return sha256(`${lineDomain}\n${line}`);
}

/** How a hash is written inside a record: `sha256:<hex>`. */
export function toLink(hash: string): string {
  return `sha256:${hash}`;
}

/** What the key signs: the head, in a domain of its own, so that no other signature of the key fits. */
export function sealMessage(head: string): string {
  return `${sealDomain}\n${toLink(head)}`;
}
