import type { Bindings, RunFacts } from "./facts.ts";
import type { Journal, Wait } from "./journal.ts";
import { askAboutDoubt } from "./next-step.ts";

/**
 * Closing and rolling back go no further while nobody knows whether an action on the host happened: the run is parked
 * with that question, and `nimrod answer` settles it.
 */
export async function parkOnDoubt(journal: Journal, facts: RunFacts, now: Bindings): Promise<Wait[] | null> {
  const doubt = facts.unfinished.find((action) => action.lasting);
  if (!doubt) return null;
  const { questions, why } = askAboutDoubt(doubt);
  const waits: Wait[] = [{ kind: "answer", questions, why }];
  await journal.append({ type: "parked", waits, text: now.ticketText });
  return waits;
}
