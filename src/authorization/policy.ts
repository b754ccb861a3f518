import { isAbsolute } from "node:path";
import { z } from "zod";
import { NimrodError } from "../errors.ts";
import { digestOf } from "../platform/digest.ts";
import { stricter } from "./action.ts";
import type { ClassifyContext, Place } from "./context.ts";
import { type Finding, finding } from "./effects/finding.ts";
import { type Judged, judgeScript } from "./effects/judge-command.ts";
import { foldPath } from "./fold-path.ts";

/** The operator's own rules. They come after the tables and can only make a decision stricter. */

const glob = z.string().min(1).max(1000);
const ruleSchema = z.strictObject({
  /** All given kinds must match; of one kind, any pattern. `*` stands for any text, in paths too. */
  match: z
    .strictObject({ command: z.array(glob).min(1).optional(), path: z.array(glob).min(1).optional() })
    .refine((match) => match.command !== undefined || match.path !== undefined, "needs a command or a path"),
  tier: z.enum(["brief", "explicit", "deny"]),
  reason: z.string().min(1).max(500).optional(),
  /** Checked when the policy is loaded: a rule that does not do what its author thinks is a broken policy. */
  examples: z
    .strictObject({ match: z.array(z.string()).default([]), notMatch: z.array(z.string()).default([]) })
    .optional(),
});

const policySchema = z.strictObject({
  version: z.literal(1),
  /** Are brief actions done under a recorded assumption, or asked for in one line? */
  brief: z.enum(["assume", "ask"]).default("assume"),
  rules: z.array(ruleSchema).max(1000).default([]),
  /** Hosts the network may be opened to; `*.example.org` covers every name below it. */
  egress: z.array(z.string().min(1).max(253)).max(1000).default([]),
});

export type Policy = z.infer<typeof policySchema>;
type Rule = Policy["rules"][number];

export const defaultPolicy: Policy = { version: 1, brief: "assume", rules: [], egress: [] };

/** Throws NimrodError "broken", naming `where`, for anything that is not exactly a policy. */
export function parsePolicy(value: unknown, where: string): Policy {
  const parsed = policySchema.safeParse(value);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(
      (issue) => `${issue.path.map(String).join(".") || "policy"}: ${issue.message}`,
    );
    throw new NimrodError("broken", `${where}: not a valid policy: ${lines[0] ?? ""}`, {
      where,
      lines,
      hint: `edit ${where}`,
    });
  }
  const lines = parsed.data.rules.flatMap(failedExamples);
  if (lines.length > 0) {
    throw new NimrodError("broken", `${where}: an example of a rule does not hold: ${lines[0]}`, {
      where,
      lines,
      hint: `edit ${where}`,
    });
  }
  return parsed.data;
}

/** Changes with every rule, so that an approval given under another policy is void. */
export function policyDigest(policy: Policy): string {
  return digestOf("nimrod/policy/v1", policy);
}

/** May the network be opened to this host? */
export function allowsEgress(policy: Policy, host: string): boolean {
  const name = host.toLowerCase();
  return policy.egress.some((entry) => {
    const allowed = entry.toLowerCase();
    return allowed.startsWith("*.") ? name.endsWith(allowed.slice(1)) : name === allowed;
  });
}

export function applyPolicy(policy: Policy, judged: Judged, context: ClassifyContext): Judged {
  const paths = judged.findings
    .flatMap((each) => each.effects.map((effect) => effect.target))
    .filter((target) => target !== "");
  const raised = policy.rules.flatMap((rule, index): Finding[] => {
    if (!matches(rule, judged.seen, paths, context)) return [];
    return [finding(rule.tier, `policy.${index + 1}`, rule.reason ?? "the policy says so", [])];
  });
  const strongest = raised.reduce<Finding | null>(
    (best, each) => (best === null || stricter(best.tier, each.tier) !== best.tier ? each : best),
    null,
  );
  return strongest === null ? judged : { ...judged, findings: [...judged.findings, strongest] };
}

function matches(
  rule: Rule,
  commands: readonly string[],
  paths: readonly string[],
  context: ClassifyContext | null,
): boolean {
  const { command, path } = rule.match;
  const byCommand =
    command === undefined ||
    command.some((pattern) => commands.some((text) => globExpression(pattern).test(text)));
  const byPath =
    path === undefined || path.some((pattern) => paths.some((text) => matchesPath(pattern, text, context)));
  return byCommand && byPath;
}

function matchesPath(pattern: string, path: string, context: ClassifyContext | null): boolean {
  const expression = globExpression(foldPath(pattern));
  const spelled = [path, ...(context !== null && !isAbsolute(path) ? [`${context.worktree}/${path}`] : [])];
  return spelled.some((text) => expression.test(foldPath(text)));
}

function globExpression(pattern: string): RegExp {
  const parts = pattern.split(/\*+/).map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`);
}

const exampleContext: ClassifyContext = {
  worktree: "/worktree",
  role: null,
  mayWrite: true,
  sandbox: "bwrap",
  realPath: (path) => path,
  frozen: () => false,
  home: "/home/operator",
  state: "/home/operator/.local/state/nimrod",
  host: "example",
};
const examplePlace: Place = {
  context: exampleContext,
  cwds: [exampleContext.worktree],
  cwdKnown: true,
  bindings: new Map(),
};

function failedExamples(rule: Rule, index: number): string[] {
  const holds = (text: string): boolean => {
    if (rule.match.command === undefined) return matches(rule, [], [text], null);
    const judged = judgeScript(text, examplePlace);
    const paths = judged.findings.flatMap((each) => each.effects.map((effect) => effect.target));
    return matches(rule, judged.seen, paths, exampleContext);
  };
  const missed = (rule.examples?.match ?? []).filter((text) => !holds(text));
  const caught = (rule.examples?.notMatch ?? []).filter(holds);
  return [
    ...missed.map((text) => `rules.${index}: should match ${JSON.stringify(text)} and does not`),
    ...caught.map((text) => `rules.${index}: should not match ${JSON.stringify(text)} and does`),
  ];
}
