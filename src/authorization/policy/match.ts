import { isAbsolute } from "node:path";
import type { ClassifyContext } from "../context.ts";
import type { Finding } from "../effects/finding.ts";
import type { Judged } from "../effects/judge-command.ts";
import { foldPath } from "../fold-path.ts";
import type { Policy, Rule } from "./schema.ts";

/** How patterns of a policy meet what was judged: commands, paths, hosts. */

/** Every kind that the rule names meets something of the action. */
export function matchesRule(
  rule: Pick<Rule, "match">,
  judged: Pick<Judged, "findings" | "seen">,
  context: ClassifyContext | null,
  policy: Pick<Policy, "hosts">,
): boolean {
  const { command, path, host } = rule.match;
  const targets = judged.findings
    .flatMap((each) => each.effects.map((effect) => effect.target))
    .filter((target) => target !== "");
  return (
    (command === undefined || judged.seen.some((text) => matchesCommand(command, text))) &&
    (path === undefined || targets.some((target) => matchesPath(path, target, context))) &&
    (host === undefined ||
      judged.findings.flatMap(hostsIn).some((each) => matchesHost(host, each, policy.hosts)))
  );
}

export function matchesCommand(patterns: readonly string[], command: string): boolean {
  return patterns.some((pattern) => globExpression(pattern).test(command));
}

export function matchesPath(
  patterns: readonly string[],
  path: string,
  context: ClassifyContext | null,
): boolean {
  const spelled = [path, ...(context !== null && !isAbsolute(path) ? [`${context.worktree}/${path}`] : [])];
  return patterns.some((pattern) => {
    const expression = globExpression(foldPath(pattern));
    return spelled.some((text) => expression.test(foldPath(text)));
  });
}

/** A pattern is a name, `*.name`, or what `hosts` calls several. */
export function matchesHost(patterns: readonly string[], host: string, hosts: Policy["hosts"]): boolean {
  const name = host.toLowerCase();
  return patterns
    .flatMap((pattern) => (Object.hasOwn(hosts, pattern) ? (hosts[pattern]?.names ?? []) : [pattern]))
    .some((pattern) => {
      const allowed = pattern.toLowerCase();
      return allowed.startsWith("*.") ? name.endsWith(allowed.slice(1)) : name === allowed;
    });
}

/** Other machines that an action talks to, as far as the tables name them. */
export function hostsIn(found: Pick<Finding, "effects" | "needs">): string[] {
  const remote = found.effects
    .filter(({ scope }) => scope === "remote")
    .flatMap(({ target }) => target.split(/\s+/));
  return [...new Set([...(found.needs ?? []), ...remote].flatMap(spellings))];
}

/** `ann@nas.lan:/srv` and `https://nas.lan:8443/x` are the host nas.lan. */
function spellings(text: string): string[] {
  const bare = text
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, "")
    .replace(/^[^@/]*@/, "")
    .replace(/[/?#].*$/, "");
  const host = /^\[([^\]]+)\]/.exec(bare)?.[1] ?? bare.replace(/:.*$/, "");
  return [text, bare, host].filter((each) => each !== "");
}

const expressions = new Map<string, RegExp>();

function globExpression(pattern: string): RegExp {
  const known = expressions.get(pattern);
  if (known !== undefined) return known;
  const parts = pattern.split(/\*+/).map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join("[^]*")}$`);
  // A policy has some hundred patterns; whatever asks with more is no policy.
  if (expressions.size < 10_000) expressions.set(pattern, expression);
  return expression;
}
