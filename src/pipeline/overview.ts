import type { ApprovalView } from "../authorization/approvals.ts";
import type { JournalRecord } from "./journal.ts";
import { type Considered, laterThan, type Selection, type Skipped, selectTicket } from "./select-ticket.ts";

/**
 * Where things stand, for `status`: what needs a person first, then the rest. Pure, from what journal, approvals and
 * tickets say; a figure that none of them holds is not here.
 */

type Need = {
  kind: "approval" | "waits" | "failed" | "review";
  ticket: string | null;
  text: string;
  command: string;
};

type Running = {
  ticket: string;
  title: string;
  step: string | null;
  agent: string | null;
  since: string | null;
};

export type Done = { ticket: string; title: string; how: string; at: string };

export type Overview = {
  needs: Need[];
  running: Running[];
  held: Skipped[];
  done: Done[];
  /** US dollars that passes of the tickets under `done` are known to have cost; null where no agent told. */
  spent: number | null;
  /** What `next` would take, and how many more could follow. */
  ready: { ticket: string; title: string; why: string; more: number } | null;
};

export type OverviewFacts = {
  considered: readonly Considered[];
  approvals: readonly ApprovalView[];
  /** Of the tickets that run now, and of those that ended today. */
  records: ReadonlyMap<string, readonly JournalRecord[]>;
  ended: readonly Done[];
  now: Date;
};

export function decideOverview({ considered, approvals, records, ended, now }: OverviewFacts): Overview {
  const { selection, skipped } = selectTicket(considered, now);
  const pending = approvals.filter(({ state }) => state === "pending");
  return {
    needs: [...pending.map(approvalNeed), ...ticketNeeds(skipped, pending)],
    running: skipped
      .filter(({ kind }) => kind === "running")
      .map(({ id, title }) => ({ ticket: id, title, ...presentStep(records.get(id) ?? []) })),
    held: skipped.filter(({ kind }) => kind === "depends" || kind === "blocked" || kind === "deferred"),
    done: [...ended],
    spent: spentOn(ended, records),
    ready: readyNow(selection, considered, now),
  };
}

function approvalNeed({ request }: ApprovalView): Need {
  const text = `${request.id}  ${request.items.map((item) => item.title).join("; ")}`;
  return { kind: "approval", ticket: request.ticket, text, command: `nimrod approve ${request.id}` };
}

/** What people are asked first, what failed next, what can land last. */
const needOrder: readonly Need["kind"][] = ["waits", "failed", "review"];

function ticketNeeds(skipped: readonly Skipped[], pending: readonly ApprovalView[]): Need[] {
  return needOrder.flatMap((kind) =>
    skipped.flatMap((one) => {
      if (one.kind !== kind) return [];
      // Its request stands above already, with the same command.
      if (pending.some(({ request }) => one.command === `nimrod approve ${request.id}`)) return [];
      const text =
        kind === "review" ? `${one.title}: reviewed, ready to land` : `${one.title}: ${one.reason}`;
      return [{ kind, ticket: one.id, text, command: one.command ?? `nimrod show ${one.id}` }];
    }),
  );
}

/** What a live run does now: the last step that it began. */
function presentStep(records: readonly JournalRecord[]): Omit<Running, "ticket" | "title"> {
  const begun = records.findLast((record) => record.type === "started" || record.type === "intent");
  if (begun?.type !== "started" && begun?.type !== "intent") return { step: null, agent: null, since: null };
  const reserved = records.findLast((record) => record.type === "reserved");
  const agent = reserved?.type === "reserved" && reserved.step === begun.step ? reserved.agent : null;
  return { step: begun.step, agent, since: begun.ts };
}

function spentOn(ended: readonly Done[], records: OverviewFacts["records"]): number | null {
  const known = ended
    .flatMap(({ ticket }) => records.get(ticket) ?? [])
    .flatMap((record) => (record.type === "spent" && record.known ? [record.usd] : []));
  return known.length === 0 ? null : known.reduce((sum, usd) => sum + usd, 0);
}

function readyNow(selection: Selection, considered: readonly Considered[], now: Date): Overview["ready"] {
  if (selection.kind === "held" || selection.kind === "nothing") return null;
  const first = selection.kind === "resume" ? selection.chosen : selection.equals[0];
  if (first === undefined) return null;
  const more = laterThan(first, considered, now).length;
  return { ticket: first.ticket.id, title: first.ticket.title, why: selection.why, more };
}
