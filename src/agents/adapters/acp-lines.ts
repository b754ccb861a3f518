import type { LineProcess } from "../../platform/exec.ts";
import type { PassRequest } from "../adapter.ts";
import { type Failure, failed } from "./ending.ts";
import type { PassClocks } from "./pass-clocks.ts";

export type LinesEnd =
  | Failure
  | { kind: "cancelled" }
  /** The process closed its output. */
  | { kind: "eof" };

/** Agrees with what a line queue buffers. */
const largestMessage = 4 * 1024 * 1024 - 1;
/** All that an agent says in one pass, in messages of the largest size: what a library may have to hold. */
const messages = 64;

/**
 * A process as the pair of byte streams that protocol libraries want, under the clocks of the pass. It is read at the
 * agent's pace whoever waits for what, so that a library that waits for its own write cannot stop the clocks; limits
 * bound what may be unread. `ended` settles once and never rejects; the output is closed then.
 */
export function streamsOf(
  child: LineProcess,
  { request, clocks }: { request: Pick<PassRequest, "transcript" | "signal" | "limits">; clocks: PassClocks },
): { input: ReadableStream<Uint8Array>; output: WritableStream<Uint8Array>; ended: Promise<LinesEnd> } {
  let ended: Promise<LinesEnd> = Promise.resolve({ kind: "eof" });
  let wanted = true;
  const input = new ReadableStream<Uint8Array>({
    start(controller) {
      ended = readAll((line) => {
        if (wanted) controller.enqueue(new TextEncoder().encode(`${line}\n`));
      }).finally(() => {
        if (wanted) controller.close();
      });
    },
    cancel() {
      wanted = false;
    },
  });
  const output = new WritableStream<Uint8Array>({
    write(chunk) {
      const line = new TextDecoder().decode(chunk).trimEnd();
      request.transcript("in", line);
      // Not awaited: an agent that does not read must not stop anything here. What it means shows in its silence.
      child.write(line).catch(() => undefined);
    },
  });
  return { input, output, ended };

  async function readAll(deliver: (line: string) => void): Promise<LinesEnd> {
    const maxBytes = Math.min(request.limits.answerBytes, largestMessage);
    let total = 0;
    for (;;) {
      const said = await child.nextLine({
        ...clocks.left(),
        maxBytes,
        signal: request.signal,
      });
      switch (said.kind) {
        case "line":
          clocks.moved();
          total += said.text.length;
          request.transcript("out", said.text);
          if (total > maxBytes * messages) return flood(maxBytes * messages);
          deliver(said.text);
          break;
        case "flood":
          return flood(maxBytes);
        case "eof":
        case "cancelled":
          return { kind: said.kind };
        case "idle":
        case "timeout": {
          const late = clocks.overdue();
          if (late !== null) return failed(late.reason, late.message);
        }
      }
    }
  }
}

function flood(bytes: number): LinesEnd {
  return failed("flood", `wrote more than ${bytes} bytes`);
}
