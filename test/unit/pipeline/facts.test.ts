import { describe, expect, test } from "vitest";
import { boundOf, doubtQuestion, foldJournal, stepNames } from "../../../src/pipeline/facts.ts";
import type { Wait } from "../../../src/pipeline/journal.ts";
import { nextStep } from "../../../src/pipeline/next-step.ts";
import { planOf, researchOf, reviewOf } from "../../support/pass-inputs.ts";
import {
  at,
  finding,
  finishedRun,
  hostOutcome,
  now,
  question,
  tellRun,
  treeOne,
  treeTwo,
  withHost,
} from "./run-records.ts";

const due = (facts: ReturnType<typeof foldJournal>) => {
  const step = nextStep(facts, [], new Map());
  return step.kind === "pass" ? step.step : step.kind === "verify" ? `verify ${step.on}` : step.kind;
};

const appliedRun = () =>
  tellRun()
    .triaged()
    .researched()
    .planned(withHost())
    .authorized()
    .implemented()
    .verified()
    .reviewed()
    .applied();

describe("what an outcome is bound to", () => {
  test.each([
    ["the ticket's text", { ...now, ticketText: "text-2" }, "research"],
    ["the policy", { ...now, policy: "policy-2" }, "authorize"],
    ["nothing", now, "finish"],
  ] as const)("with another value of %s, the run goes on at the right step", (_, bindings, step) => {
    expect(due(finishedRun().facts(bindings))).toBe(step);
  });

  test("another policy asks for authorization again and keeps the work", () => {
    const facts = finishedRun().facts({ ...now, policy: "policy-2" });
    expect(facts).toMatchObject({ authorized: false, candidate: { tree: treeOne } });
    expect(facts.closing).not.toBeNull();
  });

  test("another text of the ticket leaves triage and nothing else", () => {
    const facts = finishedRun().facts({ ...now, ticketText: "text-2" });
    expect(facts).toMatchObject({
      research: null,
      plan: null,
      planDigest: null,
      planTries: 0,
      authorized: false,
      implementation: null,
      candidate: null,
      checks: null,
      review: null,
      closing: null,
    });
    expect(facts.triage).not.toBeNull();
  });

  test("another plan makes everything after it void", () => {
    const facts = finishedRun()
      .planned(planOf({ slice: "another" }))
      .facts();
    expect(facts).toMatchObject({
      authorized: false,
      implementation: null,
      candidate: null,
      checks: null,
      review: null,
      closing: null,
    });
    expect(facts.planTries).toBe(2);
  });

  test("new research makes the plan void and its tries count afresh", () => {
    const told = finishedRun()
      .planned(planOf({ slice: "another" }))
      .researched(researchOf({ constraints: ["be brief"] }));
    expect(told.facts()).toMatchObject({ plan: null, planTries: 0, authorized: false });
  });

  test("another tree makes checks, reviews and the closing void", () => {
    const facts = finishedRun().implemented(treeTwo).facts();
    expect(facts).toMatchObject({
      candidate: { tree: treeTwo },
      checks: null,
      review: null,
      liveChecks: null,
      closing: null,
    });
    expect(due(facts)).toBe("verify candidate");
  });

  test("a base that moved keeps the verdicts where the tree is the same, and only there", () => {
    const same = finishedRun().outcome("rebase", {
      candidate: { commit: "c2", tree: treeOne },
      base: "base-2",
    });
    expect(same.facts()).toMatchObject({ base: "base-2", candidate: { commit: "c2" } });
    expect(due(same.facts())).toBe("finish");
    const other = finishedRun().outcome("rebase", {
      candidate: { commit: "c3", tree: treeTwo },
      base: "base-3",
    });
    expect(other.facts()).toMatchObject({ checks: null, review: null, closing: null });
    expect(other.facts().implementation).not.toBeNull();
  });

  test.each(stepNames.map((name) => [name]))(
    "an outcome of %s with any other bound changes nothing",
    (name) => {
      const told = appliedRun();
      const before = told.facts();
      told.add({ type: "outcome", step: name, bound: "another", value: { result: reviewOf(), checks: [] } });
      expect(told.facts()).toEqual(before);
    },
  );

  test("an outcome of a step that this version does not know is not misread", () => {
    const told = finishedRun();
    const before = told.facts();
    expect(told.add({ type: "outcome", step: "polish", bound: "x", value: null }).facts()).toEqual(before);
  });

  test("no two steps share a bound, whatever stands", () => {
    for (const facts of [tellRun().facts(), appliedRun().facts()]) {
      const bounds = stepNames.map((name) => boundOf(name, facts, now));
      expect(new Set(bounds).size).toBe(stepNames.length);
    }
  });

  test("checks of an earlier round do not verify the same tree's next plan", () => {
    const told = finishedRun();
    const old = told.records.find((record) => record.type === "outcome" && record.step === "verify");
    told
      .planned(planOf({ slice: "another" }))
      .authorized()
      .implemented(treeOne);
    if (old?.type === "outcome")
      told.add({ type: "outcome", step: "verify", bound: old.bound, value: old.value });
    expect(told.facts().checks).toBeNull();
  });
});

