import type { PassLimits, Toolbox, ToolboxSession } from "../adapter.ts";

/**
 * The clocks of one pass: until the first sign of the model, of silence, and in all. Time that Nimrod's toolbox works,
 * or a person is waited for, is no silence of the agent.
 */
export type PassClocks = {
  /** Milliseconds until a clock has to be looked at. */
  left: () => { idleMs: number; deadlineMs: number };
  /** The agent said something. */
  moved: () => void;
  /** The model said something: the start clock is off. */
  begun: () => void;
  /** Which clock ran out; null where something moved meanwhile that only the toolbox knows of. */
  overdue: () => { reason: "timeout" | "idle"; message: string } | null;
};

export function startClocks(
  limits: PassLimits,
  watched: { toolbox: Pick<Toolbox, "personMs">; session: Pick<ToolboxSession, "activity"> },
  now: () => number = () => performance.now(),
): PassClocks {
  const startedMs = now();
  let movedMs = startedMs;
  let begun = false;

  const wallLeft = (): number =>
    limits.wallSeconds * 1000 - (now() - startedMs - (watched.toolbox.personMs?.() ?? 0));
  const startLeft = (): number => {
    if (begun || watched.session.activity().calls > 0) return Number.POSITIVE_INFINITY;
    return limits.startSeconds * 1000 - (now() - startedMs);
  };
  const idleLeft = (): number => {
    const { calls, inFlight, lastMs } = watched.session.activity();
    if (inFlight > 0) return limits.idleSeconds * 1000;
    return limits.idleSeconds * 1000 - (now() - Math.max(movedMs, calls > 0 ? lastMs : 0));
  };
  const ms = (value: number): number => Math.max(1, Math.ceil(value));

  return {
    left: () => ({ idleMs: ms(idleLeft()), deadlineMs: ms(Math.min(wallLeft(), startLeft())) }),
    moved() {
      movedMs = now();
    },
    begun() {
      begun = true;
    },
    overdue() {
      const late = (reason: "timeout" | "idle", message: string) => ({ reason, message });
      if (wallLeft() <= 0) return late("timeout", `the pass took longer than ${limits.wallSeconds} s`);
      if (startLeft() <= 0)
        return late("timeout", `no sign of the model within ${limits.startSeconds} s of the start`);
      if (idleLeft() <= 0)
        return late("idle", `silent for ${limits.idleSeconds} s: no output, no call of a tool`);
      return null;
    },
  };
}
