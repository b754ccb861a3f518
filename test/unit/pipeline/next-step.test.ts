import { describe, expect, test } from "vitest";
import type { RunFacts } from "../../../src/pipeline/facts.ts";
import { doubtQuestion } from "../../../src/pipeline/facts.ts";
import { dueHostSteps, isSatisfied, type NextStep, nextStep } from "../../../src/pipeline/next-step.ts";
import { planOf, planStep, researchOf, reviewOf } from "../../support/pass-inputs.ts";
import {
  finding,
  finishedRun,
  hostStep,
  now,
  question,
  type Told,
  tellRun,
  withHost,
} from "./run-records.ts";

const decide = (told: Told, problems: string[] = [], states: Parameters<typeof nextStep>[2] = new Map()) =>
  nextStep(told.facts(), problems, states);

/** The step in one word, as the rows below name it. */
function named(step: NextStep): string {
  switch (step.kind) {
    case "pass":
      return step.step;
    case "verify":
      return `verify ${step.on}`;
    case "apply":
      return `apply ${step.step.id}`;
    case "ask":
      return `ask ${step.questions.map((each) => each.id).join(",")} (${step.status})`;
    case "wait":
      return `wait ${step.waits.map((wait) => wait.kind).join(",")}`;
    default:
      return step.kind;
  }
}

const planned = () => tellRun().triaged().researched().planned();
const authorized = () => planned().authorized();
const reviewedWithHost = () =>
  tellRun().triaged().researched().planned(withHost()).authorized().implemented().verified().reviewed();
const applied = () => reviewedWithHost().applied();
const rounds = (count: number) =>
  Array.from({ length: count }).reduce<Told>(
    (told) => told.implemented().verified().sentBack(),
    authorized(),
  );
const asking = { ...question("Q1"), neededFor: [] };

const rows: [when: string, told: () => Told, step: string][] = [
  ["a run has just begun", () => tellRun(), "triage"],
  ["triage is done", () => tellRun().triaged(), "research"],
  ["research is done", () => tellRun().triaged().researched(), "plan"],
  [
    "research asks",
    () =>
      tellRun()
        .triaged()
        .researched(researchOf({ questions: [asking] })),
    "ask Q1 (in_progress)",
  ],
  [
    "research asked and was answered",
    () =>
      tellRun()
        .triaged()
        .researched(researchOf({ questions: [asking] }))
        .answered("Q1", "Which port?", "443"),
    "plan",
  ],
  [
    "another question of the same id was answered",
    () =>
      tellRun()
        .triaged()
        .researched(researchOf({ questions: [asking] }))
        .answered("Q1", "Which host?", "web"),
    "ask Q1 (in_progress)",
  ],
  ["the plan is made", planned, "authorize"],
  [
    "the plan asks",
    () =>
      tellRun()
        .triaged()
        .researched()
        .planned(planOf({ questions: [asking] })),
    "ask Q1 (in_progress)",
  ],
  [
    "the plan's question was answered",
    () =>
      tellRun()
        .triaged()
        .researched()
        .planned(planOf({ questions: [asking] }))
        .answered("Q1", "Which port?", "443"),
    "plan",
  ],
  [
    "the plan was made again with the answer",
    () =>
      tellRun()
        .triaged()
        .researched()
        .planned(planOf({ questions: [asking] }))
        .answered("Q1", "Which port?", "443")
        .planned(),
    "authorize",
  ],
  [
    "a person said how the plan has to change",
    () => planned().answered("Q91", "A-1 was denied. How?", "use a copy"),
    "plan",
  ],
  ["an unrelated answer came", () => planned().answered("Q1", "Which port?", "443"), "authorize"],
  ["the plan is authorized", authorized, "implement"],
  ["the work is done", () => authorized().implemented(), "verify candidate"],
  ["the work is verified", () => authorized().implemented().verified(), "review"],
  ["the review approved", () => authorized().implemented().verified().reviewed(), "close"],
  ["the review asked for changes", () => rounds(1), "implement"],
  ["the second review asked for changes", () => rounds(2), "implement"],
  ["the third review asked for changes", () => rounds(3), "ask Q81 (blocked)"],
  [
    "a person said how a fourth round should go",
    () => {
      const told = rounds(3);
      const step = decide(told);
      const text = step.kind === "ask" ? step.questions[0]!.text : "";
      return told.answered("Q81", text, "be kind");
    },
    "implement",
  ],
  ["the review of a plan with host steps approved", reviewedWithHost, "apply S2"],
  ["the host step is done", applied, "verify live"],
  ["the live checks are there", () => applied().liveVerified(), "live-review"],
  ["the live review approved", () => applied().liveVerified().liveReviewed(), "close"],
  [
    "the live review asked for changes",
    () =>
      applied()
        .liveVerified()
        .liveReviewed(reviewOf({ verdict: "changes", findings: [finding()] })),
    "implement",
  ],
  [
    "a host step failed",
    () => reviewedWithHost().applied({ status: "failed", exit: 1 }),
    "ask QH-S2 (blocked)",
  ],
  [
    "a host step was denied",
    () => reviewedWithHost().applied({ status: "denied", exit: null }),
    "ask QH-S2 (blocked)",
  ],
  [
    "a person wants the failed host step again",
    () => reviewedWithHost().applied({ status: "failed", exit: 1 }).answered("QH-S2", "", "retry"),
    "apply S2",
  ],
  [
    "a person leaves the failed host step out",
    () => reviewedWithHost().applied({ status: "failed", exit: 1 }).answered("QH-S2", "", "skip"),
    "verify live",
  ],
  [
    "the only host step waits for the landing",
    () =>
      tellRun()
        .triaged()
        .researched()
        .planned(planOf({ steps: [planStep(), hostStep({ after: "land" })] }))
        .authorized()
        .implemented()
        .verified()
        .reviewed(),
    "close",
  ],
  ["the closer is done", finishedRun, "finish"],
  [
    "a host action was cut off",
    () => reviewedWithHost().action("started"),
    `ask ${doubtQuestion("abcdef01")} (blocked)`,
  ],
  [
    "an action inside the sandbox was cut off",
    () => authorized().action("started", { step: "implement", lasting: false }),
    "implement",
  ],
  [
    "a pass failed and is tried again",
    () => authorized().add({ type: "failed", step: "implement", bound: "x", reason: "timeout", message: "" }),
    "implement",
  ],
];

