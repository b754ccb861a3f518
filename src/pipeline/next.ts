import { ulid } from "../platform/clock.ts";
import type { StoredTicket } from "../tickets/ticket.ts";
import { considerTickets } from "./consider.ts";
import { type Bindings, foldJournal } from "./facts.ts";
import type { Journal, JournalRecord, NewJournalRecord, Wait } from "./journal.ts";
import { buildPassInput } from "./pass-input.ts";
import { passRow } from "./passes.ts";
import { makePassFolders } from "./places.ts";
import type { Ports } from "./ports.ts";
import { runPass } from "./run-pass.ts";
import { type RunEnd, type RunOptions, runTicket } from "./run-ticket.ts";
import { bufferSegment } from "./segments.ts";
import { type Considered, cardOf, mostCards, type Skipped, selectTicket } from "./select-ticket.ts";
import type { Triaged } from "./steps.ts";

/** `nimrod next`: choose, claim, run. A ticket that somebody else claims in between is passed over. */

export type NextEnd =
  | { kind: "ran"; end: RunEnd; skipped: Skipped[] }
  | { kind: "nothing"; skipped: Skipped[] }
  | { kind: "held"; held: { ticket: string; pid: number }[] }
  /** Triage itself waits or failed: nothing is claimed. */
  | { kind: "triage-parked"; waits: Wait[] }
  | { kind: "triage-failed"; reason: string; message: string }
  | { kind: "interrupted" };

export async function runNext(ports: Ports, options: Pick<RunOptions, "until">): Promise<NextEnd> {
  const lost = new Set<string>();
  for (;;) {
    const scan = await ports.store.scan();
    const all = await considerTickets({
      scan,
      stateFolder: ports.stateFolder,
      approvals: ports.approvals,
      untrusted: ports.untrusted,
    });
    const { selection, skipped } = selectTicket(
      all.filter(({ ticket }) => !lost.has(ticket.id)),
      ports.clock.now(),
    );
    switch (selection.kind) {
      case "nothing":
        return lost.size > 0
          ? { kind: "held", held: [...lost].map((ticket) => ({ ticket, pid: 0 })) }
          : { kind: "nothing", skipped };
      case "held":
        return {
          kind: "held",
          held: selection.held.map(({ ticket, run }) => ({
            ticket: ticket.id,
            pid: run.kind === "live" ? run.pid : 0,
          })),
        };
      case "resume": {
        const { ticket } = selection.chosen;
        ports.progress({ kind: "selected", ticket: ticket.id, title: ticket.title, why: selection.why });
        const end = await runTicket(ports, ticket, { until: options.until, triaged: null });
        if (end.kind !== "busy") return { kind: "ran", end, skipped };
        lost.add(ticket.id);
        break;
      }
      case "start": {
        const triage = await triageTickets(ports, selection.equals);
        if (triage.kind !== "picked") return triage;
        const { chosen, triaged } = triage;
        ports.progress({ kind: "selected", ticket: chosen.id, title: chosen.title, why: selection.why });
        const end = await runTicket(ports, chosen, { until: options.until, triaged });
        if (end.kind !== "busy") return { kind: "ran", end, skipped };
        lost.add(chosen.id);
        break;
      }
    }
  }
}

/** `nimrod run ID`: triage of one card, then the same. */
export async function runOne(
  ports: Ports,
  considered: Considered,
  options: Pick<RunOptions, "until">,
): Promise<NextEnd> {
  const { id: ticket, title } = considered.ticket;
  ports.progress({ kind: "selected", ticket, title, why: "asked for by id" });
  if (considered.run.kind !== "none" && considered.run.kind !== "ended") {
    return {
      kind: "ran",
      end: await runTicket(ports, considered.ticket, { until: options.until, triaged: null }),
      skipped: [],
    };
  }
  const triage = await triageTickets(ports, [considered]);
  if (triage.kind !== "picked") return triage;
  return {
    kind: "ran",
    end: await runTicket(ports, triage.chosen, { until: options.until, triaged: triage.triaged }),
    skipped: [],
  };
}

type TriageEnd =
  | { kind: "picked"; chosen: StoredTicket; triaged: Triaged }
  | Extract<NextEnd, { kind: "triage-parked" | "triage-failed" | "interrupted" }>;

/** The triager sees cards, never bodies, in an empty folder, and chooses among equals only. */
export async function triageTickets(ports: Ports, equals: readonly Considered[]): Promise<TriageEnd> {
  const shown = equals.slice(0, mostCards);
  const cards = shown.map(cardOf);
  const segment = bufferSegment();
  const facts = foldJournal([], noBindings);
  const id = ulid(ports.clock);
  const folders = await makePassFolders(ports, "triage", id, "cards");
  const end = await runPass({
    ports,
    row: passRow("triage"),
    step: "triage",
    facts: { ...facts, ticket: shown[0]?.ticket.id ?? "", run: id },
    now: noBindings,
    journal: memoryJournal(id),
    input: buildPassInput("triage", emptySources(facts, shown, cards)),
    root: folders.root,
    workspace: null,
    mounts: [],
    frozen: () => false,
    makeCopy: null,
    openSegment: async () => segment,
    approved: [],
  });
  if (end.kind === "parked") return { kind: "triage-parked", waits: end.waits };
  if (end.kind === "cancelled") return { kind: "interrupted" };
  if (end.kind === "failed") return { kind: "triage-failed", reason: end.reason, message: end.message };
  const pick = (end.result as { pick: string }).pick;
  const chosen = shown.find(({ ticket }) => ticket.id === pick);
  if (!chosen)
    return {
      kind: "triage-failed",
      reason: "schema",
      message: `the triager picked ${pick}, which is not among the ${shown.length} best`,
    };
  return { kind: "picked", chosen: chosen.ticket, triaged: { end, records: segment.records, cards } };
}

const noBindings: Bindings = { ticketText: "", policy: "" };

function emptySources(
  facts: ReturnType<typeof foldJournal>,
  shown: readonly Considered[],
  cards: Triaged["cards"],
) {
  const first = shown[0];
  if (!first) throw new Error("triage of no ticket");
  return {
    facts,
    ticket: first.ticket,
    body: { description: "", criteria: [], runbook: [] },
    cards,
    related: [],
    earlier: [],
    limits: { files: 0, steps: 0 },
    problems: [],
    diff: "",
    changedPaths: [],
    live: false,
  };
}

/** Triage may read and nothing else, so that its journal has nothing to survive. */
function memoryJournal(run: string): Journal {
  const records: JournalRecord[] = [];
  return {
    run,
    file: "",
    records,
    async append(record: NewJournalRecord) {
      records.push({ ...record, seq: records.length, ts: "" } as JournalRecord);
    },
    async close() {},
  };
}
