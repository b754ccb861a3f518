import { describe, expect, test } from "vitest";
import { type FailureReason, failureReasons } from "../../../src/agents/adapter.ts";
import { foldJournal } from "../../../src/pipeline/facts.ts";
import type { Journal, JournalRecord, NewJournalRecord } from "../../../src/pipeline/journal.ts";
import { asksToLogIn } from "../../../src/pipeline/login-wait.ts";
import { isSatisfied } from "../../../src/pipeline/next-step.ts";
import type { Progress } from "../../../src/pipeline/ports.ts";
import { pauseBefore } from "../../../src/pipeline/retry.ts";
import type { PassEnd } from "../../../src/pipeline/run-pass.ts";
import { withTries } from "../../../src/pipeline/tries.ts";

const now = { ticketText: "text-1", policy: "policy-1" };

describe("a failure is tried again", () => {
  const limits = { tries: 3, retrySeconds: 5 };

  test.each<[FailureReason, pauses: (number | null)[]]>([
    ["network", [5, 20, null]],
    ["crash", [5, 20, null]],
    ["idle", [5, 20, null]],
    ["quota", [60, 240, null]],
    ["auth", [null]],
    ["schema", [null]],
    ["timeout", [null]],
    ["policy", [null]],
    ["stuck", [null]],
    ["refusal", [null]],
    ["budget", [null]],
    ["nonce", [null]],
    ["flood", [null]],
  ])("%s, after %j seconds", (reason, pauses) => {
    expect(pauses.map((_, index) => pauseBefore(reason, index + 1, limits))).toEqual(pauses);
  });

  test("or not, and the table has a row for every reason there is", () => {
    const again = failureReasons.filter((reason) => pauseBefore(reason, 1, limits) !== null);
    expect(again.toSorted()).toEqual(["crash", "idle", "network", "quota"]);
    expect(pauseBefore("toString", 1, limits)).toBeNull();
    expect(pauseBefore("crash", 1, { ...limits, tries: 1 })).toBeNull();
  });
});

/** A journal in memory, attempts that end as told, and what a person saw. */
function world(ends: PassEnd[], options: { tries?: number; retrySeconds?: number } = {}) {
  const records: JournalRecord[] = [];
  const journal: Journal = {
    run: "run",
    file: "",
    records,
    async append(record: NewJournalRecord) {
      records.push({ ...record, seq: records.length, ts: "2026-11-22T07:12:40Z" } as JournalRecord);
    },
    async close() {},
  };
  const abort = new AbortController();
  const seen: Progress[] = [];
  const ports = {
    limits: { tries: options.tries ?? 3, retrySeconds: options.retrySeconds ?? 0 } as never,
    progress: (event: Progress) => void seen.push(event),
    signal: abort.signal,
  };
  let attempts = 0;
  const go = () =>
    withTries({ ports, journal, now, step: "plan" }, async () => {
      attempts += 1;
      return ends.shift() ?? done;
    });
  return { go, journal, seen, abort, attempts: () => attempts, facts: () => foldJournal(records, now) };
}

const done: PassEnd = { kind: "finished", result: {}, pass: "p", agent: "a", ms: 1 };
const failed = (reason: string): PassEnd => ({ kind: "failed", reason, message: "no route\nmore" });

describe("attempts of one step", () => {
  test("go on until one is fine, and say so in one line each", async () => {
    const { go, seen, attempts, facts } = world([failed("network"), failed("idle")]);
    expect(await go()).toEqual(done);
    expect([attempts(), facts().tries?.failed]).toEqual([3, 2]);
    expect(seen).toEqual([
      { kind: "note", text: "network: no route: try 2 of 3 in 0 s" },
      { kind: "note", text: "idle: no route: try 3 of 3 in 0 s" },
    ]);
  });

  test("end at the limit, with the last failure", async () => {
    const { go, attempts } = world([failed("crash"), failed("network"), failed("crash"), done]);
    expect(await go()).toMatchObject({ reason: "crash", message: "no route\nmore (attempt 3 of 3)" });
    expect(attempts()).toBe(3);
  });

  test("are not made for what would fail again", async () => {
    const { go, attempts, facts } = world([failed("schema")]);
    expect([await go(), attempts(), facts().tries]).toEqual([failed("schema"), 1, null]);
  });

  test("are counted through a stop between two of them; a person's resume starts anew", async () => {
    const { go, journal, abort, attempts, facts } = world([
      failed("crash"),
      failed("crash"),
      failed("crash"),
    ]);
    abort.abort();
    expect([await go(), attempts(), facts().tries?.failed]).toEqual([{ kind: "cancelled" }, 1, 1]);
    const more = world([failed("crash"), failed("crash")]);
    for (const record of journal.records) await more.journal.append(record);
    expect([await more.go(), more.attempts()]).toEqual([expect.objectContaining({ kind: "failed" }), 2]);
    await more.journal.append({ type: "resumed" });
    expect(more.facts().tries).toBeNull();
  });

  test("of another plan are other attempts", async () => {
    const { go, journal, facts } = world([failed("crash")], { tries: 2 });
    await journal.append({
      type: "retry",
      step: "plan",
      bound: "other",
      reason: "crash",
      message: "",
      failed: 1,
    });
    expect([await go(), facts().tries?.failed]).toEqual([done, 1]);
  });

  test("a pause ends at once when the run is stopped", async () => {
    const { go, abort, seen } = world([failed("quota")], { retrySeconds: 3600 });
    const going = go();
    await expect.poll(() => seen.length).toBe(1);
    abort.abort();
    expect(await going).toEqual({ kind: "cancelled" });
  });
});

describe("an agent that cannot log in", () => {
  test.each([
    ["claude", "Anthropic", /claude auth login, or set ANTHROPIC_API_KEY or/],
    ["mine", "OpenAI", /codex login, or set OPENAI_API_KEY/],
    ["other", "Somebody", /log in where other looks for it/],
  ])("%s is waited for, with what to type", (name, vendor, how) => {
    const end = asksToLogIn({ kind: "failed", reason: "auth", message: "401\nbody" }, { name, vendor });
    const wait = { kind: "login", agent: name, message: "401", how: expect.stringMatching(how) };
    expect(end).toEqual({ kind: "parked", waits: [wait] });
  });

  test("is not waited for by anything that Nimrod could see", () => {
    const wait = { kind: "login" as const, agent: "claude", how: "", message: "" };
    expect(isSatisfied(wait, { answers: [] }, new Map([["claude", "approved"]]))).toBe(false);
    expect(asksToLogIn(failed("crash"), { name: "claude", vendor: "Anthropic" })).toEqual(failed("crash"));
  });
});
