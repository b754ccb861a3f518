import type { Decision, Effect, Tier } from "./action.ts";

/** One line of `authorize --jsonl`: these fields and no others. */
export type ExplainedDecision = { tier: Tier; rule: string; reason: string; effects: Effect[] };

export function decisionToJson(decision: Decision): ExplainedDecision {
  return {
    tier: decision.tier,
    rule: decision.rule,
    reason: decision.reason,
    effects: decision.effects.map(({ kind, target, scope }) => ({ kind, target, scope })),
  };
}

const meanings: Record<Tier, string> = {
  none: "done and recorded",
  brief: "done under a recorded assumption, or asked in one line, as the policy says",
  explicit: "needs a signed approval of exactly this action",
  deny: "never, and nothing lifts it",
};

/** The decision for a person, a line at a time. */
export function describeDecision(decision: Decision): string[] {
  return [
    `${decision.tier}: ${meanings[decision.tier]}`,
    `rule ${decision.rule}: ${decision.reason}`,
    ...decision.effects.map((effect) => `effect ${effect.kind} ${effect.target} (${effect.scope})`),
    ...(decision.vantage === "host" ? ["reads the host, outside the sandbox"] : []),
    ...(decision.needs ?? []).map((host) => `needs the network for ${host}`),
  ];
}
