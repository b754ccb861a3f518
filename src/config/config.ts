import type { AdapterName } from "./schema.ts";

/** The configuration as the rest of Nimrod sees it, and what it is where nobody said otherwise. Loads no schema. */

export type AgentEntry = {
  adapter: AdapterName;
  command: string[];
  mode: "once" | "stream";
  vendor: string | null;
  model: string | null;
  baseUrl: string | null;
  hosts: string[];
  env: string[];
};

export type Price = { input: number; cached: number; output: number };

export type SecondOpinionEntry = {
  command: string[];
  for: ("none" | "brief")[];
  seconds: number;
  hosts: string[];
  env: string[];
};

/** The configuration with nothing left open. Minutes, seconds and US dollars as the names say. */
export type Config = {
  idPrefix: string;
  agent: string;
  agents: Record<string, AgentEntry>;
  roles: Record<string, { agent: string | null; model: string | null }>;
  prices: Record<string, Price>;
  limits: {
    passMinutes: number;
    idleSeconds: number;
    startSeconds: number;
    turns: number;
    /** Of one pass, in and out together. */
    tokens: number;
    /** Of one pass, and of all passes of a ticket's run. */
    usd: number;
    ticketUsd: number;
    /** Attempts of a pass that failed for a reason which may pass, and the pause before the second. */
    tries: number;
    retrySeconds: number;
    /** How long an action waits for a person who is at the terminal, before the ticket parks. */
    askMinutes: number;
    slice: { files: number; steps: number; lines: number | null; minutes: number | null };
  };
  workspace: { setup: string[] };
  /** Agents, or vendors, that may be sent any repository. Only the user's own file can say so. */
  consent: string[];
  /** Who else is asked about an action; null for nobody. Only the user's own file can say so. */
  secondOpinion: SecondOpinionEntry | null;
};

export const defaults: Config = {
  idPrefix: "nim",
  agent: "auto",
  agents: {},
  roles: {},
  prices: {},
  limits: {
    passMinutes: 30,
    idleSeconds: 300,
    // A model server under load answers its first token late; idleSeconds takes over from there.
    startSeconds: 120,
    turns: 80,
    // A large ticket read by a large model stays below; a loop does not.
    tokens: 3_000_000,
    usd: 2,
    ticketUsd: 20,
    tries: 3,
    retrySeconds: 5,
    askMinutes: 10,
    slice: { files: 20, steps: 12, lines: null, minutes: null },
  },
  workspace: { setup: [] },
  consent: [],
  secondOpinion: null,
};

/** `limits.slice.files` and the like: each key that holds a value of its own. */
export const configKeys: readonly string[] = leaves(defaults, "");

function leaves(value: object, path: string): string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const name = `${path}${key}`;
    const isBranch = typeof inner === "object" && inner !== null && !Array.isArray(inner);
    return isBranch && Object.keys(inner).length > 0 ? leaves(inner, `${name}.`) : [name];
  });
}
