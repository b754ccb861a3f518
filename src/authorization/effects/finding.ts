import type { Effect, EffectKind, EffectScope, Tier } from "../action.ts";
import { stricter } from "../action.ts";

/** What one part of an action does, with the rule that says so. A decision is the strictest of its findings. */
export type Finding = {
  tier: Tier;
  rule: string;
  reason: string;
  effects: readonly Effect[];
  /** A live read of the host: it sees nothing from inside a sandbox. */
  live?: boolean;
  /** Hosts it needs the network for. */
  needs?: readonly string[];
};

export function effect(kind: EffectKind, target: string, scope: EffectScope): Effect {
  return { kind, target, scope };
}

export function finding(tier: Tier, rule: string, reason: string, effects: readonly Effect[] = []): Finding {
  return { tier, rule, reason, effects };
}

/** Harmless: no effect to report. */
export function harmless(rule: string, reason = "changes nothing"): Finding {
  return finding("none", rule, reason);
}

/** Raises every finding to at least `tier`, keeping rules of those that already are. */
export function atLeast(tier: Tier, rule: string, reason: string, findings: readonly Finding[]): Finding[] {
  return findings.map((one) =>
    stricter(one.tier, tier) === one.tier ? one : { ...one, tier, rule, reason },
  );
}
