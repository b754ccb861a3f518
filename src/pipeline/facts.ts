import type { CheckResult, StepOutcome } from "../agents/pass-input.ts";
import type { Closing, Implementation, Plan, Research, Review, Triage } from "../agents/roles.ts";
import { digestOf } from "../platform/digest.ts";
import { addCharge, addReservation, nothingSpent, type Spent } from "./budget.ts";
import type { JournalRecord, Wait } from "./journal.ts";

/**
 * What a run has established, folded from its journal. An outcome counts only while everything it was bound to
 * still holds: change the ticket's text, and research, plan, authorization, work and review fall away by themselves.
 */

type Candidate = { commit: string; tree: string };
/** What a finished pass leaves in the journal, beside its result. */
type PassRecord<T> = { result: T; pass: string; agent: string; answersSeen: number };
export type HostOutcome = {
  step: string;
  status: "done" | "denied" | "failed" | "skipped";
  exit: number | null;
  undo: string | null;
  at: string;
};

export type RunFacts = {
  run: string;
  ticket: string;
  branch: string;
  base: string;
  onto: string;
  triage: Triage | null;
  research: Research | null;
  plan: PassRecord<Plan> | null;
  planDigest: string | null;
  /** Plans made for the present ticket text, the standing one included. */
  planTries: number;
  authorized: boolean;
  /** 1-based: the round of implement → verify → review that is due or running. */
  round: number;
  implementation: Implementation | null;
  candidate: Candidate | null;
  checks: CheckResult[] | null;
  review: Review | null;
  /** Findings of the review that sent the work back. */
  carried: Review["findings"];
  host: HostOutcome[];
  /** What was started on the host in this run and not undone, whatever became of the plan: what a rollback undoes. */
  hostHistory: HostOutcome[];
  /** Steps whose undo was run. */
  undone: string[];
  liveChecks: CheckResult[] | null;
  liveReview: Review | null;
  closing: Closing | null;
  answers: { id: string; text: string; answer: string }[];
  /** What the implementer's actions came to, since the standing plan was made. */
  outcomes: StepOutcome[];
  /** What a parked run waits for; empty where it does not wait. */
  waits: Wait[];
  /** Actions that were started and have no outcome. */
  unfinished: { digest: string; what: string; step: string; lasting: boolean }[];
  /** The last pass that failed, with nothing after it. */
  failure: { step: string; reason: string; message: string } | null;
  /** Attempts of one step that failed and were tried again; a person who resumes starts the count anew. */
  tries: { step: string; bound: string; failed: number } | null;
  /** Of all passes of this run. */
  spent: Spent;
  ended: "in_review" | "closed" | "rolled_back" | "dropped" | null;
  /** The landing that was begun last, whether or not it came to its end. */
  landing: { base: string; candidate: string; commit: string } | null;
};

/** What the run is bound to from outside, as it is now. */
export type Bindings = { ticketText: string; policy: string };

export const stepNames = [
  "triage",
  "research",
  "plan",
  "authorize",
  "implement",
  "verify",
  "review",
  "rebase",
  "apply",
  "live-verify",
  "live-review",
  "close",
] as const;
export type StepName = (typeof stepNames)[number];

/** What an outcome of this step is bound to, given everything that stands before it. */
export function boundOf(step: StepName, facts: RunFacts, now: Bindings): string {
  return digestOf(`nimrod/step/${step}/v1`, boundValues(step, facts, now));
}

function boundValues(step: StepName, facts: RunFacts, now: Bindings): unknown {
  const tree = facts.candidate?.tree ?? null;
  switch (step) {
    case "triage":
      return { ticket: facts.ticket };
    case "research":
      return { text: now.ticketText };
    case "plan":
      return { text: now.ticketText, research: facts.research };
    case "authorize":
      return { plan: facts.planDigest, policy: now.policy };
    case "implement":
      return { plan: facts.planDigest, round: facts.round };
    case "verify":
    case "rebase":
      return { plan: facts.planDigest, tree };
    case "review":
      return { plan: facts.planDigest, tree, checks: facts.checks };
    case "apply":
      return { plan: facts.planDigest, tree, review: facts.review };
    case "live-verify":
      return { tree, host: facts.host };
    case "live-review":
      return { tree, checks: facts.liveChecks };
    case "close":
      return { tree, review: facts.review, live: facts.liveReview };
  }
}

export function foldJournal(records: readonly JournalRecord[], now: Bindings): RunFacts {
  const facts = emptyFacts();
  for (const record of records) apply(facts, record, now);
  return facts;
}

