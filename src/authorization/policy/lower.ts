import type { Decision, EffectKind, EffectScope } from "../action.ts";
import type { ClassifyContext } from "../context.ts";
import type { Finding } from "../effects/finding.ts";
import type { Judged } from "../effects/judge-command.ts";
import { hostsIn, matchesCommand, matchesHost, matchesPath } from "./match.ts";
import type { Policy, Rule } from "./schema.ts";
import { holdsAt } from "./windows.ts";

/**
 * What is `brief` may be lowered to `none`: done without a word. Only that, and only these effects: whatever is not in
 * the list is below the floor, an effect that somebody adds to the tables later included.
 */
const lowerableEffects: Readonly<Partial<Record<EffectKind, readonly EffectScope[]>>> = {
  read: ["worktree", "repo", "home", "host", "none"],
  write: ["worktree", "repo", "none"],
  delete: ["worktree"],
  "execute-project": ["worktree"],
  "network-read": ["remote"],
  package: ["worktree"],
};

/** `findings` are those that the decision was made of. Nothing but a brief decision is ever changed. */
export function lower(
  policy: Policy,
  decision: Decision,
  judged: Pick<Judged, "findings" | "seen">,
  context: ClassifyContext,
): Decision {
  if (decision.tier !== "brief" || policy.untrusted === true) return decision;
  const now = context.now?.() ?? null;
  const active = policy.rules.flatMap((rule, index) =>
    rule.tier === "none" && holdsAt(rule, policy.windows, now) === true ? [{ rule, index }] : [],
  );
  if (active.length === 0) return decision;
  // The stricter rule wins: what the policy itself made brief stays so.
  if (judged.findings.some(({ rule }) => rule.startsWith("policy."))) return decision;
  if (!isLowerable(judged.findings)) return decision;
  const brief = judged.findings.filter(({ tier }) => tier === "brief");
  const covering = brief.map((each) =>
    active.find(({ rule }) => coversFinding(rule, each, judged, context, policy)),
  );
  const [first] = covering;
  if (first === undefined || covering.includes(undefined)) return decision;
  return {
    ...decision,
    tier: "none",
    lowered: "brief",
    rule: `policy.${first.index + 1}`,
    reason: `${first.rule.reason ?? "the policy says so"} (${decision.reason})`,
  };
}

/** Whether this rule alone lowers all of it: what its examples are checked by. */
export function lowersAll(
  rule: Rule,
  judged: Pick<Judged, "findings" | "seen">,
  context: ClassifyContext,
  policy: Pick<Policy, "hosts">,
): boolean {
  const brief = judged.findings.filter(({ tier }) => tier === "brief");
  const isBrief = judged.findings.every(({ tier }) => tier === "none" || tier === "brief");
  return (
    brief.length > 0 &&
    isBrief &&
    isLowerable(judged.findings) &&
    brief.every((each) => coversFinding(rule, each, judged, context, policy))
  );
}

function isLowerable(findings: readonly Finding[]): boolean {
  return findings.every(
    ({ tier, effects }) =>
      (tier === "none" || effects.length > 0) &&
      effects.every(({ kind, scope }) => lowerableEffects[kind]?.includes(scope) === true),
  );
}

/** A change of files is covered by paths; anything else by commands, and then every command of the line must be. */
function coversFinding(
  { match }: Rule,
  each: Finding,
  { findings, seen }: Pick<Judged, "findings" | "seen">,
  context: ClassifyContext,
  policy: Pick<Policy, "hosts">,
): boolean {
  const { command, path, host } = match;
  // What git keeps of its own is no file of the worktree: it is covered by the command.
  const changes = (one: Finding) =>
    one.effects.filter(({ kind, scope }) => (kind === "write" || kind === "delete") && scope !== "repo");
  const isChange = changes(each).length === each.effects.length;
  if (isChange && path === undefined) return false;
  if (!isChange && command === undefined) return false;
  const changed = findings.flatMap(changes);
  return (
    (command === undefined || (seen.length > 0 && seen.every((text) => matchesCommand(command, text)))) &&
    (path === undefined || changed.every(({ target }) => matchesPath(path, target, context))) &&
    (host === undefined ||
      findings.every((one) => {
        const hosts = hostsIn(one);
        return hosts.length === 0 || hosts.some((name) => matchesHost(host, name, policy.hosts));
      }))
  );
}