describe("rounds", () => {
  const sentBack = () => finishedRun().implemented(treeTwo).verified().sentBack();

  test("a review that asks for changes starts the next one with its findings", () => {
    expect(sentBack().facts()).toMatchObject({
      round: 2,
      carried: [finding()],
      implementation: null,
      checks: null,
    });
  });

  test("the work of a new round goes on from the candidate of the one before", () => {
    expect(sentBack().facts().candidate).toMatchObject({ tree: treeTwo });
  });

  test("an implementation of an earlier round is not taken for this one", () => {
    const told = tellRun().triaged().researched().planned().authorized().implemented();
    const old = told.records.at(-1);
    told.verified().sentBack();
    if (old?.type === "outcome")
      told.add({ type: "outcome", step: "implement", bound: old.bound, value: old.value });
    expect(told.facts().implementation).toBeNull();
  });

  test("a new plan starts at round one without findings", () => {
    expect(
      sentBack()
        .planned(planOf({ slice: "another" }))
        .facts(),
    ).toMatchObject({ round: 1, carried: [] });
  });
});

describe("answers", () => {
  test("the last answer to the same words counts; other words under the same id are another question", () => {
    const facts = tellRun()
      .answered("Q1", "Which port?", "80")
      .answered("Q1", "Which host?", "web")
      .answered("Q1", "Which port?", "443")
      .facts();
    expect(facts.answers).toEqual([
      { id: "Q1", text: "Which host?", answer: "web" },
      { id: "Q1", text: "Which port?", answer: "443" },
    ]);
  });
});

describe("an action that was cut off", () => {
  const asked = doubtQuestion("abcdef01");
  const reviewed = () =>
    tellRun().triaged().researched().planned(withHost()).authorized().implemented().verified().reviewed();

  test("is in doubt from its start to its outcome, not from the intent", () => {
    const told = reviewed().action("intent");
    expect(told.facts().unfinished).toEqual([]);
    expect(told.action("started").facts().unfinished).toHaveLength(1);
    expect(told.action("outcome", { value: hostOutcome() }).facts().unfinished).toEqual([]);
  });

  test("that a person says happened is done, with the plan's undo", () => {
    const facts = reviewed().action("started").answered(asked, "Did it happen?", "applied").facts();
    expect(facts.unfinished).toEqual([]);
    expect(facts.host).toEqual([hostOutcome({ exit: null as never })]);
    expect(facts.hostHistory).toHaveLength(1);
  });

  test("that a person says did not happen is due again", () => {
    const facts = reviewed().action("started").answered(asked, "Did it happen?", "not-applied").facts();
    expect(facts).toMatchObject({ unfinished: [], host: [], hostHistory: [] });
    expect(due(facts)).toBe("apply");
  });

  test("and was cut a second time is asked about again: the first answer does not count", () => {
    const told = reviewed()
      .action("started")
      .answered(asked, "Did it happen?", "not-applied")
      .action("started");
    expect(told.facts()).toMatchObject({ answers: [], unfinished: [{ digest: "abcdef01" }] });
  });

  test("of the implementer, once settled, is told to the next implementer", () => {
    const told = tellRun().triaged().researched().planned().authorized();
    told.action("started", { step: "implement" }).answered(asked, "Did it happen?", "applied");
    expect(told.facts().outcomes).toMatchObject([{ status: "done", reason: "a person says it happened" }]);
  });
});

