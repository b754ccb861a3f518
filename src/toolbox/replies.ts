import type { ActionOutcome } from "../agents/adapter.ts";

/** What a model reads after a call: plain text, at most 32 kB, saying itself what was left out and how to get it. */

export type Reply = {
  text: string;
  /** The call itself was at fault: what it named is not there, or it was not understood. A denial is an answer. */
  isError: boolean;
};

const replyBytes = 32 * 1024;
/** A reply has its header, and stderr beside stdout. */
const bodyBytes = replyBytes - 2048;

export function replyTo(outcome: ActionOutcome): Reply {
  switch (outcome.status) {
    case "denied":
      return {
        text: `denied (tier ${outcome.tier}): ${reasonOf(outcome)}\nIt was not done. Do not send it again; find another way within your task, or go on without it.`,
        isError: false,
      };
    case "parked":
      return { text: `parked: ${reasonOf(outcome)}\n${endTheTurn}`, isError: false };
    case "failed":
      return outcome.kind === "run" && outcome.exit !== undefined
        ? { text: ranText(outcome), isError: false }
        : { text: clip(`failed: ${reasonOf(outcome)}\n${bodyOf(outcome)}`.trimEnd()), isError: true };
    case "done":
      return { text: doneText(outcome), isError: false };
  }
}

export const endTheTurn = "This pass is over. Call no more tools; end your turn now.";

function doneText(outcome: ActionOutcome): string {
  const body = outcome.stdout ?? "";
  switch (outcome.kind) {
    case "run":
      return ranText(outcome);
    case "read":
      return readText(outcome);
    case "write":
    case "edit":
      return "done";
    case "list":
    case "search":
      return headLines(body === "" ? "nothing found" : body, outcome, "narrow it with path or glob");
    case "fetch":
      return headLines(body, outcome, "the rest cannot be read");
    case "ask":
    case "delegate":
      return clip(body);
  }
}

function ranText(outcome: ActionOutcome): string {
  const head = `exit ${outcome.exit ?? "?"}${outcome.reason === undefined ? "" : ` (${outcome.reason})`}`;
  const stderr = outcome.stderr ?? "";
  const errorBytes = Math.min(bytesOf(stderr), Math.floor(bodyBytes / 4));
  const parts = [
    head,
    ...(outcome.stdout ? [headAndTail(outcome.stdout, bodyBytes - errorBytes)] : []),
    ...(stderr === "" ? [] : ["stderr:", headAndTail(stderr, Math.max(errorBytes, 256))]),
  ];
  return parts.join("\n");
}

function readText(outcome: ActionOutcome): string {
  const body = outcome.stdout ?? "";
  const at = outcome.lines;
  if (at === undefined) return headLines(body, outcome, "read on with offset and limit");
  if (at.to < at.from) return `no lines from ${at.from} on: the file has ${at.of} lines`;
  const { text, lines, cut } = wholeLines(body, bodyBytes);
  const to = Math.min(at.to, at.from + Math.max(lines, 1) - 1);
  const more = to < at.of ? `; read on with offset ${to + 1}` : "";
  const long = cut ? `; line ${to} is longer than what is shown` : "";
  const large = outcome.truncated ? "; of this file only the first 1 MB is read" : "";
  return `lines ${at.from}-${to} of ${at.of}${more}${long}${large}\n${text}`;
}

function headLines(body: string, outcome: ActionOutcome, advice: string): string {
  const { text, lines } = wholeLines(body, bodyBytes);
  const all = body.replace(/\n$/, "").split("\n").length;
  const notes = [
    ...(lines < all ? [`${all - lines} more lines are not shown; ${advice}`] : []),
    ...(outcome.truncated && lines >= all ? [`there is more; ${advice}`] : []),
    ...(outcome.reason === undefined ? [] : [outcome.reason]),
  ];
  return notes.length === 0 ? text : `${text.replace(/\n$/, "")}\n[${notes.join("; ")}]`;
}

/** As many whole lines as fit; `cut` where not even the first one did. */
export function wholeLines(body: string, bytes: number): { text: string; lines: number; cut: boolean } {
  if (bytesOf(body) <= bytes)
    return { text: body, lines: body.replace(/\n$/, "").split("\n").length, cut: false };
  const head = headOf(body, bytes);
  const end = head.lastIndexOf("\n");
  if (end < 0) return { text: head, lines: 1, cut: true };
  return { text: head.slice(0, end), lines: head.slice(0, end).split("\n").length, cut: false };
}

/** The beginning and the end of a text, with what is between them counted. */
export function headAndTail(body: string, bytes: number): string {
  const all = bytesOf(body);
  if (all <= bytes) return body;
  const half = Math.floor(bytes / 2);
  const tail = Buffer.from(body).subarray(-half).toString("utf8").replace(/^�+/, "");
  return `${headOf(body, half)}\n[… ${all - 2 * half} bytes left out …]\n${tail}`;
}

function clip(body: string): string {
  return bytesOf(body) <= bodyBytes
    ? body
    : `${headOf(body, bodyBytes)}\n[the rest does not fit into one answer]`;
}

function headOf(body: string, bytes: number): string {
  return Buffer.from(body).subarray(0, bytes).toString("utf8").replace(/�+$/, "");
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}

function bodyOf(outcome: ActionOutcome): string {
  return [outcome.stdout, outcome.stderr].filter(Boolean).join("\n");
}

function reasonOf(outcome: ActionOutcome): string {
  return (outcome.reason ?? "no reason was given").slice(0, 4000);
}
