import { join } from "node:path";
import * as z from "zod/mini";
import { NimrodError } from "../errors.ts";
import { type Clock, rfc3339 } from "../platform/clock.ts";
import {
  type Appender,
  cutTornTail,
  ensureFolder,
  listFolder,
  openAppender,
  readTextIfExists,
} from "../platform/files.ts";
import { journalFolder } from "./run-places.ts";

/**
 * The journal of one run: `<state>/runs/<ticket>/<ulid>.jsonl`, one fsynced line before and after everything that
 * happens. It is what a resumed run believes; evidence and ticket are written after it.
 */

const questionShape = z.strictObject({
  id: z.string(),
  kind: z.enum(["choice", "yesno", "text", "number"]),
  text: z.string(),
  options: z.optional(z.array(z.string())),
  default: z.optional(z.string()),
  defaultSource: z.optional(z.string()),
  neededFor: z.array(z.string()),
});

export const waitSchema = z.discriminatedUnion("kind", [
  /** A person's yes to one request. `digest` is what has to be performed then; null for a plan or consent. */
  z.strictObject({
    kind: z.literal("approval"),
    id: z.string(),
    digest: z.nullable(z.string()),
    what: z.string(),
  }),
  z.strictObject({ kind: z.literal("answer"), questions: z.array(questionShape), why: z.string() }),
  z.strictObject({ kind: z.literal("doubt"), digest: z.string(), what: z.string(), question: z.string() }),
  z.strictObject({ kind: z.literal("trust"), what: z.string() }),
  /** An agent that could not log in. Only a person can tell that it can now: by `resume`. */
  z.strictObject({ kind: z.literal("login"), agent: z.string(), how: z.string(), message: z.string() }),
]);
export type Wait = z.infer<typeof waitSchema>;

const stamp = { seq: z.int(), ts: z.string() };
const recordSchema = z.discriminatedUnion("type", [
  z.strictObject({
    ...stamp,
    type: z.literal("run"),
    run: z.string(),
    ticket: z.string(),
    branch: z.string(),
    /** Commit that the work starts from, and the operator's branch that it will land on. */
    base: z.string(),
    onto: z.string(),
  }),
  z.strictObject({ ...stamp, type: z.literal("intent"), step: z.string(), bound: z.string() }),
  z.strictObject({
    ...stamp,
    type: z.literal("started"),
    step: z.string(),
    bound: z.string(),
    attempt: z.string(),
  }),
  z.strictObject({
    ...stamp,
    type: z.literal("outcome"),
    step: z.string(),
    bound: z.string(),
    value: z.unknown(),
  }),
  z.strictObject({
    ...stamp,
    type: z.literal("failed"),
    step: z.string(),
    bound: z.string(),
    reason: z.string(),
    message: z.string(),
  }),
  /** An attempt of this step failed for a reason that may pass; `failed` counts such attempts, this one included. */
  z.strictObject({
    ...stamp,
    type: z.literal("retry"),
    step: z.string(),
    bound: z.string(),
    reason: z.string(),
    message: z.string(),
    failed: z.int(),
  }),
  /** US dollars set aside before a pass. Without its `spent` it was killed, and counts in full. */
  z.strictObject({
    ...stamp,
    type: z.literal("reserved"),
    pass: z.string(),
    step: z.string(),
    agent: z.string(),
    usd: z.number(),
  }),
  z.strictObject({
    ...stamp,
    type: z.literal("spent"),
    pass: z.string(),
    step: z.string(),
    /** As set aside before. */
    reserved: z.number(),
    usd: z.number(),
    /** In and out together. */
    tokens: z.number(),
    /** False where the reservation stands in for figures that nobody told. */
    known: z.boolean(),
    model: z.nullable(z.string()),
  }),
  z.strictObject({
    ...stamp,
    type: z.literal("action"),
    phase: z.enum(["intent", "started", "outcome"]),
    digest: z.string(),
    what: z.string(),
    step: z.string(),
    /** True where a kill can have left effects that Nimrod cannot undo by resetting the worktree. */
    lasting: z.boolean(),
    value: z.unknown(),
  }),
  /** `text`: the ticket text that the waits belong to. A person who edits the ticket instead of answering ends them. */
  z.strictObject({ ...stamp, type: z.literal("parked"), waits: z.array(waitSchema), text: z.string() }),
  z.strictObject({ ...stamp, type: z.literal("resumed") }),
  z.strictObject({
    ...stamp,
    type: z.literal("answer"),
    question: z.string(),
    text: z.string(),
    answer: z.string(),
    by: z.string(),
  }),
  /** The merge commit that is about to land: a kill between file and ref is mended by landing the very same one. */
  z.strictObject({
    ...stamp,
    type: z.literal("landing"),
    base: z.string(),
    candidate: z.string(),
    commit: z.string(),
  }),
  z.strictObject({
    ...stamp,
    type: z.literal("ended"),
    how: z.enum(["in_review", "closed", "rolled_back", "dropped"]),
    detail: z.string(),
  }),
]);
export type JournalRecord = z.infer<typeof recordSchema>;
type WithoutStamp<R> = R extends unknown ? Omit<R, "seq" | "ts"> : never;
export type NewJournalRecord = WithoutStamp<JournalRecord>;

