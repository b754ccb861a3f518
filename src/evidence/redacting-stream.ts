import type { Redact } from "./redact.ts";

/** For output that arrives in pieces: a secret that two pieces share is still seen whole. */
export type RedactingStream = {
  /** What is safe to write now; often nothing. */
  write(chunk: string): string;
  /** The rest. */
  end(): string;
};

const defaultMaxPending = 256 * 1024;
const blockStart = /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
const blockEnd = /-----END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;

/**
 * Holds text back until its line, and a private key block in it, is complete. A line longer than `maxPending`
 * characters cannot be checked and is not kept; its length is said.
 */
export function createRedactingStream(redact: Redact, maxPending = defaultMaxPending): RedactingStream {
  let pending = "";
  let dropped = 0;

  const flush = (text: string): string => (text === "" ? "" : redact(text));
  const say = (): string => {
    if (dropped === 0) return "";
    const mark = `[not kept: ${dropped} characters without a line end that could be checked]`;
    dropped = 0;
    return mark;
  };

  return {
    write(chunk) {
      pending += chunk;
      let out = "";
      if (dropped > 0) {
        const lineEnd = pending.indexOf("\n");
        dropped += lineEnd === -1 ? pending.length : lineEnd;
        pending = lineEnd === -1 ? "" : pending.slice(lineEnd);
        if (lineEnd === -1) return "";
        out = say();
      }
      const safe = safeLength(pending);
      out += flush(pending.slice(0, safe));
      pending = pending.slice(safe);
      if (pending.length > maxPending) {
        dropped = pending.length;
        pending = "";
      }
      return out;
    },
    end() {
      const rest = say() + flush(pending);
      pending = "";
      return rest;
    },
  };
}

function safeLength(text: string): number {
  const lines = text.lastIndexOf("\n") + 1;
  const start = lastMatch(text, blockStart);
  if (start === -1 || lastMatch(text, blockEnd) > start) return lines;
  return Math.min(lines, start);
}

function lastMatch(text: string, pattern: RegExp): number {
  let at = -1;
  for (const match of text.matchAll(pattern)) at = match.index;
  return at;
}