test.each(rows)("when %s", (_, told, step) => {
  expect(named(decide(told()))).toBe(step);
});

describe("a plan with problems", () => {
  test("is made again, at most three times for one ticket text", () => {
    const told = tellRun().triaged().researched();
    for (const tries of [1, 2])
      expect([tries, named(decide(told.planned(), ["no docs"]))]).toEqual([tries, "plan"]);
    const third = decide(told.planned(), ["no docs"]);
    expect(named(third)).toBe("ask Q93 (blocked)");
    expect(third).toMatchObject({ why: "no plan could be made: no docs" });
  });

  test("is made once more when a person has answered", () => {
    const told = tellRun().triaged().researched().planned().planned().planned();
    expect(named(decide(told.answered("Q93", "What should change?", "less"), ["no docs"]))).toBe("plan");
    expect(named(decide(told.planned(), ["no docs"]))).toBe("ask Q94 (blocked)");
  });
});

describe("waiting", () => {
  const wait = { kind: "approval", id: "A-1", digest: null, what: "reload" } as const;
  test.each([
    ["pending", "wait approval"],
    ["approved", "implement"],
    // The gate says what a denied, expired, void or used request comes to; waiting longer would change nothing.
    ["denied", "implement"],
    ["expired", "implement"],
    ["spent", "implement"],
    ["void", "implement"],
  ] as const)("for an approval that is %s", (state, step) => {
    expect(named(decide(authorized().parked([wait]), [], new Map([["A-1", state]])))).toBe(step);
  });

  test("for a request that is no longer there is over", () => {
    expect(named(decide(authorized().parked([wait])))).toBe("implement");
  });

  test("lasts until every wait is over, and only the open ones are told", () => {
    const two = { ...wait, id: "A-2" };
    const states = new Map([
      ["A-1", "approved"],
      ["A-2", "pending"],
    ] as const);
    expect(decide(authorized().parked([wait, two]), [], states)).toEqual({ kind: "wait", waits: [two] });
  });

  test("for answers ends when the very questions are answered", () => {
    const told = authorized().parked([
      { kind: "answer", questions: [question("Q1"), question("Q2", "When?")], why: "" },
    ]);
    expect(named(decide(told.answered("Q1", "Which port?", "443")))).toBe("wait answer");
    expect(named(decide(told.answered("Q2", "When exactly?", "now")))).toBe("wait answer");
    expect(named(decide(told.answered("Q2", "When?", "now")))).toBe("implement");
  });

  test("for trust ends with the operator's word, not before", () => {
    const told = authorized().parked([{ kind: "trust", what: "agents.scripted" }]);
    expect(named(decide(told))).toBe("wait trust");
    expect(named(decide(told, [], new Map([["trust", "pending"]])))).toBe("wait trust");
    expect(named(decide(told, [], new Map([["trust", "approved"]])))).toBe("implement");
  });

  test("about an action whose outcome is unknown ends when a person says what happened", () => {
    const told = reviewedWithHost().action("started");
    const asked = decide(told);
    if (asked.kind !== "ask") throw new Error("expected a question");
    told.parked([{ kind: "answer", questions: asked.questions, why: asked.why }]);
    expect(named(decide(told))).toBe("wait answer");
    const { id, text } = asked.questions[0]!;
    expect(named(decide(told.answered(id, text, "applied")))).toBe("verify live");
  });

  test.each(["done", "failed"])(
    "a failed host step's question ends when it is answered (then %s)",
    (status) => {
      const told = reviewedWithHost().applied({ status: "failed", exit: 1 });
      const asked = decide(told);
      if (asked.kind !== "ask") throw new Error("expected a question");
      const { id, text } = asked.questions[0]!;
      told
        .parked([{ kind: "answer", questions: asked.questions, why: asked.why }])
        .answered(id, text, "retry")
        .resumed();
      expect(named(decide(told))).toBe("apply S2");
      // A second failure is a new question: the old answer must not decide it.
      told.applied({ status: status as "done" | "failed", exit: 1, at: "2026-11-22T08:00:00Z" });
      expect(named(decide(told))).toBe(status === "done" ? "verify live" : "ask QH-S2 (blocked)");
      if (status === "done") return;
      const again = decide(told);
      if (again.kind !== "ask") throw new Error("expected a question");
      expect(
        isSatisfied({ kind: "answer", questions: again.questions, why: "" }, told.facts(), new Map()),
      ).toBe(false);
    },
  );
});

test("questions fit what a person is shown", () => {
  const told = rounds(3);
  const long = {
    ...told.facts(),
    carried: Array.from({ length: 50 }, (_, i) => finding(`F${i}`)),
  } satisfies RunFacts;
  const step = nextStep(long, [], new Map());
  expect(step.kind === "ask" && step.questions[0]!.text.length).toBe(500);
});

test("steps after landing and worktree steps are not due on the host", () => {
  const steps = [planStep(), hostStep(), hostStep({ id: "S3", after: "land" })];
  const facts = tellRun().triaged().researched().planned(planOf({ steps })).facts(now);
  expect(dueHostSteps(facts).map((step) => step.id)).toEqual(["S2"]);
});
