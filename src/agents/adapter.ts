import type { Sandbox } from "../workspace/sandbox.ts";
import type { PassInput } from "./pass-input.ts";
import type { Question, Role } from "./roles.ts";

/** What an agent asks Nimrod to do, in the words of `nimrod-pass/1`. */
export type AgentAction =
  | { kind: "run"; argv: string[] }
  | { kind: "run"; command: string }
  | { kind: "write"; path: string; content: string }
  | { kind: "edit"; path: string; old: string; new: string }
  | { kind: "read"; path: string }
  | { kind: "ask"; questions: Question[] };

export type ActionOutcome = {
  kind: AgentAction["kind"];
  status: "done" | "denied" | "parked" | "failed";
  tier: string;
  exit?: number;
  stdout?: string;
  stderr?: string;
  truncated?: boolean;
  reason?: string;
};

export const failureReasons = [
  "schema",
  "nonce",
  "timeout",
  "idle",
  "crash",
  "flood",
  "policy",
  "budget",
  "stuck",
  "quota",
  "auth",
  "network",
  "refusal",
] as const;
export type FailureReason = (typeof failureReasons)[number];

export type PassLimits = {
  /** Seconds until the first answer. */
  startSeconds: number;
  /** Seconds of silence (no byte on stdout or stderr) while an answer is awaited. */
  idleSeconds: number;
  /** Seconds for the whole pass; time in which Nimrod performs an action counts, time a person is asked does not. */
  wallSeconds: number;
  /** Rounds of the exchange. */
  turns: number;
  /** Bytes of one answer on stdout; more fails the pass as `flood`. */
  answerBytes: number;
};

export type PassRequest = {
  role: Role;
  ticket: string;
  pass: string;
  nonce: string;
  /** 1-based round of review that this pass belongs to. */
  reviewRound: number;
  input: PassInput;
  /** The rendered prompt, for agents that read text. */
  prompt: string;
  /** The worktree, or for a reviewer its own read-only checkout. */
  worktree: string;
  worktreeWritable: boolean;
  /** Folders made for this pass alone, empty at the start. */
  home: string;
  tmp: string;
  /** Path of the role's JSON Schema, inside `tmp`. */
  schemaPath: string;
  sandbox: Sandbox;
  /** More folders to show read-only: object stores of git, prepared dependencies. */
  readable: string[];
  /** Argv of the MCP stdio server for agents that speak MCP; `NIMROD_TOOLBOX` is `[]` without it. */
  toolboxCommand?: string[];
  limits: PassLimits;
  /** Every line exchanged goes here, already redacted by the caller's function. */
  transcript: (direction: "in" | "out" | "err", text: string) => void;
  signal: AbortSignal;
};

/** What the pipeline hands to an adapter: the one door through which an agent acts. */
export type Toolbox = {
  perform: (action: AgentAction) => Promise<ActionOutcome>;
  /** Milliseconds that a person has been waited for in this pass so far: the wall clock stops meanwhile. */
  personMs?: () => number;
};

export type PassOutcome =
  | { kind: "finished"; result: unknown; rounds: number; ms: number }
  /** An action or a question needs a person: the pass ended, a new attempt will be told the outcomes. */
  | { kind: "parked"; rounds: number; ms: number }
  | { kind: "failed"; reason: FailureReason; message: string; rounds: number; ms: number }
  | { kind: "cancelled"; rounds: number; ms: number };

/**
 * One agent CLI. `run` starts it as a subprocess for one pass, passes every action to `toolbox`, and promises that
 * nothing it started is alive when it returns. `result` has been read as JSON, carries the pass's nonce and fits
 * the role's schema.
 */
export type AgentAdapter = {
  /** Name of the agent as configured, for evidence. */
  name: string;
  /** Who receives the repository's content; null where nothing leaves the machine. */
  vendor: string | null;
  /** `full`: it has no tools but Nimrod's. `sandbox`: it has hands of its own that only the sandbox ties. */
  gate: "full" | "sandbox";
  /** Which way of answering its prompt has to explain; default `once`. */
  promptProtocol?: "once" | "stream" | "toolbox";
  /** Digest of what would be started (command and mode), for trust and evidence. */
  identity: string;
  run: (request: PassRequest, toolbox: Toolbox) => Promise<PassOutcome>;
};
