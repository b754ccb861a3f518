import { setTimeout as pause } from "node:timers/promises";
import type { Action } from "../authorization/action.ts";
import type { ApprovalState } from "../authorization/approvals.ts";
import { describeAction } from "../authorization/describe.ts";
import type { ActionDetails, Gate, GateAnswer } from "../authorization/gate.ts";
import type { Progress } from "./ports.ts";

/** Where a person is at the terminal: how long an approval is waited for, and what became of it. */
export type Attendance = { waitMs: number; stateOf: (approval: string) => Promise<ApprovalState> };

/** How often the folder of approvals is looked at. Nobody notices less; the disk does not notice it at all. */
const lookMs = 300;

/**
 * The gate for agents that can wait: what a person has to approve is waited for, and then decided once more, so that
 * the approval is used like any other. Parked as before where the time runs out, or the pass is ended.
 */
export function openAttendedGate(options: {
  gate: Gate;
  attendance: Attendance;
  redact: (text: string) => string;
  progress: (event: Progress) => void;
}): {
  decide: (action: Action, details: ActionDetails, signal: AbortSignal) => Promise<GateAnswer>;
  /** Milliseconds waited so far, a wait that goes on included. */
  waitedMs: () => number;
} {
  const { gate, attendance, progress, redact } = options;
  let waited = 0;
  let since: number | null = null;
  let last: Promise<unknown> = Promise.resolve();

  return {
    waitedMs: () => waited + (since === null ? 0 : performance.now() - since),
    decide(action, details, signal) {
      // One at a time: a second request of one ticket takes the place of the first.
      const answer = last.then(() => decideOne(action, details, signal));
      last = answer.catch(() => undefined);
      return answer;
    },
  };

  async function decideOne(action: Action, details: ActionDetails, signal: AbortSignal): Promise<GateAnswer> {
    const deadline = performance.now() + attendance.waitMs;
    for (;;) {
      const answer = await gate.decide(action, details);
      if (answer.kind !== "parked" || signal.aborted) return answer;
      const left = deadline - performance.now();
      if (left <= 0) return answer;
      progress({
        kind: "note",
        text: `waiting up to ${Math.ceil(left / 60_000)} min for ${answer.approval}: ${redact(describeAction(action))}; in another terminal: nimrod approve ${answer.approval}`,
      });
      progress({
        kind: "doing",
        what: `waiting for ${answer.approval}`,
        tier: "explicit",
        asked: true,
      });
      if ((await outcomeOf(answer.approval, deadline, signal)) === "none") return answer;
    }
  }

  async function outcomeOf(
    approval: string,
    deadline: number,
    signal: AbortSignal,
  ): Promise<"answered" | "none"> {
    since = performance.now();
    try {
      while (performance.now() < deadline) {
        const state = await attendance.stateOf(approval);
        if (state === "approved" || state === "denied") return "answered";
        if (state !== "pending") return "none";
        await pause(Math.min(lookMs, Math.max(1, deadline - performance.now())), undefined, { signal });
      }
      return "none";
    } catch (error) {
      if (signal.aborted) return "none";
      throw error;
    } finally {
      waited += performance.now() - since;
      since = null;
    }
  }
}
