import { describe, expect, test } from "vitest";
import type { EvidenceRecord, RecordType } from "../../../src/evidence/record.ts";
import type { Segment } from "../../../src/evidence/segment.ts";
import { summarizeEvidence } from "../../../src/pipeline/evidence-summary.ts";
import { check, criterion } from "../../support/pass-inputs.ts";

type Told = { type: RecordType; data: Record<string, unknown>; ts?: string };

function segment(
  pass: string,
  records: Told[],
  seal: Segment["seal"] = { count: 1, verdict: "finished", tree: null },
): Segment {
  return {
    path: `.nimrod/evidence/nim-1/${pass}.jsonl`,
    run: "R1",
    pass,
    records: records.map(
      ({ type, data, ts = "2026-11-22T07:12:40Z" }, seq): EvidenceRecord => ({
        v: 1,
        seq,
        prev: null,
        ts,
        ticket: "nim-1",
        run: "R1",
        type,
        actor: "nimrod",
        data,
      }),
    ),
    head: seal === null ? null : `head-${pass}`,
    parents: [],
    seal,
    signature: { key: "k", sig: "s" },
    completeBytes: 1,
    totalBytes: 1,
    problems: [],
  };
}

const summary = (segments: Segment[], criteria = [criterion()]) =>
  summarizeEvidence({ ticket: "nim-1", criteria, segments, waiting: [] });
const checked = (given: Parameters<typeof check>[0]): Told => ({ type: "check", data: { ...check(given) } });
const state = (...records: Told[]) => summary([segment("verify", records)]).criteria[0]?.state;

describe("a criterion", () => {
  test.each<[string, Told[], string]>([
    ["without any record is unknown", [], "unknown"],
    ["that only the base was checked for is unknown", [checked({ on: "base" })], "unknown"],
    ["of the worktree is not met by a live check", [checked({ on: "live" })], "unknown"],
    ["is met by a green check of the candidate", [checked({})], "met"],
    ["is unmet by a red one", [checked({ passed: false })], "unmet"],
    ["goes by its last check", [checked({}), checked({ passed: false })], "unmet"],
    ["is not met by another criterion's check", [checked({ ac: "AC2" })], "unknown"],
    [
      "is met by a person's word",
      [{ type: "note", data: { what: "attested", ac: "AC1", by: "ann" } }],
      "met",
    ],
    [
      "is not met by any other note",
      [{ type: "note", data: { what: "asked", ac: "AC1", by: "ann" } }],
      "unknown",
    ],
    ["is not met by what an agent submitted", [{ type: "result", data: { ...check() } }], "unknown"],
    ["with exit 0 that was no pass is unmet", [checked({ exit: 0, passed: false })], "unmet"],
  ])("%s", (_, records, expected) => {
    expect(state(...records)).toBe(expected);
  });

  test("on the host is met by a live check alone", () => {
    const onHost = criterion({ target: "host" });
    expect(summary([segment("verify", [checked({})])], [onHost]).criteria[0]?.state).toBe("unknown");
    expect(summary([segment("live", [checked({ on: "live" })])], [onHost]).criteria[0]?.state).toBe("met");
  });

  test("shows what was run, on what, when, and with which output", () => {
    expect(summary([segment("verify", [{ ...checked({}), ts: "2026-11-22T08:00:00Z" }])]).criteria).toEqual([
      {
        ac: "AC1",
        state: "met",
        command: "grep -q hello greeting.txt",
        attestedBy: null,
        target: "worktree",
        exit: 0,
        tree: "a".repeat(40),
        ended: "exited",
        outputDigest: "0".repeat(64),
        at: "2026-11-22T08:00:00Z",
      },
    ]);
  });
});

describe("a pass", () => {
  const action = (answer: string, assumption: string | null = null): Told => ({
    type: "action",
    data: { answer, assumption },
  });
  const open: Told = { type: "open", data: { agent: { name: "scripted" } } };

  test("counts what was done, assumed, asked and denied, each once", () => {
    const records = [
      open,
      action("go"),
      action("go", "assumed to be fine"),
      action("parked"),
      action("denied"),
      action("denied"),
    ];
    expect(summary([segment("implement", records)]).passes).toEqual([
      { pass: "implement", agent: "scripted", verdict: "finished", done: 1, assumed: 1, asked: 1, denied: 2 },
    ]);
  });

  test.each<[string, Record<string, unknown> | null, string | undefined]>([
    ["known figures", { usd: 0.25, known: true }, "US$ 0.25"],
    ["a reservation in their place", { usd: 2, known: false }, "≤ US$ 2.00"],
    ["nothing for what stays on the machine", null, undefined],
  ])("says what a pass is billed with: %s", (_, spent, cost) => {
    const notes: Told[] = spent === null ? [] : [{ type: "note", data: { what: "spent", ...spent } }];
    expect(summary([segment("implement", [open, ...notes])]).passes[0]?.cost).toBe(cost);
  });

  test.each<[string, Told[], Segment["seal"], string]>([
    [
      "a reviewer's verdict",
      [open, { type: "result", data: { result: { verdict: "changes" } } }],
      { count: 1, verdict: "finished", tree: null },
      "changes",
    ],
    [
      "the seal's verdict",
      [open, { type: "result", data: { result: {} } }],
      { count: 1, verdict: "finished", tree: null },
      "finished",
    ],
    ["that it has none yet", [open], null, "open"],
  ])("shows %s", (_, records, seal, verdict) => {
    expect(summary([segment("review", records, seal)]).passes[0]?.verdict).toBe(verdict);
  });

  test("without an agent was Nimrod's own", () => {
    expect(summary([segment("verify", [{ type: "open", data: {} }])]).passes[0]?.agent).toBe("nimrod");
  });
});

test("what was shown or said before a revision was about other words", () => {
  const revised: Told = {
    type: "note",
    data: { what: "revised", ac: "AC1", text: "new", by: "ann", reason: "it stays" },
  };
  expect(state(checked({}), revised)).toBe("unknown");
  expect(state(checked({}), revised, checked({}))).toBe("met");
  expect(state(checked({}), { ...revised, data: { ...revised.data, ac: "AC2" } })).toBe("met");
  const { revisions } = summary([segment("revise", [revised])]);
  expect(revisions).toEqual([
    { ac: "AC1", text: "new", by: "ann", reason: "it stays", at: "2026-11-22T07:12:40Z" },
  ]);
});
