import type { Sandbox } from "../workspace/sandbox.ts";
import type { PassInput } from "./pass-input.ts";
import type { Role } from "./role-names.ts";
import type { Question } from "./roles.ts";

/** What an agent asks Nimrod to do, in the words of `nimrod-pass/1`. */
export type AgentAction =
  | { kind: "run"; argv: string[] }
  | { kind: "run"; command: string }
  | { kind: "write"; path: string; content: string }
  | { kind: "edit"; path: string; old: string; new: string }
  /** Lines from `offset` (1-based), at most `limit` of them; without both, the file from its beginning. */
  | { kind: "read"; path: string; offset?: number; limit?: number }
  /** Files below a folder, sorted; `glob` keeps those whose path matches. */
  | { kind: "list"; path: string; glob?: string }
  /** Lines that match a regular expression, as `path:line:text`. */
  | { kind: "search"; pattern: string; path?: string; glob?: string }
  /** GET, text only; a redirect to another host is told, not followed. */
  | { kind: "fetch"; url: string }
  /** One bounded, read-only question to a fresh sub-pass. */
  | { kind: "delegate"; question: string; paths?: string[] }
  | { kind: "ask"; questions: Question[] };

export type ActionOutcome = {
  kind: AgentAction["kind"];
  status: "done" | "denied" | "parked" | "failed";
  tier: string;
  exit?: number;
  stdout?: string;
  stderr?: string;
  truncated?: boolean;
  /** Of a read by lines: which ones `stdout` holds, and how many there are. `to` below `from`: none of them. */
  lines?: { from: number; to: number; of: number };
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
  /** Rounds of the exchange, or turns of the model where the CLI tells them. */
  turns: number;
  /** Tokens in and out together, as far as the CLI reports them. */
  tokens: number;
  /** US dollars of this pass. */
  usd: number;
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
  /** The agent's own: commands that Nimrod runs for it have another home and cannot see what it logged in with. */
  home: string;
  tmp: string;
  /** Path of the role's JSON Schema, inside `tmp`. */
  schemaPath: string;
  sandbox: Sandbox;
  /** More folders to show read-only: object stores of git, prepared dependencies. */
  readable: string[];
  /** Opens the MCP side of the toolbox, for agents that speak MCP. The adapter closes it. */
  openSession: (options: { submit: boolean }) => Promise<ToolboxSession>;
  /** What else makes a well-formed result wrong, as a sentence: told to the agent while it can still repair it. */
  check?: (result: unknown) => string | null;
  /** Told of secrets that were lent to the agent: cut out of everything that is written from then on. */
  hide?: (values: readonly string[]) => void;
  /** Into evidence: what the adapter itself saw, such as versions and hosts that were refused. */
  note: (data: Record<string, unknown>) => void;
  /** Told cumulative figures whenever the CLI reports some; after `stop` the adapter ends the pass as `budget`. */
  usage: (usage: Usage) => "go" | "stop";
  limits: PassLimits;
  /** Every line exchanged goes here, already redacted by the caller's function. */
  transcript: (direction: "in" | "out" | "err", text: string) => void;
  signal: AbortSignal;
};

/** What the pipeline hands to an adapter: the one door through which an agent acts. */
export type Toolbox = {
  /** `signal`: the pass no longer wants it; what runs is ended, and its outcome says so. */
  perform: (action: AgentAction, signal?: AbortSignal) => Promise<ActionOutcome>;
  /**
   * The gate's word on something that the agent would do by itself, recorded and not performed: only what changes
   * nothing is allowed. `reason` names the tool to use in its place.
   */
  judge?: (action: AgentAction) => Promise<{ allowed: boolean; reason: string }>;
  /** Milliseconds that a person has been waited for in this pass so far: the wall clock stops meanwhile. */
  personMs?: () => number;
};

/**
 * The toolbox over MCP: a unix socket in the agent's `tmp`, and a thin stdio process that the agent starts to reach it.
 * Every connection speaks MCP to the same pass; calls are judged and performed by the pass's `Toolbox`.
 */
export type ToolboxSession = {
  /** Argv of the stdio server for the agent's MCP configuration; it works inside the sandbox. */
  command: string[];
  /** What the command needs to see inside, besides `tmp`. */
  readable: string[];
  /** Settles once. After it every further call is refused. Never rejects. */
  ended: Promise<SessionEnd>;
  /** Calls answered so far, calls being performed now, and when the last one began or ended (`performance.now()`). */
  activity: () => { calls: number; inFlight: number; lastMs: number };
  close: () => Promise<void>;
};

export type SessionEnd =
  /** `submit` with this pass's nonce and a result that fits the role's schema. */
  | { kind: "submitted"; result: unknown }
  | { kind: "parked" }
  | { kind: "failed"; reason: FailureReason; message: string };

/** Cumulative figures of one pass as its CLI reported them: believed only upwards, and never as money saved. */
export type Usage = {
  model: string | null;
  inputTokens: number;
  /** Part of `inputTokens` that was read from the vendor's cache. */
  cachedTokens: number;
  outputTokens: number;
  /** As computed by the CLI; null where it does not say, and the price table decides. */
  usd: number | null;
  turns: number;
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
  /** True where nobody is paid by use: a program that reaches this machine only, and for which no vendor was named. */
  free?: boolean;
  /** Where it is sent, as `host:port`: consent is bound to them, beside the vendor. */
  hosts?: readonly string[];
  /** `full`: it has no tools but Nimrod's. `sandbox`: it has hands of its own that only the sandbox ties. */
  gate: "full" | "sandbox";
  /** Which way of answering its prompt has to explain; default `once`. */
  promptProtocol?: "once" | "stream" | "toolbox";
  /** As configured; null for the CLI's own default. For the price table and evidence. */
  model?: string | null;
  /** Looks at what is installed before the first pass of a run; absent where there is nothing to look at. */
  probe?: (place: ProbePlace) => Promise<AgentProbe>;
  /** Digest of what would be started (command and mode), for trust and evidence. */
  identity: string;
  run: (request: PassRequest, toolbox: Toolbox) => Promise<PassOutcome>;
};

export type ProbePlace = {
  sandbox: Sandbox;
  /** For what was found out about one executable, so that it is asked once. */
  cache: string;
  /** Start nothing: the answer is `unknown` where nobody has looked yet. */
  onlyRemembered?: boolean;
};

/** What is installed, and whether it does what its adapter relies on: shown by `doctor`, checked before a pass. */
export type AgentProbe =
  | {
      kind: "ready";
      version: string;
      /** Whether this is a version that the adapter's contract tests were run with; if not, a warning is printed. */
      tested: boolean;
      gate: AgentAdapter["gate"];
      /** Tools of its own that a model is still offered; none of them has an effect. */
      ownTools: string[];
    }
  | { kind: "refused"; version: string | null; why: string; hint: string }
  /** Only as an answer to `onlyRemembered`. */
  | { kind: "unknown" };