export type Journal = {
  run: string;
  file: string;
  records: readonly JournalRecord[];
  append: (record: NewJournalRecord) => Promise<void>;
  close: () => Promise<void>;
};

export type StoredRun = { run: string; file: string; records: JournalRecord[] };

/** The newest run of a ticket, read only; null where it never ran. Starts nothing and cuts nothing. */
export async function readLatestRun(stateFolder: string, ticket: string): Promise<StoredRun | null> {
  const newest = (await runNames(stateFolder, ticket)).at(-1);
  return newest === undefined ? null : readRun(stateFolder, ticket, newest);
}

/** Every run of a ticket, newest first, read only. */
export async function readRuns(stateFolder: string, ticket: string): Promise<StoredRun[]> {
  const names = await runNames(stateFolder, ticket);
  return Promise.all(names.toReversed().map((name) => readRun(stateFolder, ticket, name)));
}

async function runNames(stateFolder: string, ticket: string): Promise<string[]> {
  const names = (await listFolder(journalFolder(stateFolder, ticket))).map((entry) => entry.name);
  return names.filter((name) => name.endsWith(".jsonl")).sort();
}

async function readRun(stateFolder: string, ticket: string, name: string): Promise<StoredRun> {
  const file = join(journalFolder(stateFolder, ticket), name);
  const records = parseJournal((await readTextIfExists(file)) ?? "", file);
  return { run: name.slice(0, -".jsonl".length), file, records };
}

/** Opens a run for writing. A line that a crash cut is removed: it was never acknowledged. */
export async function openJournal(
  stateFolder: string,
  ticket: string,
  run: string,
  clock: Clock,
): Promise<Journal> {
  const folder = journalFolder(stateFolder, ticket);
  await ensureFolder(folder, { mode: 0o700 });
  const file = join(folder, `${run}.jsonl`);
  await cutTornTail(file);
  const records = parseJournal((await readTextIfExists(file)) ?? "", file);
  const appender: Appender = await openAppender(file, { mode: 0o600 });
  let queue: Promise<unknown> = Promise.resolve();
  return {
    run,
    file,
    records,
    append(record) {
      // Calls may overlap; numbers follow the lines.
      const done = queue.then(async () => {
        const stamped = recordSchema.parse({ ...record, seq: records.length, ts: rfc3339(clock.now()) });
        await appender.append(JSON.stringify(stamped));
        records.push(stamped);
      });
      queue = done.catch(() => undefined); // told to the caller of this call
      return done;
    },
    close: () => appender.close(),
  };
}

function parseJournal(text: string, file: string): JournalRecord[] {
  // A torn last line has no line feed and does not count.
  const lines = text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .slice(0, -1);
  return lines.map((line, index) => {
    try {
      return recordSchema.parse(JSON.parse(line));
    } catch (cause) {
      throw new NimrodError("broken", `${file}:${index + 1}: not a journal record`, {
        cause,
        hint: "nimrod doctor",
      });
    }
  });
}
