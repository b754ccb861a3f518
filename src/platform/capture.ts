import { createHash } from "node:crypto";

export type Captured = {
  /** Head and tail, with a visible mark where bytes were left out. Invalid UTF-8 shows as U+FFFD. */
  text: string;
  /** How many bytes really came, kept or not. */
  bytes: number;
  /** Hex SHA-256 of all of them. */
  sha256: string;
  truncated: boolean;
};

export type Capture = { push(chunk: Buffer): void; bytes(): number; text(): string; done(): Captured };

/** Takes a stream of any length in bounded memory: keeps the first and the last `maxBytes / 2` bytes. */
export function startCapture(maxBytes: number): Capture {
  const hash = createHash("sha256");
  const headLimit = Math.ceil(maxBytes / 2);
  const tailLimit = maxBytes - headLimit;
  const head: Buffer[] = [];
  let headBytes = 0;
  // A ring, made at the first byte past the head: a flood must not make garbage faster than it is collected.
  let ring = Buffer.alloc(0);
  let ringEnd = 0;
  let tailBytes = 0;
  let total = 0;

  const keepTail = (chunk: Buffer): void => {
    if (tailLimit === 0) return;
    if (ring.length === 0) ring = Buffer.allocUnsafeSlow(tailLimit);
    const part = chunk.length > tailLimit ? chunk.subarray(chunk.length - tailLimit) : chunk;
    const fits = part.copy(ring, ringEnd);
    if (fits < part.length) part.copy(ring, 0, fits);
    ringEnd = (ringEnd + part.length) % tailLimit;
    tailBytes += chunk.length;
  };
  const tail = (): Buffer =>
    tailBytes < tailLimit
      ? ring.subarray(0, tailBytes)
      : Buffer.concat([ring.subarray(ringEnd), ring.subarray(0, ringEnd)]);

  const text = (): string => {
    const first = Buffer.concat(head);
    const last = tail();
    const cut = total - first.length - last.length;
    if (cut === 0) return decode(Buffer.concat([first, last]));
    const before = decode(first.subarray(0, endOfWholeCharacters(first)));
    const after = decode(last.subarray(startOfWholeCharacters(last)));
    return `${before}\n[… ${cut} bytes cut …]\n${after}`;
  };

  return {
    push(chunk) {
      hash.update(chunk);
      total += chunk.length;
      const forHead = Math.min(headLimit - headBytes, chunk.length);
      if (forHead > 0) {
        // A copy: a slice would hold on to the whole pooled chunk.
        head.push(Buffer.from(chunk.subarray(0, forHead)));
        headBytes += forHead;
      }
      if (forHead < chunk.length) keepTail(chunk.subarray(Math.max(forHead, 0)));
    },
    bytes: () => total,
    text,
    done: () => ({ text: text(), bytes: total, sha256: hash.digest("hex"), truncated: total > maxBytes }),
  };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

// The cut must not make valid text look invalid: a character that it split is left out on both sides.
function endOfWholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needs > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

function startOfWholeCharacters(bytes: Buffer): number {
  let start = 0;
  while (start < Math.min(3, bytes.length) && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return start;
}
