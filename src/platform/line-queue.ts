import { type Excuse, startChildClocks } from "./child-clocks.ts";

/** `flood`: the line is longer than allowed. Nothing after it can be trusted to be a line. */
export type LineAnswer =
  | { kind: "line"; text: string }
  | { kind: "eof" | "idle" | "timeout" | "flood" | "cancelled" };

type Limits = {
  idleMs: number;
  deadlineMs: number;
  maxBytes: number;
  excuse?: Excuse;
  signal?: AbortSignal;
};

export type LineQueue = {
  push(chunk: Buffer): void;
  /** Something moved that is no line (stderr): the silence starts anew. */
  sawActivity(): void;
  end(): void;
  next(limits: Limits): Promise<LineAnswer>;
};

/** Above this the source is paused until somebody asks for lines: 4 MiB. */
const highWater = 4 * 1024 * 1024;

/** Cuts a byte stream into lines on demand, in bounded memory and with one clock for silence and one in all. */
export function startLineQueue(source: { pause(): void; resume(): void }): LineQueue {
  let parts: Buffer[] = [];
  let size = 0;
  let lineFeeds = 0;
  let ended = false;
  let overrun = false;
  let wake: () => void = () => undefined;

  const take = (maxBytes: number): LineAnswer | null => {
    if (lineFeeds === 0) {
      if (overrun || size > maxBytes) return { kind: "flood" };
      if (!ended) return null;
      if (size === 0) return { kind: "eof" };
    }
    const all = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    const end = lineFeeds === 0 ? all.length : all.indexOf(0x0a);
    if (end > maxBytes) return { kind: "flood" };
    const rest = all.subarray(end + 1);
    parts = rest.length === 0 ? [] : [rest];
    size = rest.length;
    if (lineFeeds > 0) lineFeeds -= 1;
    if (size < highWater && !ended) source.resume();
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(all.subarray(0, end));
    return { kind: "line", text: text.endsWith("\r") ? text.slice(0, -1) : text };
  };

  return {
    push(chunk) {
      // Only a process that outlives the child gets here: its source can no longer be paused.
      if (size > highWater * 4) {
        overrun = true;
        return;
      }
      parts.push(chunk);
      size += chunk.length;
      for (const byte of chunk) if (byte === 0x0a) lineFeeds += 1;
      if (size >= highWater) source.pause();
      wake();
    },
    sawActivity: () => wake(),
    end() {
      ended = true;
      wake();
    },
    next({ idleMs, deadlineMs, maxBytes, excuse, signal }) {
      return new Promise((resolve) => {
        const settle = (answer: LineAnswer): void => {
          wake = () => undefined;
          clocks.stop();
          signal?.removeEventListener("abort", cancel);
          resolve(answer);
        };
        const cancel = (): void => settle({ kind: "cancelled" });
        const over = (which: "idle" | "timeout"): void => settle({ kind: which });
        const clocks = startChildClocks({ idleMs, wallMs: deadlineMs, excuse, over });
        signal?.addEventListener("abort", cancel, { once: true });
        wake = () => {
          clocks.moved();
          const answer = take(maxBytes);
          if (answer !== null) settle(answer);
        };
        if (signal?.aborted) cancel();
        else wake();
      });
    },
  };
}
