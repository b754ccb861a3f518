import { expect, test } from "vitest";
import { failureReasons } from "../../../src/agents/adapter.ts";
import type { PlanStep } from "../../../src/agents/roles.ts";
import { foldJournal, type RunFacts } from "../../../src/pipeline/facts.ts";
import { nextStep } from "../../../src/pipeline/next-step.ts";
import { passes } from "../../../src/pipeline/passes.ts";
import { pauseBefore } from "../../../src/pipeline/retry.ts";
import { mostCards } from "../../../src/pipeline/select-ticket.ts";
import { lifecycleCommands, statusAt, transition } from "../../../src/pipeline/transitions.ts";
import { statuses } from "../../../src/tickets/ticket.ts";
import { tableUnder, textOf, wordsOf } from "./page.ts";

const page = "docs/pipeline.md";

test("the six passes are those of the pass table", () => {
  const rows = passes.map(({ name, role, needs, place, mayWrite }) => [
    `\`${name}\``,
    role,
    needs.join(", ") || "nothing",
    place,
    mayWrite ? "yes" : "no",
  ]);
  expect(tableUnder(page, "| pass | role | needs | works in | may write |")).toEqual(rows);
  expect(textOf(page)).toContain(`at most ${mostCards} cards`);
});

test("each command does in each status what the table says", () => {
  const header = `| status | ${lifecycleCommands.map((name) => `\`${name.replace("-", " --")}\``).join(" | ")} |`;
  const rows = statuses.map((status) => [
    `\`${status}\``,
    ...lifecycleCommands.map((command) => {
      const what = transition(command, status);
      if (what.kind === "go") return "goes";
      if (what.kind === "already") return `already: ${what.message}`;
      const hint = what.hint.startsWith("nimrod ") ? `\`${what.hint}\`` : what.hint;
      return `refused: ${what.message} (${hint})`;
    }),
  ]);
  expect(tableUnder(page, header)).toEqual(rows);
});

test("the statuses of the moments are those of the code", () => {
  const rows = Object.entries(statusAt).map(([moment, status]) => [moment, `\`${status}\``]);
  expect(tableUnder(page, "| moment | status |")).toEqual(rows);
});

const question = { id: "Q1", kind: "text", text: "Which port?", neededFor: [] } as const;
const hostStep: PlanStep = {
  id: "S1",
  title: "reload",
  intent: "reload",
  do: { run: { argv: ["true"] } },
  target: "host",
};
const research = { findings: [], constraints: [], links: [], questions: [] };
const plan = {
  slice: "it",
  outOfScope: [],
  steps: [hostStep],
  criteria: [],
  covers: [],
  docs: [],
  risks: [],
  questions: [],
};
const approved = { verdict: "approve", criteria: [], findings: [] } as const;
const tree = { commit: "c", tree: "t" };
const applied = { step: "S1", status: "done", exit: 0, undo: null, at: "" } as const;

/** One row of the page after the other: what is added to the facts, and what follows from it. */
const story: [string, Partial<RunFacts>, object][] = [
  [
    "something that it waits for is missing",
    { waits: [{ kind: "trust", what: "agents" }] },
    { kind: "wait" },
  ],
  [
    "an action was started and its outcome is unknown, and it may have left effects",
    { waits: [], unfinished: [{ digest: "00", what: "reload", step: "apply:S1", lasting: true }] },
    { kind: "ask", status: "blocked" },
  ],
  ["no triage, no research", { unfinished: [] }, { kind: "pass", pass: "triage" }],
  [
    "research has questions without an answer",
    {
      triage: { pick: "a", order: [], summary: "s", conflicts: [] },
      research: { ...research, questions: [{ ...question, neededFor: [] }] },
    },
    { kind: "ask" },
  ],
  ["no plan", { research }, { kind: "pass", pass: "plan" }],
  [
    "the plan has open questions",
    {
      planTries: 1,
      plan: {
        result: { ...plan, questions: [{ ...question, neededFor: [] }] },
        pass: "p",
        agent: "a",
        answersSeen: 0,
      },
    },
    { kind: "ask" },
  ],
  [
    "the plan was answered, or does not hold (see below)",
    { answers: [{ id: question.id, text: question.text, answer: "443" }] },
    { kind: "pass", pass: "plan" },
  ],
  [
    "the plan is not authorized",
    { plan: { result: plan, pass: "p", agent: "a", answersSeen: 1 } },
    { kind: "authorize" },
  ],
  ["three reviews asked for changes", { authorized: true, round: 4 }, { kind: "ask", status: "blocked" }],
  ["nothing implemented in this round", { round: 1 }, { kind: "pass", pass: "implement" }],
  [
    "the candidate is not verified",
    { implementation: { steps: [], deviations: [] }, candidate: tree },
    { kind: "verify", on: "candidate" },
  ],
  ["no approving review of this tree", { checks: [] }, { kind: "pass", step: "review" }],
  [
    "a host step failed or was denied",
    {
      review: { ...approved, criteria: [], findings: [] },
      host: [{ ...applied, status: "failed", exit: 1 }],
    },
    { kind: "ask", status: "blocked" },
  ],
  ["a host step is due", { host: [] }, { kind: "apply" }],
  [
    "host steps were applied and are not verified, not reviewed",
    { host: [applied] },
    { kind: "verify", on: "live" },
  ],
  [
    "no closing",
    { liveChecks: [], liveReview: { ...approved, criteria: [], findings: [] } },
    { kind: "pass", pass: "close" },
  ],
  [
    "nothing of this",
    {
      closing: {
        summary: "s",
        notDone: [],
        followUps: [],
        changeLog: [],
        links: [],
        risks: [],
      },
    },
    { kind: "finish" },
  ],
];

test("what happens next is on the page, line by line, in the order in which it is decided", () => {
  expect(wordsOf(page, "| when | then |")).toEqual(story.map(([when]) => when));
  const facts = foldJournal([], { ticketText: "", policy: "" });
  for (const [when, change, then] of story) {
    Object.assign(facts, change);
    expect(nextStep(facts, [], new Map()), when).toMatchObject(then);
  }
});

test("a plan that does not hold is made again, and after three tries a person is asked", () => {
  const facts = foldJournal([], { ticketText: "", policy: "" });
  Object.assign(facts, {
    triage: {},
    research,
    plan: { result: plan, pass: "p", agent: "a", answersSeen: 0 },
  });
  expect(nextStep({ ...facts, planTries: 2 }, ["no docs"], new Map())).toMatchObject({ pass: "plan" });
  expect(nextStep({ ...facts, planTries: 3 }, ["no docs"], new Map())).toMatchObject({
    kind: "ask",
    status: "blocked",
  });
});

test("the failures that are tried again are those of the table, after the pauses that it says", () => {
  const rows = tableUnder(page, "| a pass fails because of | then |");
  const reasonsIn = (cell = "") => [...cell.matchAll(/`([a-z]+)`/g)].map(([, reason]) => reason);
  const after = (pause: number) =>
    failureReasons.filter((reason) => pauseBefore(reason, 1, { tries: 3, retrySeconds: 1 }) === pause);
  expect(reasonsIn(rows[0]?.[0]).toSorted()).toEqual(after(1).toSorted());
  expect([reasonsIn(rows[1]?.[0]), rows[1]?.[1]]).toEqual([
    after(12),
    "the same, after twelve times as long",
  ]);
  expect(pauseBefore("crash", 2, { tries: 3, retrySeconds: 1 })).toBe(4);
});
