import type { ActionOutcome, AgentAction, FailureReason } from "../adapter.ts";

/** The same action with the same outcome this often in a row: nothing will change any more. */
const stuckAfter = 5;
/** A denied action stays denied; an agent that sends it a third time is not going to do anything else. */
const deniedLimit = 3;

type Verdict = { reason: FailureReason; message: string };

/**
 * Notices an agent that goes round in circles: told each round's actions and outcomes, it says when to stop.
 * Outcomes that differ, as in honest polling, start the count anew.
 */
export function watchForCircles(): (actions: AgentAction[], outcomes: ActionOutcome[]) => Verdict | null {
  let last = "";
  let lastRound = "";
  let same = 0;
  let sameRounds = 0;
  const denials = new Map<string, number>();
  return (actions, outcomes) => {
    for (const [index, outcome] of outcomes.entries()) {
      const action = JSON.stringify(actions[index]);
      const now = `${action}\n${JSON.stringify(outcome)}`;
      same = now === last ? same + 1 : 1;
      last = now;
      if (same >= stuckAfter)
        return { reason: "stuck", message: `the same action had the same outcome ${same} times in a row` };
      if (outcome.status !== "denied") continue;
      const times = (denials.get(action) ?? 0) + 1;
      denials.set(action, times);
      if (times >= deniedLimit) {
        const message = `a denied action was sent ${times} times: ${outcome.reason ?? ""}`;
        return { reason: "policy", message };
      }
    }
    const round = JSON.stringify([actions, outcomes]);
    sameRounds = round === lastRound ? sameRounds + 1 : 1;
    lastRound = round;
    return sameRounds >= stuckAfter
      ? { reason: "stuck", message: `${sameRounds} rounds in a row were the same` }
      : null;
  };
}
