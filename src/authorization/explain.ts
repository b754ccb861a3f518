import { type Action, type Decision, type Effect, type Tier, tiers } from "./action.ts";
import { classify } from "./classify.ts";
import type { ClassifyContext } from "./context.ts";
import type { Trace } from "./effects/trace.ts";
import type { Policy } from "./policy.ts";

/** One line of `authorize --jsonl`: these fields and no others. */
export type ExplainedDecision = { tier: Tier; rule: string; reason: string; effects: Effect[] };

export function decisionToJson(decision: Decision): ExplainedDecision {
  return {
    tier: decision.tier,
    rule: decision.rule,
    reason: decision.reason,
    effects: decision.effects.map(showEffect),
  };
}

/** One simple command found in an action, at whatever depth, with what the tables say of it. */
export type Part = {
  command: string;
  tier: Tier;
  rule: string;
  reason: string;
  /** What it does beside what its own parts do. */
  effects: Effect[];
  /** What it wraps, hands to a shell, or has substituted into its words. */
  parts: Part[];
};

export type Explanation = {
  decision: Decision;
  parts: Part[];
  /** Effects of the whole that no part has alone. */
  rest: Effect[];
};

export function explain(action: Action, context: ClassifyContext, policy: Policy): Explanation {
  const trace: Trace[] = [];
  const decision = classify(action, context, policy, trace);
  const parts = trace.map(partOf);
  const known = new Set(parts.flatMap(allEffects).map(keyOf));
  return { decision, parts, rest: decision.effects.filter((each) => !known.has(keyOf(each))) };
}

function partOf(trace: Trace): Part {
  const parts = trace.parts.map(partOf);
  const inner = new Set(parts.flatMap(allEffects).map(keyOf));
  const own = new Map(trace.findings.flatMap((one) => one.effects).map((each) => [keyOf(each), each]));
  const [first, ...others] = trace.findings;
  const strictest = others.reduce(
    (best, each) => (best === undefined || tiers.indexOf(each.tier) > tiers.indexOf(best.tier) ? each : best),
    first,
  );
  return {
    command: [...trace.assignments, ...trace.words, ...trace.redirects].join(" "),
    tier: strictest?.tier ?? "none",
    rule: strictest?.rule ?? "shell.empty",
    reason: strictest?.reason ?? "does nothing",
    effects: [...own].flatMap(([key, each]) => (inner.has(key) ? [] : [showEffect(each)])),
    parts,
  };
}

function allEffects(part: Part): Effect[] {
  return [...part.effects, ...part.parts.flatMap(allEffects)];
}

function showEffect({ kind, target, scope }: Effect): Effect {
  return { kind, target, scope };
}

function keyOf({ kind, target, scope }: Effect): string {
  return `${kind}\0${target}\0${scope}`;
}

const meanings: Record<Tier, string> = {
  none: "done and recorded",
  brief: "done under a recorded assumption, or asked in one line, as the policy says",
  explicit: "needs a signed approval of exactly this action",
  deny: "never, and nothing lifts it",
};

/** The decision for a person, a line at a time: the verdict, its rule, each part with its effects, a safer way. */
export function describeExplanation({ decision, parts, rest }: Explanation): string[] {
  return [
    `${decision.tier}: ${meanings[decision.tier]}`,
    `rule ${decision.rule}: ${decision.reason}`,
    ...parts.flatMap((part) => describePart(part, "")),
    ...rest.map(describeEffect),
    ...(decision.vantage === "host" ? ["reads the host, outside the sandbox"] : []),
    ...(decision.needs ?? []).map((host) => `needs the network for ${host}`),
    ...(decision.instead === undefined ? [] : [`safer: ${decision.instead}`]),
  ];
}

/** Longest command that is shown of one part; the whole of it is what was asked about. */
const shownLength = 160;

function describePart(part: Part, indent: string): string[] {
  const line = part.command.replaceAll(/\s*\n\s*/g, " ⏎ ");
  const shown = line.length > shownLength ? `${line.slice(0, shownLength)}…` : line;
  return [
    `${indent}· ${shown}: ${part.tier} by ${part.rule}`,
    ...part.effects.map((each) => `${indent}    ${describeEffect(each)}`),
    ...part.parts.flatMap((inner) => describePart(inner, `${indent}  `)),
  ];
}

function describeEffect({ kind, target, scope }: Effect): string {
  return `effect ${kind} ${target} (${scope})`;
}
