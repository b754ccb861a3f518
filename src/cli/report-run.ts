import { NimrodError } from "../errors.ts";
import type { Wait } from "../pipeline/journal.ts";
import type { NextEnd } from "../pipeline/next.ts";
import type { RunEnd } from "../pipeline/run-ticket.ts";
import { commandFor, describeWait, type Skipped } from "../pipeline/select-ticket.ts";
import type { Context, Project } from "./context.ts";
import { printSkipped } from "./print-skipped.ts";

/** Says how a run ended, the next command last; answers with the exit code of CLI.md. */
export async function reportNext(context: Context, project: Project, end: NextEnd): Promise<number> {
  switch (end.kind) {
    case "ran":
      await project.touch(end.end.ticket);
      return reportRun(context, end.end);
    case "nothing":
      return reportNothing(context, end.skipped);
    case "held":
      throw new NimrodError("busy", "everything that is ready is held by a live run", {
        lines: end.held.map(({ ticket, pid }) => `${ticket}${pid > 0 ? ` (pid ${pid})` : ""}`),
      });
    case "triage-parked":
      return reportWaits(context, null, end.waits);
    case "triage-failed":
      throw new NimrodError("failed", `triage failed (${end.reason}): ${end.message}`, {
        hint: end.reason === "policy" ? "nimrod doctor" : "nimrod next",
      });
    case "interrupted":
      throw new NimrodError("interrupted", "stopped before a ticket was claimed", { hint: "nimrod next" });
  }
}

export function reportRun(context: Context, end: RunEnd): number {
  const { output } = context;
  switch (end.kind) {
    case "in_review":
      output.document("run", { ticket: end.ticket, result: "in_review", waits: [] });
      output.line(
        { text: `${end.ticket} is in review`, style: "green" },
        `: every check passed and an independent review approved it`,
      );
      output.line(`  look: nimrod show ${end.ticket} --evidence · nimrod diff ${end.ticket}`);
      output.line(`  land: nimrod close ${end.ticket}`);
      return 0;
    case "until":
      output.document("run", { ticket: end.ticket, result: "until", pass: end.pass, waits: [] });
      output.line(`${end.ticket} stopped after ${end.pass}, as asked`);
      output.line(`  look: nimrod show ${end.ticket}      go on: nimrod resume ${end.ticket}`);
      return 0;
    case "parked":
      return reportWaits(context, end.ticket, end.waits);
    case "failed":
      throw new NimrodError("failed", `${end.ticket}: ${end.step} failed (${end.reason}): ${end.message}`, {
        hint: `nimrod resume ${end.ticket}`,
      });
    case "interrupted":
      throw new NimrodError(
        "interrupted",
        `${end.ticket}: stopped; nothing that finished will be done again`,
        { hint: `nimrod resume ${end.ticket}` },
      );
    case "busy":
      throw new NimrodError("busy", `${end.ticket} is held by a live run (pid ${end.pid})`, {
        hint: `nimrod show ${end.ticket}`,
      });
  }
}

/** `goOn`: the command that was parked; typing it again goes on from there. */
export function reportWaits(
  context: Context,
  ticket: string | null,
  waits: Wait[],
  goOn: "resume" | "close" | "rollback" = "resume",
): number {
  const { output } = context;
  output.document("run", {
    ticket,
    result: "parked",
    waits: waits.map((wait) => ({ ...wait, command: commandFor([wait], ticket ?? "") })),
  });
  output.line({ text: `${ticket ?? "Triage"} waits for you`, style: "yellow" });
  for (const wait of waits) {
    if (wait.kind === "answer")
      for (const question of wait.questions) output.prose(`  ${question.id} ${question.text}`);
    else output.prose(`  ${describeWait(wait)}`);
  }
  const command = commandFor(waits, ticket ?? "");
  if (ticket && waits.every((wait) => wait.kind === "answer"))
    output.line(`  or say it in the ticket, which is then planned afresh: nimrod edit ${ticket}`);
  const then = ticket ? `nimrod ${goOn} ${ticket}` : "nimrod next";
  if (command) output.line(`  next: ${command}${command === then ? "" : `      then: ${then}`}`);
  return 5;
}

export function reportNothing(context: Context, skipped: readonly Skipped[]): number {
  const { output } = context;
  output.document("run", { ticket: null, result: "nothing", waits: [], skipped });
  output.line(skipped.length === 0 ? "No ticket is open." : "Nothing can be started now.");
  printSkipped(context, skipped);
  if (skipped.length === 0) output.line('  next: nimrod new "What should be done"');
  return 3;
}
