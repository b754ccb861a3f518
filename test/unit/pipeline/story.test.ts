import { expect, test } from "vitest";
import type { EvidenceRecord } from "../../../src/evidence/record.ts";
import type { Segment } from "../../../src/evidence/segment.ts";
import type { JournalRecord, NewJournalRecord } from "../../../src/pipeline/journal.ts";
import { tellStory } from "../../../src/pipeline/story.ts";

const at = (second: number) => `2026-11-22T07:12:${String(second).padStart(2, "0")}Z`;
const run = "01J";

function journal(...told: [second: number, record: NewJournalRecord][]): JournalRecord[] {
  return told.map(([second, record], seq) => ({ ...record, seq, ts: at(second) }) as JournalRecord);
}

type Told = [second: number, type: EvidenceRecord["type"], data: Record<string, unknown>];
function segment(pass: string, ...told: Told[]): Segment {
  const records = told.map(([second, type, data], seq) => ({ seq, ts: at(second), run, type, data }));
  return { path: `${pass}.jsonl`, pass, run, records } as unknown as Segment;
}

const started = (step: string): NewJournalRecord => ({ type: "started", step, bound: "b", attempt: "a" });
const done = (step: string): NewJournalRecord => ({ type: "outcome", step, bound: "b", value: null });
const outcome = (action: string, status = "done"): Told[2] => ({ action, status, tier: "brief", exit: null });

const lines = (records: JournalRecord[], ...segments: Segment[]) =>
  tellStory(run, records, segments).map(({ step, what, status }) =>
    `${step} ${what} ${status}`.replaceAll(/ +/g, " "),
  );

test("what happened in one second is told in the order of the steps", () => {
  const records = journal(
    [1, started("research")],
    [1, done("research")],
    [1, started("implement")],
    [1, { type: "failed", step: "implement", bound: "b", reason: "crash", message: "exit 1\nmore" }],
    [2, { type: "resumed" }],
  );
  const segments = [
    segment("research", [1, "outcome", outcome("read a.txt")]),
    segment(
      "implement",
      [1, "outcome", outcome("write b.txt")],
      [1, "outcome", { ...outcome("make"), exit: 2 }],
    ),
  ];
  expect(lines(records, ...segments)).toEqual([
    "research started",
    "research read a.txt done",
    "research done",
    "implement started",
    "implement write b.txt done",
    "implement make done exit 2",
    "implement exit 1 failed: crash",
    " resumed",
  ]);
});

test("what is held, checked and paid for has its line; what another run did has none", () => {
  const records = journal(
    [1, started("verify")],
    [
      3,
      {
        type: "spent",
        pass: "p",
        step: "verify",
        reserved: 2,
        usd: 2,
        tokens: 41_000,
        known: false,
        model: "m",
      },
    ],
    [4, { type: "parked", waits: [{ kind: "trust", what: "agents" }], text: "t" }],
  );
  const mine = segment(
    "verify",
    [2, "check", { ac: "AC1", command: "make test", passed: false, on: "base" }],
    [2, "action", { action: "rm -r x", answer: "parked", approval: "A-3", tier: "explicit" }],
    [2, "action", { action: "ls", answer: "go", tier: "none" }],
  );
  const other = segment("verify", [2, "outcome", outcome("not mine")]);
  for (const record of other.records) Object.assign(record, { run: "02K" });
  expect(lines(records, mine, other)).toEqual([
    "verify started",
    "verify AC1 make test red on base",
    "verify rm -r x held: A-3",
    "verify ≤ US$ 2.00, 41000 tokens, m spent",
    " needs your trust: agents parked",
  ]);
});

test("a line keeps its key while more is told, so that who follows sees it once", () => {
  const records = journal([1, started("research")], [3, done("research")], [4, started("plan")]);
  const all = [2, 3, 5].map((second): Told => [second, "outcome", outcome(`read ${second}`)]);
  const seen = new Set<string>();
  for (let told = 0; told <= 3; told += 1) {
    const story = tellStory(run, records.slice(0, told), [segment("research", ...all.slice(0, told))]);
    expect(new Set(story.map(({ key }) => key)).size).toBe(story.length);
    for (const { key } of story) seen.add(key);
  }
  expect(seen.size).toBe(6);
});
