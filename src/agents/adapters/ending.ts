import type { FailureReason, SessionEnd } from "../adapter.ts";

/** How a pass ended, before rounds and time are added to it. */
export type Ending =
  | { kind: "finished"; result: unknown }
  | { kind: "parked" }
  | { kind: "cancelled" }
  | Failure;

export type Failure = { kind: "failed"; reason: FailureReason; message: string };

export function failed(reason: FailureReason, message: string): Failure {
  return { kind: "failed", reason, message };
}

export function endingOf(end: SessionEnd): Ending {
  return end.kind === "submitted" ? { kind: "finished", result: end.result } : end;
}

/** The end of stderr is where programs say why; for the end of a message, empty where nothing was said. */
export function lastWords(stderr: string): string {
  const words = stderr.trim().split("\n").slice(-5).join("\n").slice(-1_000);
  return words === "" ? "" : `: ${words}`;
}
