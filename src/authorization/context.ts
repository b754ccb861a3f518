import type { Word } from "./parsed-command.ts";

/** What the classifier is told about the place an action would run in. Facts only: it looks nothing up itself. */
export type ClassifyContext = {
  /** Absolute path of the ticket's worktree. */
  worktree: string;
  /** The operator's checkout, when known: its `tickets/`, `agents/`, `.nimrod/` and `nimrod.json` are as closed as the worktree's. */
  project?: string;
  role: string | null;
  mayWrite: boolean;
  sandbox: "bwrap" | "none";
  /** Follows symbolic links of an absolute path as far as it exists; identity when nothing is known. */
  realPath: (absolute: string) => string;
  /** Is this file (relative to the worktree, `/` between names) frozen for verification? */
  frozen: (path: string) => boolean;
  home: string;
  /** Nimrod's state folder. The worktree may lie inside it. */
  state: string;
  host: string;
  /** What time it is, for rules that hold in a window; absent where nobody says. */
  now?: () => Date;
};

/** Where the relative paths of one command point, and what the variables of its script may hold. */
export type Place = {
  context: ClassifyContext;
  /** Every folder the command may run in, absolute. */
  cwds: readonly string[];
  /** False after a `cd` to somewhere the gate cannot compute. */
  cwdKnown: boolean;
  /** What the script assigns to its variables. */
  bindings: ReadonlyMap<string, readonly Word[]>;
};
