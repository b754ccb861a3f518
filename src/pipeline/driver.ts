import { NimrodError } from "../errors.ts";
import { ulid } from "../platform/clock.ts";
import { type Bindings, boundOf, foldJournal, type RunFacts, type StepName } from "./facts.ts";
import type { Journal, Wait } from "./journal.ts";
import type { Ports } from "./ports.ts";

/** What a step came to. `done` is journaled as its outcome; the others leave the step to be done again. */
export type StepEnd =
  | { kind: "done"; value: unknown }
  | { kind: "parked"; waits: Wait[] }
  | { kind: "failed"; reason: string; message: string }
  | { kind: "cancelled" };

/**
 * The small interface that the pipeline is written against: `step` runs something once and remembers its outcome,
 * `park` stops until a person has acted. This driver remembers in the run's journal; another one could remember in a
 * database, for many machines.
 */
export type Driver = {
  facts: () => RunFacts;
  step: (name: StepName, run: () => Promise<StepEnd>) => Promise<StepEnd>;
  park: (waits: Wait[]) => Promise<void>;
};

export function journalDriver(
  journal: Journal,
  now: Bindings,
  clock: Ports["clock"],
  isHeld: () => Promise<boolean>,
): Driver {
  const facts = () => foldJournal(journal.records, now);
  const fenced = async () => {
    // A holder that was stopped and lost its claim must not write once more.
    if (!(await isHeld()))
      throw new NimrodError("busy", "this run lost its claim on the ticket; it writes nothing more");
  };
  return {
    facts,
    async step(name, run) {
      const bound = boundOf(name, facts(), now);
      await fenced();
      await journal.append({ type: "intent", step: name, bound });
      await journal.append({ type: "started", step: name, bound, attempt: ulid(clock) });
      const end = await run();
      await fenced();
      if (end.kind === "done") await journal.append({ type: "outcome", step: name, bound, value: end.value });
      if (end.kind === "failed")
        await journal.append({ type: "failed", step: name, bound, reason: end.reason, message: end.message });
      return end;
    },
    async park(waits) {
      await fenced();
      await journal.append({ type: "parked", waits, text: now.ticketText });
    },
  };
}
