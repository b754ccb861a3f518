import { expect, test } from "vitest";
import type { Wait } from "../../../src/pipeline/journal.ts";
import { runState } from "../../../src/pipeline/run-state.ts";
import { waitStates } from "../../../src/pipeline/wait-states.ts";
import { finishedRun, question, type Told, tellRun } from "./run-records.ts";

const answer: Wait = { kind: "answer", questions: [question()], why: "which port" };
const approval: Wait = { kind: "approval", id: "A-1", digest: null, what: "reload" };
const failed = { type: "failed", step: "plan", bound: "x", reason: "timeout", message: "" } as const;
const started = { type: "started", step: "plan", bound: "x", attempt: "T1" } as const;

const rows: [when: string, told: Told, waits: Wait[], state: object][] = [
  ["has only begun", tellRun(), [], { kind: "cut" }],
  ["was cut after a pass", tellRun().triaged(), [], { kind: "cut" }],
  ["was cut in the middle of a pass", tellRun().triaged().add(started), [], { kind: "cut" }],
  [
    "failed",
    tellRun().triaged().add(started).add(failed),
    [],
    { kind: "failed", step: "plan", reason: "timeout" },
  ],
  ["failed and was resumed, then cut", tellRun().add(failed).resumed().add(started), [], { kind: "cut" }],
  ["failed earlier and succeeded since", tellRun().add(failed).triaged(), [], { kind: "cut" }],
  ["is parked", tellRun().parked([answer]), [answer], { kind: "parked", waits: [answer], satisfied: false }],
  [
    "is parked and answered",
    tellRun().parked([answer]).answered("Q1", "Which port?", "443"),
    [answer],
    { kind: "parked", waits: [answer], satisfied: true },
  ],
  [
    "is parked on the question that was answered once before",
    tellRun().parked([answer]).answered("Q1", "Which port?", "443").resumed().parked([answer]),
    [answer],
    { kind: "parked", waits: [answer], satisfied: false },
  ],
  [
    "has one of two waits left",
    tellRun().parked([answer, approval]).answered("Q1", "Which port?", "443"),
    [answer, approval],
    { kind: "parked", waits: [answer, approval], satisfied: false },
  ],
  [
    "has ended",
    finishedRun().add({ type: "ended", how: "in_review", detail: "" }),
    [],
    { kind: "ended", how: "in_review" },
  ],
  [
    "was taken up again after its end",
    finishedRun().add({ type: "ended", how: "in_review", detail: "" }).add(started),
    [],
    { kind: "cut" },
  ],
];

test.each(rows)("a run that %s", (_, told, waits, state) => {
  expect(runState(told.records, waits, new Map([["A-1", "pending"]]))).toEqual(state);
});

const listed = (...states: string[]) => ({
  list: async () => states.map((state, index) => ({ request: { id: `A-${index + 1}` }, state })) as never,
});

test("states of approvals are read where somebody waits for one", async () => {
  const states = await waitStates({ approvals: listed("pending", "void"), untrusted: null }, [approval]);
  expect([...states]).toEqual([
    ["trust", "approved"],
    ["A-1", "pending"],
    ["A-2", "void"],
  ]);
});

test("nothing is read where nobody waits for an approval, and trust is told", async () => {
  const approvals = { list: () => Promise.reject(new Error("read")) };
  expect([...(await waitStates({ approvals, untrusted: "agents.scripted" }, [answer]))]).toEqual([
    ["trust", "pending"],
  ]);
});
