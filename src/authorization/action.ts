/** What may be done to what: the words shared by the gate, the toolbox, the plan and the evidence. */

export const tiers = ["none", "brief", "explicit", "deny"] as const;
export type Tier = (typeof tiers)[number];

/** The stricter of two tiers. */
export function stricter(a: Tier, b: Tier): Tier {
  return tiers.indexOf(a) >= tiers.indexOf(b) ? a : b;
}

/** Where an action runs: the ticket's worktree (in the sandbox), or the operator's machine. */
export type Target = "worktree" | "host";

/** One thing a pass wants done. Paths are as the agent wrote them; `cwd` is relative to the worktree. */
export type Action =
  | { kind: "run"; argv: string[]; cwd?: string; target?: Target }
  | { kind: "run"; command: string; cwd?: string; target?: Target }
  | { kind: "write"; path: string; content: string; target?: Target }
  | { kind: "edit"; path: string; old: string; new: string; target?: Target }
  /** Lines from `offset` (1-based), at most `limit`; without both, from the beginning. */
  | { kind: "read"; path: string; offset?: number; limit?: number; target?: Target }
  /** Names of the files below a folder; `glob` as in workspace/diff-facts. */
  | { kind: "list"; path: string; glob?: string; target?: Target }
  /** Lines that match an extended regular expression. */
  | { kind: "search"; pattern: string; path: string; glob?: string; target?: Target }
  /** GET of one address by Nimrod itself, outside the sandbox. */
  | { kind: "fetch"; url: string }
  /** Starting an agent that is not Nimrod's own: sends the repository to somebody, at these `host:port`. */
  | { kind: "start-agent"; vendor: string; hosts: string[] };

export const effectKinds = [
  "read",
  "write",
  "delete",
  "discard", // uncommitted work or history
  "execute-opaque", // code the gate cannot see
  "execute-project", // the project's own build, test or script
  "network-read",
  "network-send",
  "expose", // listener, tunnel, public exposure
  "service",
  "package",
  "container",
  "cluster",
  "device",
  "firewall",
  "account",
  "credential-read",
  "credential-write",
  "data-store-write",
  "schedule",
  "remote-exec",
  "privilege",
  "process", // signals to other processes
  "unknown",
] as const;
export type EffectKind = (typeof effectKinds)[number];

export const effectScopes = ["worktree", "repo", "home", "host", "remote", "nimrod", "none"] as const;
export type EffectScope = (typeof effectScopes)[number];

export type Effect = { kind: EffectKind; target: string; scope: EffectScope };

export type Decision = {
  tier: Tier;
  /** Dotted name of the rule that decided, for example `git.push-force`. */
  rule: string;
  reason: string;
  effects: Effect[];
  /** What it was before the policy lowered it to `none`: it is asked about as little as a read, and done as before. */
  lowered?: "brief";
  /** `host`: a live read that must run outside the sandbox to see anything. */
  vantage?: "host";
  /** Hosts the action needs the network for. A second control beside the tier. */
  needs?: string[];
  /** A milder command with a similar end, where one is known. A hint: it is judged like any other. */
  instead?: string;
};

/** The tier by which an action is done: where it may write, and what is kept of it. */
export function doneAs({ tier, lowered }: Pick<Decision, "tier" | "lowered">): Tier {
  return tier === "none" ? (lowered ?? "none") : tier;
}
