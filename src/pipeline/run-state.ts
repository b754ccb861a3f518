import { ticketTextDigest } from "../tickets/body.ts";
import type { Ticket } from "../tickets/ticket.ts";
import { claimHolder } from "./claims.ts";
import type { RunStateSources } from "./consider.ts";
import { waitsThatStand } from "./facts.ts";
import { type JournalRecord, readLatestRun, type Wait } from "./journal.ts";
import { isSatisfied, type WaitStates } from "./next-step.ts";
import type { RunState } from "./select-ticket.ts";
import { waitStates } from "./wait-states.ts";

/** How a ticket's newest run stands, from its journal. `consider.ts` asks only where there is a trace of one. */
export async function readRunState(
  ticket: Pick<Ticket, "id" | "title" | "path">,
  options: RunStateSources,
): Promise<RunState> {
  const latest = await readLatestRun(options.stateFolder, ticket.id);
  const holder = await claimHolder(options.stateFolder, ticket.id);
  if (holder) return { kind: "live", owner: holder.owner, pid: holder.pid };
  if (!latest) return { kind: "none" };
  const waits = waitsOf(latest.records, ticketTextDigest(ticket, options.textOf(ticket)));
  return runState(latest.records, waits, await waitStates(options, waits));
}

/** Pure: how a run that nobody holds stands, by its last records. */
export function runState(records: readonly JournalRecord[], waits: Wait[], states: WaitStates): RunState {
  const ended = records.findLast((record) => record.type === "ended" || record.type === "started");
  if (ended?.type === "ended") return { kind: "ended", how: ended.how };
  if (waits.length > 0) {
    // What was answered before it parked is not what it waits for now, even under the same words.
    const since = records.slice(records.findLastIndex((record) => record.type === "parked"));
    const answers = since.flatMap((record) =>
      record.type === "answer" ? [{ id: record.question, text: record.text, answer: record.answer }] : [],
    );
    return {
      kind: "parked",
      waits,
      satisfied: waits.every((wait) => isSatisfied(wait, { answers }, states)),
    };
  }
  const last = records.findLast(
    (record) => record.type === "failed" || record.type === "outcome" || record.type === "resumed",
  );
  return last?.type === "failed" ? { kind: "failed", step: last.step, reason: last.reason } : { kind: "cut" };
}

function waitsOf(records: readonly JournalRecord[], ticketText: string): Wait[] {
  const last = records.findLast((record) => record.type === "parked" || record.type === "resumed");
  return last?.type === "parked" ? waitsThatStand(last, ticketText) : [];
}
