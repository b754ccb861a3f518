import type { FailureReason } from "../agents/adapter.ts";

/** Which failures may pass by themselves. Whatever else fails again in the same way, or is for a person to see. */
const pauseFactor: Partial<Record<FailureReason, number>> = {
  network: 1,
  crash: 1,
  idle: 1,
  // A vendor that says "too much" means minutes, and asking sooner makes it worse.
  quota: 12,
};

export type RetryLimits = {
  /** Attempts in all, the first one included. */
  tries: number;
  /** The pause before the second attempt; four times as long before each further one. */
  retrySeconds: number;
};

/** Seconds to wait before the next attempt; null where there is none. `failed`: attempts that came to nothing so far. */
export function pauseBefore(reason: string, failed: number, limits: RetryLimits): number | null {
  const factor = Object.hasOwn(pauseFactor, reason) ? pauseFactor[reason as FailureReason] : undefined;
  if (factor === undefined || failed >= limits.tries) return null;
  return limits.retrySeconds * factor * 4 ** (failed - 1);
}
