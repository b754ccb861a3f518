import type { PlanStep, Question } from "../agents/roles.ts";
import type { ApprovalState } from "../authorization/approvals.ts";
import { doubtQuestion, hostQuestion, isAnswered, type RunFacts } from "./facts.ts";
import type { Wait } from "./journal.ts";
import type { PassName } from "./passes.ts";

/** What has to happen now, decided from facts alone. `run-ticket.ts` carries it out and asks again. */
export type NextStep =
  | {
      kind: "pass";
      pass: PassName;
      step: "triage" | "research" | "plan" | "implement" | "review" | "live-review" | "close";
    }
  | { kind: "authorize" }
  | { kind: "verify"; on: "candidate" | "live" }
  | { kind: "apply"; step: PlanStep }
  | { kind: "ask"; questions: Question[]; why: string; status: "in_progress" | "blocked" }
  | { kind: "wait"; waits: Wait[] }
  | { kind: "finish" };

/** How a request for approval stands now; an id that is not here does not exist any more. */
export type WaitStates = ReadonlyMap<string, ApprovalState>;

/** Three reviews at most; then a person decides. */
const reviewRounds = 3;
/** Plans for one ticket text; each further one is told what was wrong with the one before. */
const planTries = 3;

export function nextStep(
  facts: RunFacts,
  problemsOfPlan: readonly string[],
  waitStates: WaitStates,
): NextStep {
  const open = facts.waits.filter((wait) => !isSatisfied(wait, facts, waitStates));
  if (open.length > 0) return { kind: "wait", waits: open };
  const doubt = facts.unfinished.find((action) => action.lasting);
  if (doubt) return askAboutDoubt(doubt);

  if (!facts.triage) return { kind: "pass", pass: "triage", step: "triage" };
  if (!facts.research) return { kind: "pass", pass: "research", step: "research" };
  const fromResearch = unanswered(facts.research.questions, facts);
  if (fromResearch.length > 0) return ask(fromResearch, "research found questions that only you can answer");

  if (!facts.plan) return { kind: "pass", pass: "plan", step: "plan" };
  const planned = planStep(facts, problemsOfPlan);
  if (planned) return planned;
  if (!facts.authorized) return { kind: "authorize" };

  if (facts.round > reviewRounds && !facts.implementation) {
    const asked = askAboutRounds(facts);
    if (asked.kind === "ask" && unanswered(asked.questions, facts).length > 0) return asked;
  }
  if (!facts.implementation) return { kind: "pass", pass: "implement", step: "implement" };
  if (!facts.checks) return { kind: "verify", on: "candidate" };
  if (!facts.review) return { kind: "pass", pass: "review", step: "review" };

  const failed = facts.host.find((done) => done.status === "failed" || done.status === "denied");
  if (failed) return askAboutHost(failed, facts);
  const hostSteps = dueHostSteps(facts);
  const due = hostSteps.find((step) => !facts.host.some((done) => done.step === step.id));
  if (due) return { kind: "apply", step: due };
  if (hostSteps.length > 0) {
    if (!facts.liveChecks) return { kind: "verify", on: "live" };
    if (!facts.liveReview) return { kind: "pass", pass: "review", step: "live-review" };
  }
  if (!facts.closing) return { kind: "pass", pass: "close", step: "close" };
  return { kind: "finish" };
}

/** Host steps that run before the ticket is reviewed as done; `after: land` steps belong to `close`. */
export function dueHostSteps(facts: RunFacts): PlanStep[] {
  return (facts.plan?.result.steps ?? []).filter(
    (step) => step.target !== "worktree" && step.after !== "land",
  );
}

function planStep(facts: RunFacts, problems: readonly string[]): NextStep | null {
  const questions = facts.plan?.result.questions ?? [];
  const open = unanswered(questions, facts);
  if (open.length > 0) return ask(open, "the plan depends on answers");
  // A plan is made again when its questions were answered, or a person said how it has to change (Q91…).
  const since = facts.answers.slice(facts.plan?.answersSeen ?? 0);
  const isOutdated = questions.length > 0 || since.some((answer) => /^Q9[0-9]+$/.test(answer.id));
  if (!isOutdated && problems.length === 0) return null;
  if (facts.planTries < planTries || since.length > 0) return { kind: "pass", pass: "plan", step: "plan" };
  const id = `Q9${facts.planTries}`;
  return {
    kind: "ask",
    status: "blocked",
    why: `no plan could be made: ${problems[0] ?? "the planner keeps asking"}`,
    questions: [
      question(
        id,
        `No acceptable plan after ${facts.planTries} tries: ${problems.join("; ")}. What should change?`,
        ["plan"],
      ),
    ],
  };
}

function askAboutRounds(facts: RunFacts): NextStep {
  const id = `Q8${facts.round - reviewRounds}`;
  const open = facts.carried.map((finding) => `${finding.id}: ${finding.text}`).join("; ");
  const asked = question(
    id,
    `${facts.round - 1} rounds did not satisfy the reviewer: ${open}. How should it go on?`,
    ["implement"],
  );
  return {
    kind: "ask",
    status: "blocked",
    why: `${facts.round - 1} reviews asked for changes`,
    questions: [asked],
  };
}

/** `retry` forgets the failed attempt, `skip` leaves the step out; settled in facts.ts when the answer is journaled. */
function askAboutHost(failed: RunFacts["host"][number], facts: RunFacts): NextStep {
  const text = `Host step ${failed.step} ${failed.status} at ${failed.at} (exit ${failed.exit ?? "none"}). Try again, or leave it out? (nimrod rollback ${facts.ticket} undoes what was done.)`;
  const asked = question(hostQuestion(failed.step), text, [failed.step]);
  return {
    kind: "ask",
    status: "blocked",
    why: `host step ${failed.step} ${failed.status}`,
    questions: [{ ...asked, kind: "choice", options: ["retry", "skip"] }],
  };
}

export function askAboutDoubt(action: RunFacts["unfinished"][number]): Extract<NextStep, { kind: "ask" }> {
  const id = doubtQuestion(action.digest);
  const what = `${action.what}: started, and Nimrod was stopped before it knew the outcome`;
  const asked = question(id, `${what}. Did it happen?`, [action.step]);
  return {
    kind: "ask",
    status: "blocked",
    why: what,
    questions: [{ ...asked, kind: "choice", options: ["applied", "not-applied"] }],
  };
}

function ask(questions: Question[], why: string): NextStep {
  return { kind: "ask", questions, why, status: "in_progress" };
}

function question(id: string, text: string, neededFor: string[]): Question {
  return { id, kind: "text", text: text.slice(0, 500), neededFor };
}

function unanswered(questions: readonly Question[], facts: Pick<RunFacts, "answers">): Question[] {
  return questions.filter((each) => !isAnswered(each, facts.answers));
}

export function isSatisfied(wait: Wait, facts: Pick<RunFacts, "answers">, states: WaitStates): boolean {
  switch (wait.kind) {
    case "approval": {
      const state = states.get(wait.id);
      // Expired or vanished: the action is asked for again, which makes a new request.
      return state !== "pending";
    }
    case "answer":
      return wait.questions.every((each) => isAnswered(each, facts.answers));
    case "doubt":
      return facts.answers.some((known) => known.id === wait.question);
    case "trust":
      return states.get("trust") === "approved";
    case "login":
      // Nothing that Nimrod may look at tells whether it would work now: a person resumes (steps.ts, openWork).
      return false;
  }
}
