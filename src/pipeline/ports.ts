import type { AgentAdapter, PassLimits } from "../agents/adapter.ts";
import type { RoleFile } from "../agents/role-file.ts";
import type { Role } from "../agents/role-names.ts";
import type { Approvals } from "../authorization/approvals.ts";
import type { Policy } from "../authorization/policy.ts";
import type { SecondOpinion } from "../authorization/second-opinion.ts";
import type { StandingApprovals } from "../authorization/standing-approvals.ts";
import type { SealKey } from "../evidence/keys.ts";
import type { Clock } from "../platform/clock.ts";
import type { Store } from "../tickets/store.ts";
import type { OperatorRepository } from "../workspace/repository.ts";
import type { Sandbox } from "../workspace/sandbox.ts";
import type { Prices } from "./budget.ts";
import type { RetryLimits } from "./retry.ts";

/** Everything the pipeline is handed. `cli/context.ts` chooses it; nothing here is looked up by the pipeline. */
export type Ports = {
  /** The project's root: the operator's checkout. */
  root: string;
  /** This repository's folder under the state home, and the state home itself. */
  stateFolder: string;
  stateHome: string;
  /** Resolves symlinks of an absolute path as far as it exists: a fact for the classifier. */
  realPath: (absolute: string) => string;
  /** The operator's home; shown to nobody. */
  home: string;
  clock: Clock;
  sandbox: Sandbox;
  store: Store;
  operator: OperatorRepository;
  policy: Policy;
  /** Of the policy as it is written, whatever of it counts now. */
  policyDigest: string;
  standing: StandingApprovals;
  approvals: Approvals;
  /** A model that is asked beside the tables, where the operator configured one. */
  secondOpinion?: SecondOpinion;
  sealKey: SealKey;
  redact: (text: string) => string;
  /** More values for `redact`, as they become known. */
  hide?: (values: readonly string[]) => void;
  version: string;
  limits: PassLimits &
    RetryLimits & {
      ticketUsd: number;
      prices: Prices;
      slice: { files: number; steps: number };
      /** How long a pass waits for a person at the terminal. */
      askMinutes: number;
    };
  /** PATH, LANG and TZ for what Nimrod runs: nothing else of the operator's environment gets in. */
  env: Record<string, string>;
  /** The agent of a role: the same object each time. Throws `config` where no agent has the configured name. */
  agentFor: (role: Role) => Promise<AgentAdapter>;
  /** Whether the user's own configuration consents to what this agent sends, and to whom. */
  consented: (agent: AgentAdapter) => boolean;
  /** Its prompt, what it may ask for at most, and its own limits. */
  promptOf: (
    role: Role,
  ) => Promise<Pick<RoleFile, "template" | "sha256" | "name" | "capabilities" | "limits">>;
  /** What the repository would have Nimrod run and nobody has trusted yet; null when nothing is missing. */
  untrusted: string | null;
  /** Trusted set-up commands. */
  setup: string[];
  /** One y/n question to a person at the terminal; absent where nobody is there. */
  confirm: ((question: string) => Promise<boolean>) | undefined;
  progress: (event: Progress) => void;
  signal: AbortSignal;
};

/** What a person watching is told, one event a line. */
export type Progress =
  | { kind: "selected"; ticket: string; title: string; why: string }
  | {
      kind: "pass";
      pass: string;
      agent: string;
      model: string | null;
      sandbox: string;
      round: number;
      limits: PassLimits;
    }
  /** An action is being performed, or a person is `asked` about it; `action` follows when it is over. */
  | { kind: "doing"; what: string; tier: string; asked?: true }
  /** The agent gave a sign of life. */
  | { kind: "heard" }
  /** Cumulative figures of the pass: tokens in and out, US dollars. */
  | { kind: "usage"; tokens: number; usd: number }
  /** The pass's process is gone, however it ended. */
  | { kind: "pass-over" }
  | { kind: "action"; what: string; tier: string; status: string; exit: number | null }
  /** `objects`: a review that asks for changes. */
  | { kind: "pass-done"; pass: string; summary: string; objects: boolean; ms: number }
  | { kind: "check"; ac: string; command: string; on: string; passed: boolean }
  | { kind: "note"; text: string };
