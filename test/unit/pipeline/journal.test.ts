import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type NewJournalRecord, openJournal, readLatestRun } from "../../../src/pipeline/journal.ts";

const clock = { now: () => new Date("2026-11-22T07:12:40.987Z") };
const begin: NewJournalRecord = {
  type: "run",
  run: "R1",
  ticket: "nim-1",
  branch: "b",
  base: "c",
  onto: "main",
};

function tempState(): string {
  const folder = mkdtempSync(join(tmpdir(), "nimrod-journal-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function journalWith(...records: NewJournalRecord[]): Promise<{ state: string; file: string }> {
  const state = tempState();
  const journal = await openJournal(state, "nim-1", "R1", clock);
  for (const record of records) await journal.append(record);
  await journal.close();
  return { state, file: journal.file };
}

test("what was appended is read back, numbered and stamped, and is nobody else's to read", async () => {
  const { state, file } = await journalWith(begin, { type: "resumed" });
  expect(await readLatestRun(state, "nim-1")).toEqual({
    run: "R1",
    file,
    records: [
      { ...begin, seq: 0, ts: "2026-11-22T07:12:40Z" },
      { type: "resumed", seq: 1, ts: "2026-11-22T07:12:40Z" },
    ],
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("a ticket that never ran has no journal", async () => {
  expect(await readLatestRun(tempState(), "nim-1")).toBeNull();
});

test("the newest run is the one that counts", async () => {
  const { state } = await journalWith(begin);
  const other = await openJournal(state, "nim-1", "R2", clock);
  await other.append({ ...begin, run: "R2" });
  await other.close();
  expect((await readLatestRun(state, "nim-1"))?.run).toBe("R2");
});

test("a last line that a crash cut does not count: ignored by reading, removed by writing", async () => {
  const { state, file } = await journalWith(begin, { type: "resumed" });
  const whole = readFileSync(file, "utf8");
  // Every length of the torn line, one byte up to all but its line feed.
  for (let cut = 1; cut < whole.split("\n")[1]!.length + 1; cut += 7) {
    writeFileSync(file, whole);
    truncateSync(file, whole.length - cut);
    expect((await readLatestRun(state, "nim-1"))?.records).toHaveLength(1);
  }
  const journal = await openJournal(state, "nim-1", "R1", clock);
  await journal.append({ type: "resumed" });
  await journal.close();
  expect(readFileSync(file, "utf8")).toBe(whole);
});

test.each([
  ["is no JSON", "{}}\n"],
  ["is empty", "\n"],
  ["has a type nobody knows", '{"type":"celebrated","seq":1,"ts":"x"}\n'],
  ["has a field nobody knows", '{"type":"resumed","seq":1,"ts":"x","by":"mallory"}\n'],
  ["lacks a field", '{"type":"intent","seq":1,"ts":"x","step":"plan"}\n'],
])(
  "a whole line that %s is an error that names file and line, in reading and in writing",
  async (_, line) => {
    const { state, file } = await journalWith(begin);
    appendFileSync(file, line);
    const expected = { code: "broken", message: `${file}:2: not a journal record` };
    await expect(readLatestRun(state, "nim-1")).rejects.toMatchObject(expected);
    await expect(openJournal(state, "nim-1", "R1", clock)).rejects.toMatchObject(expected);
  },
);

test("a record that does not fit is refused before a byte of it is written", async () => {
  const { state, file } = await journalWith(begin);
  const before = readFileSync(file, "utf8");
  const journal = await openJournal(state, "nim-1", "R1", clock);
  await expect(journal.append({ type: "ended", how: "celebrated" } as never)).rejects.toThrow();
  expect(journal.records).toHaveLength(1);
  await journal.close();
  expect(readFileSync(file, "utf8")).toBe(before);
});
