import type { ExecLimits, ExecOutcome } from "../platform/exec.ts";
import type { Sandbox } from "../workspace/sandbox.ts";

/** Where the actions of one pass happen, and what is left of one. */

export type Place = {
  /** The worktree, or a checkout; absolute, real path. */
  root: string;
  sandbox: Sandbox;
  writable: boolean;
  /** An agent with hands of its own may change `root` while an action is performed: paths are then used only inside the sandbox. */
  contested?: boolean;
  home: string;
  tmp: string;
  /** Shown read-only: object stores of git. */
  readable: string[];
  /** Prepared dependencies; `to` is relative to `root`. */
  mounts: { from: string; to: string }[];
  /** For git inside the sandbox, and the pass that this belongs to. */
  env: Record<string, string>;
  commandTimeoutMs: number;
  /** For what only looks; absent where nobody keeps one at the ready. */
  looking?: LookingSandbox;
};

export type LookingSandbox = {
  /** @param cwd absolute, in the place's root or below. */
  exec(argv: readonly string[], cwd: string, limits: ExecLimits): Promise<ExecOutcome>;
  /** After the last look: what was made and not used is gone when it resolves. */
  close(): Promise<void>;
};

export type Performed = {
  status: "done" | "failed";
  exit: number | null;
  /** `exited`, `timeout`, `signaled`…; `done` for file actions. */
  ended: string;
  stdout: string;
  stderr: string;
  truncated: boolean;
  outputDigest: string | null;
  ms: number;
  reason: string | null;
};
