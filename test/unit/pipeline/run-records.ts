import type { Closing, Plan, PlanStep, Research, Review } from "../../../src/agents/roles.ts";
import {
  type Bindings,
  boundOf,
  foldJournal,
  type RunFacts,
  type StepName,
} from "../../../src/pipeline/facts.ts";
import type { JournalRecord, NewJournalRecord, Wait } from "../../../src/pipeline/journal.ts";
import { check, planOf, planStep, researchOf, reviewOf } from "../../support/pass-inputs.ts";

/** A run told by what happened in it: each outcome is bound as the driver binds it. */

export const now: Bindings = { ticketText: "text-1", policy: "policy-1" };
export const treeOne = "a".repeat(40);
export const treeTwo = "b".repeat(40);
export const at = "2026-11-22T07:12:40Z";

export const hostStep = (given: Partial<PlanStep> = {}): PlanStep =>
  planStep({
    id: "S2",
    title: "reload the proxy",
    do: { run: { argv: ["systemctl", "reload", "caddy"] } },
    target: "host",
    undo: "systemctl restart caddy",
    ...given,
  });

export const withHost = () => planOf({ steps: [planStep(), hostStep()] });

const closingOf = (given: Partial<Closing> = {}): Closing => ({
  summary: "the greeting is there",
  notDone: [],
  followUps: [],
  changeLog: [],
  links: [],
  risks: [],
  ...given,
});

export const question = (id = "Q1", text = "Which port?") => ({
  id,
  kind: "text" as const,
  text,
  neededFor: [],
});

export const finding = (id = "F1"): Review["findings"][number] => ({
  id,
  severity: "major",
  text: "the greeting is rude",
  status: "new",
});

export const hostOutcome = (given: Partial<RunFacts["host"][number]> = {}) => ({
  step: "S2",
  status: "done" as const,
  exit: 0,
  undo: "systemctl restart caddy",
  at,
  ...given,
});

export type Told = ReturnType<typeof tellRun>;

export function tellRun() {
  const records: JournalRecord[] = [];
  const add = (record: NewJournalRecord) => {
    records.push({ ...record, seq: records.length, ts: at } as JournalRecord);
    return told;
  };
  const facts = (bindings: Bindings = now) => foldJournal(records, bindings);
  const outcome = (step: StepName, value: unknown) =>
    add({ type: "outcome", step, bound: boundOf(step, facts(), now), value });
  const pass = (step: StepName, result: unknown, more: object = {}) =>
    outcome(step, {
      result,
      pass: `P-${step}`,
      agent: "builtin",
      answersSeen: facts().answers.length,
      ...more,
    });
  const told = {
    records,
    facts,
    add,
    outcome,
    triaged: () => pass("triage", { pick: "nim-000001", order: [], summary: "one", conflicts: [] }),
    researched: (research: Research = researchOf()) => pass("research", research),
    planned: (plan: Plan = planOf()) => pass("plan", plan),
    authorized: () => outcome("authorize", {}),
    implemented: (tree = treeOne) =>
      pass(
        "implement",
        { steps: [{ id: "S1", status: "done" }], deviations: [] },
        { candidate: { commit: `c-${tree}`, tree } },
      ),
    verified: () => outcome("verify", { checks: [check({ tree: facts().candidate?.tree ?? "" })] }),
    reviewed: (review: Review = reviewOf()) => pass("review", review),
    sentBack: () => pass("review", reviewOf({ verdict: "changes", findings: [finding()] })),
    applied: (given: Parameters<typeof hostOutcome>[0] = {}) => outcome("apply", hostOutcome(given)),
    liveVerified: () => outcome("live-verify", { checks: [check({ on: "live" })] }),
    liveReviewed: (review: Review = reviewOf()) => pass("live-review", review),
    closed: () => pass("close", closingOf()),
    parked: (waits: Wait[], text = now.ticketText) => add({ type: "parked", waits, text }),
    resumed: () => add({ type: "resumed" }),
    answered: (id: string, text: string, answer: string) =>
      add({ type: "answer", question: id, text, answer, by: "ann" }),
    action: (
      phase: "intent" | "started" | "outcome",
      given: { digest?: string; step?: string; lasting?: boolean; value?: unknown } = {},
    ) =>
      add({
        type: "action",
        phase,
        digest: "abcdef01",
        what: "systemctl reload caddy",
        step: "apply:S2",
        lasting: true,
        value: null,
        ...given,
      }),
  };
  return add({
    type: "run",
    run: "R1",
    ticket: "nim-000001",
    branch: "nimrod/000001",
    base: "base-1",
    onto: "main",
  });
}

/** Everything a ticket without host steps needs, up to its end. */
export const finishedRun = () =>
  tellRun().triaged().researched().planned().authorized().implemented().verified().reviewed().closed();
