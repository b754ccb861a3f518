import type { Decision, EffectKind } from "../action.ts";
import type { Finding } from "../effects/finding.ts";

/**
 * What no standing approval may cover, whatever the policy says and whoever signed it. It is told by what is allowed:
 * an effect that is not in the list is below the floor.
 */

type Facts = {
  program: string;
  rule: string;
  scope: string;
  target: "worktree" | "host";
  sandboxed: boolean;
};

/** Who sends what its words name. What opens a channel for anything (nc, a tunnel, a forge's API) is not among them. */
export const senders: readonly string[] = ["git", "rsync", "scp", "curl"];

const mayStandFor: Readonly<Partial<Record<EffectKind, (facts: Facts) => boolean>>> = {
  read: ({ scope }) => scope !== "nimrod",
  // Outside the worktree it would put content there that nobody has seen.
  write: ({ scope }) => scope === "worktree" || scope === "none",
  delete: ({ scope }) => scope === "worktree",
  // On the host, project code is code that an agent may have written a minute ago.
  "execute-project": ({ scope, target, sandboxed }) =>
    scope === "worktree" && target === "worktree" && sandboxed,
  "network-read": ({ scope }) => scope === "remote",
  "network-send": ({ program, scope }) => scope === "remote" && senders.includes(program),
  // What is there already is started again; nothing is set up, enabled or changed.
  service: ({ rule }) =>
    /\.(start|restart|reload|try-restart|reload-or-restart|try-reload-or-restart)$/.test(rule),
  container: ({ rule }) => /\.(start|restart|unpause)$/.test(rule),
};

/** Kinds that a standing approval may cover, some of them only in part. */
export const standingEffects: readonly string[] = Object.keys(mayStandFor);

/** Words that take something away for good, as a command of its own or as an option: a backup is one of such things. */
const takesAway =
  /^-{0,2}(forget|prune|purge|destroy|del|delete|delete-.*|rm|rmi|rmdir|remove|remove-.*|drop|wipe|erase|shred|truncate|format|expire|flush|reset|down|unlink|uninstall|cleanup|dedupe|force|force-.*|mirror|compact|gc|sync|move|mv)([=:].*)?$/i;
const takingRule = /(^|[.-])(force|delete|discard|prune|mirror|destroy|forget)([.-]|$)/;
/** What keeps the machine closed, or watches it. */
const guards =
  /(firewall|nftables|iptables|ufw|fail2ban|crowdsec|sshd?(\.service|\.socket)?$|apparmor|selinux|auditd|wireguard|wg-quick|nimrod)/i;

/** Rules that only say that something else was missing: the effects themselves were judged beside them. */
const asksForMore = new Set(["egress.host", "plan.deviation", "run.host", "sandbox.missing"]);

/** Why no standing approval covers this; null where one may. */
export function belowFloor(
  argv: readonly string[],
  findings: readonly Finding[],
  place: { target: "worktree" | "host"; sandboxed: boolean },
  decision: Pick<Decision, "tier" | "rule" | "effects"> | null,
): string | null {
  const away = argv.find((word) => takesAway.test(word));
  if (away !== undefined) return `${away} may take something away for good`;
  const guard = argv.find((word) => guards.test(word));
  if (guard !== undefined) return `${guard} guards the machine`;
  const program = argv[0] ?? "";
  if (findings.length === 0) return "nothing is known about what it does";
  for (const { tier, rule, effects } of findings) {
    if (tier === "deny") return `${rule} is denied`;
    if (takingRule.test(rule)) return `${rule} may take something away for good`;
    if (tier !== "none" && effects.length === 0) return `what ${rule} does is not known`;
    const bad = effects.find(
      ({ kind, scope }) => mayStandFor[kind]?.({ program, rule, scope, ...place }) !== true,
    );
    if (bad !== undefined) return `${rule} has the effect ${bad.kind} (${bad.scope})`;
  }
  if (decision === null) return null;
  if (decision.tier === "deny") return "it is denied";
  const known = /^policy\./.test(decision.rule) || asksForMore.has(decision.rule);
  if (!known && !findings.some(({ rule }) => rule === decision.rule))
    return `it is asked about for another reason (${decision.rule})`;
  const other = decision.effects.find(({ kind }) => !Object.hasOwn(mayStandFor, kind));
  return other === undefined ? null : `it has the effect ${other.kind}`;
}
