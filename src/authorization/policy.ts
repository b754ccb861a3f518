import { digestOf } from "../platform/digest.ts";
import { stricter, type Tier } from "./action.ts";
import type { ClassifyContext } from "./context.ts";
import { type Finding, finding } from "./effects/finding.ts";
import type { Judged } from "./effects/judge-command.ts";
import { hostsIn, matchesHost, matchesRule } from "./policy/match.ts";
import type { Policy } from "./policy/schema.ts";
import { holdsAt } from "./policy/windows.ts";

/**
 * The operator's own rules. They come after the tables; what they may make laxer is in policy/lower.ts and standing.ts.
 * How the file is read is in policy/parse.ts: judging a command loads no schemas.
 */

export type { Policy } from "./policy/schema.ts";

export const defaultPolicy: Policy = {
  version: 1,
  brief: "assume",
  rules: [],
  egress: [],
  hosts: {},
  windows: {},
  resources: {},
  standing: [],
};

/** Changes with every rule, so that an approval given under another policy is void. */
export function policyDigest(policy: Policy): string {
  const { untrusted, ...written } = policy;
  return digestOf("nimrod/policy/v1", written);
}

/** May the network be opened to this host? */
export function allowsEgress(policy: Policy, host: string): boolean {
  return matchesHost(policy.egress, host, policy.hosts);
}

/** What the policy adds to the findings of the tables. It only ever adds. */
export function applyPolicy(policy: Policy, judged: Judged, context: ClassifyContext): Judged {
  if (policy.rules.length === 0 && Object.keys(policy.hosts).length === 0) return judged;
  const raised = [...raisedByRules(policy, judged, context), ...raisedByHosts(policy, judged)];
  const strongest = raised.reduce<Finding | null>(
    (best, each) => (best === null || stricter(best.tier, each.tier) !== best.tier ? each : best),
    null,
  );
  return strongest === null ? judged : { ...judged, findings: [...judged.findings, strongest] };
}

function raisedByRules(policy: Policy, judged: Judged, context: ClassifyContext): Finding[] {
  const now = context.now?.() ?? null;
  return policy.rules.flatMap((rule, index) => {
    // A rule whose time nobody can tell raises all the same.
    if (rule.tier === "none" || holdsAt(rule, policy.windows, now) === false) return [];
    if (!matchesRule(rule, judged, context, policy)) return [];
    return [finding(rule.tier, `policy.${index + 1}`, rule.reason ?? "the policy says so", [])];
  });
}

function raisedByHosts(policy: Policy, judged: Judged): Finding[] {
  const stricterHosts = Object.entries(policy.hosts).filter(([, host]) => host.tier !== undefined);
  if (stricterHosts.length === 0) return [];
  const named = judged.findings.flatMap(hostsIn);
  return stricterHosts.flatMap(([name, host]) => {
    const met = named.find((each) => matchesHost([name], each, policy.hosts));
    const tier: Tier | undefined = host.tier;
    if (met === undefined || tier === undefined) return [];
    return [finding(tier, `policy.hosts.${name}`, `talks to ${met}`, [])];
  });
}
