import { setTimeout as sleep } from "node:timers/promises";
import { type Bindings, boundOf, foldJournal, type StepName } from "./facts.ts";
import type { Journal } from "./journal.ts";
import type { Ports } from "./ports.ts";
import { pauseBefore } from "./retry.ts";
import type { PassEnd } from "./run-pass.ts";

/**
 * Attempts of one pass. Each is a pass of its own: new process, nonce, money and evidence. They are counted in the
 * journal, so that a kill between two of them does not start the count anew; a person who resumes a failed run does.
 */
export async function withTries(
  {
    ports,
    journal,
    now,
    step,
  }: {
    ports: Pick<Ports, "limits" | "progress" | "signal">;
    journal: Journal;
    now: Bindings;
    step: StepName;
  },
  attempt: () => Promise<PassEnd>,
): Promise<PassEnd> {
  const bound = boundOf(step, foldJournal(journal.records, now), now);
  const { limits, signal } = ports;
  for (;;) {
    const end = await attempt();
    if (end.kind !== "failed") return end;
    const { reason, message } = end;
    const { tries } = foldJournal(journal.records, now);
    const failed = (tries?.step === step && tries.bound === bound ? tries.failed : 0) + 1;
    const seconds = pauseBefore(reason, failed, limits);
    if (seconds === null)
      return failed === 1 ? end : { ...end, message: `${message} (attempt ${failed} of ${limits.tries})` };
    await journal.append({ type: "retry", step, bound, reason, message, failed });
    const text = `${reason}: ${firstLine(message)}: try ${failed + 1} of ${limits.tries} in ${seconds} s`;
    ports.progress({ kind: "note", text });
    const slept = await sleep(seconds * 1000, true, { signal }).catch(() => false);
    if (!slept || signal.aborted) return { kind: "cancelled" };
  }
}

function firstLine(text: string): string {
  return text.split("\n")[0]?.slice(0, 200) ?? "";
}
