import type { Card } from "../agents/pass-input.ts";
import type { NewRecord } from "../evidence/record.ts";
import { ulid } from "../platform/clock.ts";
import { buildGraph } from "../tickets/links.ts";
import type { StoredTicket } from "../tickets/ticket.ts";
import { type Bindings, foldJournal } from "./facts.ts";
import type { Journal, JournalRecord, NewJournalRecord, Wait } from "./journal.ts";
import { buildPassInput } from "./pass-input.ts";
import { passRow } from "./passes.ts";
import { makePassFolders } from "./places.ts";
import type { Ports } from "./ports.ts";
import { type PassEnd, runPass } from "./run-pass.ts";
import { bufferSegment } from "./segments.ts";
import { type Considered, cardOf, mostCards } from "./select-ticket.ts";
import { withTries } from "./tries.ts";

/** A triage with what its pass recorded: it may run before the claim, when there is no segment to write into. */
export type Triaged = {
  end: Extract<PassEnd, { kind: "finished" }>;
  records: NewRecord[];
  /** What was reserved and spent before there was a run to write it into. */
  money: NewJournalRecord[];
  cards: Card[];
};

export type TriageEnd =
  | { kind: "picked"; chosen: StoredTicket; triaged: Triaged }
  | { kind: "triage-parked"; waits: Wait[] }
  | { kind: "triage-failed"; reason: string; message: string }
  | { kind: "interrupted" };

/** The triager sees cards, never bodies, in an empty folder, and chooses among equals only. */
export async function triageTickets(ports: Ports, equals: readonly Considered[]): Promise<TriageEnd> {
  const shown = equals.slice(0, mostCards);
  const cards = shown.map(cardOf);
  const facts = foldJournal([], noBindings);
  const id = ulid(ports.clock);
  const folders = await makePassFolders(ports, "triage", id, "cards");
  const journal = memoryJournal(id);
  const segment = bufferSegment();
  const attempt = () =>
    runPass({
      ports,
      row: passRow("triage"),
      step: "triage",
      facts: { ...facts, ticket: shown[0]?.ticket.id ?? "", run: id },
      now: noBindings,
      journal,
      input: buildPassInput("triage", emptySources(facts, shown, cards)),
      root: folders.root,
      workspace: null,
      mounts: [],
      frozen: () => false,
      makeCopy: null,
      openSegment: async () => segment,
      approved: [],
    });
  const end = await withTries({ ports, journal, now: noBindings, step: "triage" }, attempt);
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
  const summary = `${cards.length} ${cards.length === 1 ? "card" : "cards"}`;
  ports.progress({ kind: "pass-done", pass: "triage", summary, objects: false, ms: end.ms });
  return {
    kind: "picked",
    chosen: await ports.store.read(chosen.ticket),
    triaged: { end, records: segment.records, money: moneyOf(journal), cards },
  };
}

/** Triage of a ticket that is claimed already: its run was cut before the triage was journaled, or starts over. */
export async function triageClaimed(ports: Ports, ticket: StoredTicket): Promise<TriageEnd> {
  const { tickets } = await ports.store.scan();
  const unblocks = buildGraph(tickets).unblocksCount(ticket.id);
  return triageTickets(ports, [{ ticket, blockedBy: [], unblocks, run: { kind: "none" } }]);
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
    // The triager sees cards, so no text is read.
    ticket: { ...first.ticket, text: "" },
    body: { description: "", criteria: [], runbook: [] },
    cards,
    related: [],
    earlier: [],
    houseRules: [],
    limits: { files: 0, steps: 0 },
    problems: [],
    diff: "",
    changedPaths: [],
    live: false,
  };
}

function moneyOf(journal: Journal): NewJournalRecord[] {
  return journal.records.flatMap(({ seq: _, ts: __, ...record }) =>
    record.type === "reserved" || record.type === "spent" ? [record] : [],
  );
}

/** Triage may read and nothing else, so that its journal has nothing to survive but what it cost. */
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
