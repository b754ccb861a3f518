import { NimrodError } from "../errors.ts";
import { exitOf } from "./exit-codes.ts";
import type { Output } from "./output.ts";

export type Interruption = "SIGINT" | "SIGTERM";

/** Exit codes whose outcome is an answer, not a failure: with `--json` they print a document on stdout. */
const answers: Record<number, "nothing-to-do" | "needs-person" | "refused"> = {
  3: "nothing-to-do",
  5: "needs-person",
  6: "refused",
};

/** Turns whatever was thrown into text and an exit code; the only place that does. */
export function reportError(error: unknown, output: Output, interruption?: Interruption): number {
  if (!(error instanceof NimrodError)) {
    reportBug(error, output);
    return 1;
  }
  const exit = error.code === "interrupted" && interruption === "SIGTERM" ? 143 : exitOf[error.code];
  if (!output.json) {
    output.complain(errorText(error));
    return exit;
  }
  const body = {
    code: error.code,
    message: error.message,
    hint: error.hint ?? null,
    where: error.where ?? null,
    lines: error.lines,
  };
  const kind = answers[exit];
  if (kind !== undefined && !output.wroteDocument()) output.document(kind, body);
  else output.complainJson({ schemaVersion: 1, kind: "error", ...body });
  return exit;
}

/** `where: message`, the candidates or missing things, and what to type now. */
export function errorText(error: NimrodError): string {
  // Many messages begin with the place already; saying it twice helps nobody.
  const where = error.where === undefined || error.message.startsWith(error.where) ? "" : `${error.where}: `;
  const lines = error.lines.map((line) => `\n  ${line}`).join("");
  const hint = error.hint === undefined ? "" : `\n  hint: ${error.hint}`;
  return `${where}${error.message}${lines}${hint}`;
}

function reportBug(error: unknown, output: Output): void {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (output.json) {
    const message = error instanceof Error ? error.message : String(error);
    output.complainJson({ schemaVersion: 1, kind: "error", code: "bug", message, hint: null, stack });
    return;
  }
  output.complain(`This is a bug in Nimrod; please report it with the lines below.\n${stack}`);
}
