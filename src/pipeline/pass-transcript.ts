import { canonicalJson } from "../platform/digest.ts";
import { openAppender } from "../platform/files.ts";
import type { Ports } from "./ports.ts";

/** 8 MB of one pass's talk is more than anybody reads. */
export const transcriptBytes = 8 * 1024 * 1024;

type Direction = "in" | "out" | "err";
export type WriteTranscript = (direction: Direction, text: string) => void;

/** What the pass and its agent said to each other, redacted, for `show --transcript`; never for another pass. */
export async function withTranscript<T>(
  path: string,
  ports: Pick<Ports, "redact" | "progress">,
  use: (write: WriteTranscript) => Promise<T>,
): Promise<T> {
  const file = await openAppender(path, { mode: 0o600 });
  let left = transcriptBytes;
  let queue: Promise<unknown> = Promise.resolve();
  const write: WriteTranscript = (direction, text) => {
    if (direction !== "in") ports.progress({ kind: "heard" });
    const line = canonicalJson({ direction, text: ports.redact(text.toWellFormed()) });
    const bytes = Buffer.byteLength(line) + 1;
    if (left < bytes) return;
    left -= bytes;
    // A transcript that cannot be written must not fail the pass: evidence has what counts.
    queue = queue.then(() => file.append(line)).catch(() => undefined);
  };
  try {
    return await use(write);
  } finally {
    await queue;
    await file.close();
  }
}
