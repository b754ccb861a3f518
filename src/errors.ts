/** The closed set of things that can go wrong for a person. `cli/report-error.ts` maps each to an exit code. */
export type ErrorCode =
  | "usage" // the call's words are off
  | "config" // nimrod.json or the user's configuration
  | "not_found" // no such ticket, approval, question
  | "ambiguous" // an id that fits several tickets
  | "broken" // a ticket, policy or evidence file that cannot be trusted
  | "busy" // claimed or locked by a live run
  | "nothing_to_do"
  | "needs_person" // approval, answer, consent, trust
  | "refused" // close refused: definition of done not met
  | "conflict" // somebody changed the same bytes meanwhile
  | "failed" // a pass, a verification, a git command
  | "io"
  | "interrupted";

export type ErrorDetails = {
  /** A command to type now. */
  hint?: string | undefined;
  /** `path:line` of what is wrong. */
  where?: string | undefined;
  /** Candidates, missing things: one line each. */
  lines?: readonly string[] | undefined;
  cause?: unknown;
};

/** A mistake or failure that a person can act on. Anything else that is thrown is a bug in Nimrod. */
export class NimrodError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly where: string | undefined;
  readonly lines: readonly string[];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "NimrodError";
    this.code = code;
    this.hint = details.hint;
    this.where = details.where;
    this.lines = details.lines ?? [];
  }
}

/** For the last `default:` of a switch over a union: the compiler proves it unreachable. */
export function unreachable(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}
