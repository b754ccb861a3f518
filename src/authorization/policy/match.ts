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
  return patterns.some((pattern) => matchesGlob(pattern, command));
}

export function matchesPath(
  patterns: readonly string[],
  path: string,
  context: ClassifyContext | null,
): boolean {
  const spelled = [path, ...(context !== null && !isAbsolute(path) ? [`${context.worktree}/${path}`] : [])];
  const folded = spelled.map(foldPath);
  return patterns.some((pattern) => folded.some((text) => matchesGlob(foldPath(pattern), text)));
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

/** `*` is any text. In one pass over the text: a pattern with many stars must not cost more than one with few. */
function matchesGlob(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split(/\*+/);
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= end;
}