describe("the host", () => {
  test("a step counts as done from its action's outcome on, without the step's own record", () => {
    const told = tellRun()
      .triaged()
      .researched()
      .planned(withHost())
      .authorized()
      .implemented()
      .verified()
      .reviewed();
    told.action("started").action("outcome", { value: hostOutcome() });
    expect(told.facts().host).toEqual([hostOutcome()]);
    expect(due(told.facts())).toBe("verify live");
  });

  test("one application that two records tell of is one thing to undo", () => {
    const told = tellRun()
      .triaged()
      .researched()
      .planned(withHost())
      .authorized()
      .implemented()
      .verified()
      .reviewed();
    told.action("started").action("outcome", { value: hostOutcome() }).applied();
    expect(told.facts().hostHistory).toEqual([hostOutcome()]);
  });

  test("what was started stays to be undone when a new plan forgets it", () => {
    const facts = appliedRun()
      .planned(planOf({ slice: "another" }))
      .facts();
    expect(facts).toMatchObject({ host: [], hostHistory: [hostOutcome()] });
  });

  test("what was started stays to be undone when the ticket's text changes", () => {
    const told = tellRun()
      .triaged()
      .researched()
      .planned(withHost())
      .authorized()
      .implemented()
      .verified()
      .reviewed();
    told.action("started").action("outcome", { value: hostOutcome() });
    expect(told.facts({ ...now, ticketText: "text-2" }).hostHistory).toEqual([hostOutcome()]);
  });

  test.each([
    ["done", 1],
    ["failed", 1],
    ["denied", 0],
    ["skipped", 0],
  ] as const)("a step that is %s leaves %i things to undo", (status, count) => {
    const told = tellRun()
      .triaged()
      .researched()
      .planned(withHost())
      .authorized()
      .implemented()
      .verified()
      .reviewed();
    expect(told.applied({ status }).facts().hostHistory).toHaveLength(count);
  });

  test("an undo that was run is remembered", () => {
    const told = appliedRun().action("outcome", {
      step: "rollback:S2",
      value: hostOutcome({ undo: null as never }),
    });
    expect(told.facts().undone).toEqual(["S2"]);
  });

  test("an undo that failed has undone nothing", () => {
    const value = hostOutcome({ status: "failed", exit: 1 });
    expect(appliedRun().action("outcome", { step: "rollback:S2", value }).facts().undone).toEqual([]);
  });

  test("a failed step that is tried again is one thing to undo; another undo is another", () => {
    const told = appliedRun()
      .applied({ status: "failed", exit: 1 })
      .answered("QH-S2", "", "retry")
      .applied({ exit: 7 });
    expect(told.facts().hostHistory).toEqual([hostOutcome({ exit: 7 })]);
    expect(told.applied({ undo: "systemctl stop caddy" }).facts().hostHistory).toHaveLength(2);
  });
});

describe("waits", () => {
  const answer: Wait = { kind: "answer", questions: [question()], why: "" };
  const doubt: Wait = { kind: "doubt", digest: "abcdef01", what: "reload", question: "QD1" };
  const trust: Wait = { kind: "trust", what: "agents.scripted" };
  const approval: Wait = { kind: "approval", id: "A-1", digest: null, what: "reload" };
  const all = [answer, doubt, trust, approval];

  test("stand until the run is resumed", () => {
    const told = tellRun().parked(all);
    expect(told.facts().waits).toEqual(all);
    expect(told.resumed().facts().waits).toEqual([]);
  });

  test("end with the ticket's text that they belong to, but for doubt and trust", () => {
    expect(
      tellRun()
        .parked(all)
        .facts({ ...now, ticketText: "text-2" }).waits,
    ).toEqual([doubt, trust]);
  });

  test("of the last park replace those before", () => {
    expect(tellRun().parked([answer]).parked([trust]).facts().waits).toEqual([trust]);
  });
});

describe("a failure", () => {
  const failed = () =>
    tellRun()
      .triaged()
      .add({ type: "failed", step: "research", bound: "x", reason: "timeout", message: "slow" });

  test("is the last word until something succeeds or is resumed", () => {
    expect(failed().facts().failure).toEqual({ step: "research", reason: "timeout", message: "slow" });
    expect(failed().researched().facts().failure).toBeNull();
    expect(failed().resumed().facts().failure).toBeNull();
  });

  test("is not forgotten for an outcome that no longer counts", () => {
    const told = failed().add({ type: "outcome", step: "research", bound: "another", value: {} });
    expect(told.facts().failure).not.toBeNull();
  });
});

describe("the end", () => {
  const end = (how: "in_review" | "closed" | "rolled_back" | "dropped") =>
    finishedRun().add({ type: "ended", how, detail: "" });
  const started = { type: "started", step: "rebase", bound: "x", attempt: "T1" } as const;

  test.each(["in_review", "closed", "rolled_back", "dropped"] as const)("%s is told", (how) => {
    expect(end(how).facts().ended).toBe(how);
  });

  test("in review is over when closing starts a step again; the others stay", () => {
    expect(end("in_review").add(started).facts().ended).toBeNull();
    for (const how of ["closed", "rolled_back", "dropped"] as const)
      expect(end(how).add(started).facts().ended).toBe(how);
  });
});

test("folding is a function of the records: twice the same, and it changes none of them", () => {
  const { records } = appliedRun().sentBack().answered("Q1", "Which port?", "443");
  const before = JSON.stringify(records);
  expect(foldJournal(records, now)).toEqual(foldJournal(records, now));
  expect(JSON.stringify(records)).toBe(before);
  expect(records.every((record) => record.ts === at)).toBe(true);
});
