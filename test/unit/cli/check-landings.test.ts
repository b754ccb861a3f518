import { appendFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkLandings } from "../../../src/cli/health/tickets.ts";
import { type NewJournalRecord, openJournal } from "../../../src/pipeline/journal.ts";
import { tempFolder } from "../authorization/approval-world.ts";

const clock = { now: () => new Date("2026-11-22T07:12:40Z") };
const tickets = [{ id: "nim-1", path: "tickets/active/nim-1-x.md" }];
const run: NewJournalRecord = {
  type: "run",
  run: "R1",
  ticket: "nim-1",
  branch: "b",
  base: "c",
  onto: "main",
};
const landing: NewJournalRecord = { type: "landing", base: "c", candidate: "d", commit: "e" };

async function stateWith(...records: NewJournalRecord[]) {
  const state = tempFolder();
  const journal = await openJournal(state, "nim-1", "R1", clock);
  for (const record of records) await journal.append(record);
  await journal.close();
  return { state, file: journal.file };
}

test.each<[string, NewJournalRecord[], boolean]>([
  ["never begun", [run], false],
  ["begun and not ended", [run, landing], true],
  ["begun and ended", [run, landing, { type: "ended", how: "closed", detail: "" }], false],
  ["ended, and begun once more", [run, { type: "ended", how: "in_review", detail: "" }, landing], true],
])("a landing that was %s", async (_, records, told) => {
  const { state } = await stateWith(...records);
  const check = { level: "note", hint: "nimrod close nim-1", text: expect.stringContaining("did not end") };
  expect(await checkLandings(tickets, state)).toMatchObject(told ? [check] : []);
});

test("a run that cannot be read is told, and a ticket that never ran is not", async () => {
  const { state, file } = await stateWith(run);
  appendFileSync(file, '{"seq":9}\n{"seq":10}\n');
  expect(await checkLandings(tickets, state)).toMatchObject([{ level: "broken" }]);
  expect(await checkLandings([{ id: "nim-2", path: "p" }], state)).toEqual([]);
});