function emptyFacts(): RunFacts {
  return {
    run: "",
    ticket: "",
    branch: "",
    base: "",
    onto: "",
    triage: null,
    research: null,
    plan: null,
    planTries: 0,
    ...afterPlan(),
    hostHistory: [],
    undone: [],
    answers: [],
    waits: [],
    unfinished: [],
    failure: null,
    tries: null,
    spent: nothingSpent,
    ended: null,
    landing: null,
  };
}

/** Everything that a new plan makes void. */
function afterPlan() {
  return {
    planDigest: null,
    authorized: false,
    round: 1,
    carried: [],
    outcomes: [],
    host: [],
    ...afterCandidate(),
    implementation: null,
    candidate: null,
  };
}

/** Everything that a new candidate tree makes void. */
function afterCandidate() {
  return { checks: null, review: null, liveChecks: null, liveReview: null, closing: null };
}

function apply(facts: RunFacts, record: JournalRecord, now: Bindings): void {
  switch (record.type) {
    case "run":
      Object.assign(facts, {
        run: record.run,
        ticket: record.ticket,
        branch: record.branch,
        base: record.base,
        onto: record.onto,
      });
      return;
    case "outcome": {
      const step = stepNames.find((name) => name === record.step);
      if (step && record.bound === boundOf(step, facts, now)) {
        accept(facts, step, record.value);
        facts.failure = null;
        facts.tries = null;
      }
      return;
    }
    case "retry":
      facts.tries = { step: record.step, bound: record.bound, failed: record.failed };
      return;
    case "reserved":
      facts.spent = addReservation(facts.spent, record.usd);
      return;
    case "spent":
      facts.spent = addCharge(facts.spent, record);
      return;
    case "failed":
      facts.tries = null;
      facts.failure = { step: record.step, reason: record.reason, message: record.message };
      return;
    case "action":
      applyAction(facts, record);
      return;
    case "parked":
      facts.waits = waitsThatStand(record, now.ticketText);
      return;
    case "resumed":
      facts.waits = [];
      facts.failure = null;
      facts.tries = null;
      return;
    case "answer":
      facts.answers = [
        ...facts.answers.filter((known) => known.id !== record.question || known.text !== record.text),
        { id: record.question, text: record.text, answer: record.answer },
      ];
      settleDoubt(facts, record.question, record.answer, record.ts);
      settleHost(facts, record.question, record.answer);
      return;
    case "landing":
      facts.landing = { base: record.base, candidate: record.candidate, commit: record.commit };
      return;
    case "ended":
      facts.ended = record.how;
      return;
    case "started":
      // Closing may find that the base moved, and the run goes on after its end.
      if (facts.ended === "in_review") facts.ended = null;
      return;
    case "intent":
      return;
  }
}

/** A changed ticket is researched and planned afresh: what the old text waited for is over. Doubt about the host stays. */
export function waitsThatStand(
  parked: Extract<JournalRecord, { type: "parked" }>,
  ticketText: string,
): Wait[] {
  if (parked.text === ticketText) return parked.waits;
  return parked.waits.filter((wait) => wait.kind === "doubt" || wait.kind === "trust");
}

function applyAction(facts: RunFacts, record: Extract<JournalRecord, { type: "action" }>): void {
  if (record.phase === "intent") return;
  facts.unfinished = facts.unfinished.filter((action) => action.digest !== record.digest);
  if (record.phase === "started") {
    // Cut a second time, the same action is asked about again: the answer to the first time is over.
    facts.answers = facts.answers.filter((known) => known.id !== doubtQuestion(record.digest));
    facts.unfinished.push({
      digest: record.digest,
      what: record.what,
      step: record.step,
      lasting: record.lasting,
    });
    return;
  }
  if (record.step === "implement") facts.outcomes.push(record.value as StepOutcome);
  // The outcome of a host action counts from the moment it is journaled: a kill right after it must not repeat it.
  if (record.step.startsWith("apply:")) addHostOutcome(facts, record.value as HostOutcome);
  const undo = record.value as HostOutcome;
  // An undo that failed has undone nothing: the next rollback tries it again.
  if (record.step.startsWith("rollback:") && undo.status === "done") addUndone(facts, undo.step, record.what);
}

/** Two plans may both have a step S2: what is undone is the step with this very undo command. */
function addUndone(facts: RunFacts, step: string, undo: string): void {
  facts.hostHistory = facts.hostHistory.filter((known) => known.step !== step || known.undo !== undo);
  facts.host = facts.host.filter((known) => known.step !== step || known.undo !== undo);
  facts.undone.push(step);
}

