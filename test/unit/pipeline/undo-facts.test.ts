import { expect, test } from "vitest";
import { doubtQuestion, foldJournal } from "../../../src/pipeline/facts.ts";
import type { JournalRecord, NewJournalRecord } from "../../../src/pipeline/journal.ts";

const now = { ticketText: "t", policy: "p" };
const stamped = (records: NewJournalRecord[]): JournalRecord[] =>
  records.map((record, seq) => ({ ...record, seq, ts: "2026-11-22T07:00:00Z" }) as JournalRecord);

const action = (
  step: string,
  what: string,
  phase: "started" | "outcome",
  value: unknown = null,
): NewJournalRecord => ({
  type: "action",
  phase,
  digest: "abcdef00",
  what,
  step,
  lasting: true,
  value,
});
const outcome = (step: string, undo: string | null) => ({
  step,
  status: "done",
  exit: 0,
  undo,
  at: "2026-11-22T07:00:00Z",
});

test("two plans with a step S2 each are undone by two commands, not by one", () => {
  const applied = [
    action("apply:S2", "start a", "outcome", outcome("S2", "stop a")),
    action("apply:S2", "start b", "outcome", outcome("S2", "stop b")),
  ];
  const half = [...applied, action("rollback:S2", "stop b", "outcome", outcome("S2", null))];
  expect(foldJournal(stamped(applied), now).hostHistory.map((done) => done.undo)).toEqual([
    "stop a",
    "stop b",
  ]);
  expect(foldJournal(stamped(half), now).hostHistory.map((done) => done.undo)).toEqual(["stop a"]);
});

test("an undo that a kill cut and a person saw applied is not run again", () => {
  const cut = [
    action("apply:S2", "start a", "outcome", outcome("S2", "stop a")),
    action("rollback:S2", "stop a", "started"),
  ];
  const answer = (said: string): NewJournalRecord => ({
    type: "answer",
    question: doubtQuestion("abcdef00"),
    text: "?",
    answer: said,
    by: "sara",
  });
  expect(foldJournal(stamped(cut), now).unfinished).toHaveLength(1);
  expect(foldJournal(stamped([...cut, answer("applied")]), now)).toMatchObject({
    hostHistory: [],
    unfinished: [],
  });
  expect(foldJournal(stamped([...cut, answer("not-applied")]), now)).toMatchObject({
    hostHistory: [{ undo: "stop a" }],
    unfinished: [],
  });
});