function addHostOutcome(facts: RunFacts, outcome: HostOutcome): void {
  facts.host = [...facts.host.filter((known) => known.step !== outcome.step), outcome];
  const started = outcome.status === "done" || outcome.status === "failed";
  // The action's outcome and the step's tell of one thing, and a second try is undone by the same command.
  const others = facts.hostHistory.filter(
    (known) => known.step !== outcome.step || known.undo !== outcome.undo,
  );
  if (started) facts.hostHistory = [...others, outcome];
}

/** Two passes may both call a question Q1: only the answer to these very words counts. */
export function isAnswered(
  question: { id: string; text: string },
  answers: readonly { id: string; text: string }[],
): boolean {
  return answers.some((known) => known.id === question.id && known.text === question.text);
}

/** Id of the question about an action whose outcome is unknown; the same action gets the same id. */
export function doubtQuestion(digest: string): string {
  return `QD${(Number.parseInt(digest.slice(0, 6), 16) % 9000) + 1000}`;
}

/** Id of the question about a host step that failed or was denied. */
export function hostQuestion(step: string): string {
  return `QH-${step}`;
}

function settleHost(facts: RunFacts, question: string, answer: string): void {
  const failed = facts.host.find((outcome) => hostQuestion(outcome.step) === question);
  if (!failed) return;
  const others = facts.host.filter((outcome) => outcome !== failed);
  facts.host = answer === "retry" ? others : [...others, { ...failed, status: "skipped" }];
}

/** A person said whether an action happened: it is then neither started again nor in doubt. */
function settleDoubt(facts: RunFacts, question: string, answer: string, at: string): void {
  const action = facts.unfinished.find((candidate) => doubtQuestion(candidate.digest) === question);
  if (!action) return;
  facts.unfinished = facts.unfinished.filter((other) => other !== action);
  if (answer !== "applied") return;
  const rolledBack = /^rollback:(.+)$/.exec(action.step)?.[1];
  if (rolledBack) {
    addUndone(facts, rolledBack, action.what);
    return;
  }
  const host = /^apply:(.+)$/.exec(action.step)?.[1];
  const undo = facts.plan?.result.steps.find((step) => step.id === host)?.undo ?? null;
  if (host) addHostOutcome(facts, { step: host, status: "done", exit: null, undo, at });
  else
    facts.outcomes.push({
      step: null,
      action: action.what,
      status: "done",
      tier: "explicit",
      reason: "a person says it happened",
    });
}

/** The journal is Nimrod's own and each value was read by its schema before it was written; hence the casts. */
function accept(facts: RunFacts, step: StepName, value: unknown): void {
  switch (step) {
    case "triage":
      facts.triage = (value as PassRecord<Triage>).result;
      return;
    case "research":
      facts.research = (value as PassRecord<Research>).result;
      Object.assign(facts, { plan: null, planTries: 0, ...afterPlan() });
      return;
    case "plan": {
      const plan = value as PassRecord<Plan>;
      const tries = facts.planTries + 1;
      Object.assign(facts, {
        ...afterPlan(),
        plan,
        planTries: tries,
        planDigest: digestOf("nimrod/plan/v1", plan.result),
      });
      return;
    }
    case "authorize":
      facts.authorized = true;
      return;
    case "implement": {
      const done = value as PassRecord<Implementation> & { candidate: Candidate };
      Object.assign(facts, { ...afterCandidate(), implementation: done.result, candidate: done.candidate });
      return;
    }
    case "rebase": {
      const moved = value as { candidate: Candidate; base: string };
      // A base that changed only what Nimrod writes itself leaves the tree, and with it every verdict, as it is.
      const isSameTree = moved.candidate.tree === facts.candidate?.tree;
      Object.assign(facts, {
        ...(isSameTree ? {} : afterCandidate()),
        candidate: moved.candidate,
        base: moved.base,
      });
      return;
    }
    case "verify":
      facts.checks = (value as { checks: CheckResult[] }).checks;
      return;
    case "review":
    case "live-review":
      acceptReview(facts, step, (value as PassRecord<Review>).result);
      return;
    case "apply":
      addHostOutcome(facts, value as HostOutcome);
      return;
    case "live-verify":
      facts.liveChecks = (value as { checks: CheckResult[] }).checks;
      return;
    case "close":
      facts.closing = (value as PassRecord<Closing>).result;
      return;
  }
}

function acceptReview(facts: RunFacts, step: "review" | "live-review", review: Review): void {
  if (review.verdict === "approve") {
    if (step === "review") facts.review = review;
    else facts.liveReview = review;
    return;
  }
  // The same branch goes on with a new implementer, who gets the finding ids.
  facts.round++;
  facts.carried = review.findings;
  Object.assign(facts, { ...afterCandidate(), implementation: null });
}
