import type { Card, HouseRules, InputOf, PassInput, TicketView } from "../agents/pass-input.ts";
import { NimrodError } from "../errors.ts";
import type { StoredTicket, TicketBody } from "../tickets/ticket.ts";
import type { RunFacts } from "./facts.ts";
import { dueHostSteps } from "./next-step.ts";
import { type PassName, passRow } from "./passes.ts";
import { declaredDocs, declaredPaths } from "./plan-scope.ts";

/**
 * The only place that decides what a pass sees. Every field is named here: what is not copied does not reach the
 * agent. The reviewer's input is built from the ticket, the diff and Nimrod's own checks, never from the implementer.
 */
export type InputSources = {
  facts: RunFacts;
  ticket: StoredTicket;
  body: TicketBody;
  cards: Card[];
  related: InputOf<"researcher">["related"];
  earlier: InputOf<"researcher">["earlier"];
  houseRules: HouseRules[];
  limits: { files: number; steps: number };
  problems: string[];
  diff: string;
  changedPaths: string[];
  /** The review after the host steps were applied looks at the live checks too. */
  live: boolean;
};

export function buildPassInput(pass: PassName, sources: InputSources): PassInput {
  const { facts } = sources;
  for (const needed of passRow(pass).needs) {
    if (facts[needed] === null) {
      throw new NimrodError("failed", `the ${pass} pass needs the result of ${needed}, and there is none`, {
        hint: `nimrod resume ${facts.ticket}`,
      });
    }
  }
  const ticket = viewOf(sources.ticket, sources.body, facts);
  switch (pass) {
    case "triage":
      return { role: "triager", cards: sources.cards };
    case "research":
      return {
        role: "researcher",
        ticket,
        related: sources.related,
        earlier: sources.earlier,
        houseRules: sources.houseRules,
      };
    case "plan":
      return {
        role: "planner",
        ticket,
        research: present(facts.research),
        limits: sources.limits,
        problems: sources.problems,
        houseRules: sources.houseRules,
      };
    case "implement":
      return {
        role: "implementer",
        ticket,
        plan: present(facts.plan).result,
        outcomes: facts.outcomes,
        findings: facts.carried,
        houseRules: sources.houseRules,
      };
    case "review":
      return reviewInput(ticket, sources);
    case "close":
      return closeInput(ticket, sources);
  }
}

function reviewInput(
  ticket: TicketView,
  { facts, diff, changedPaths, live, houseRules }: InputSources,
): InputOf<"reviewer"> {
  const plan = present(facts.plan).result;
  return {
    role: "reviewer",
    ticket,
    tree: present(facts.candidate).tree,
    base: facts.base,
    diff,
    changedPaths,
    declaredPaths: declaredPaths(plan),
    declaredDocs: declaredDocs(plan),
    hostSteps: plan.steps
      .filter((step) => step.target !== "worktree")
      .map((step) => {
        const done = facts.host.find((outcome) => outcome.step === step.id);
        return {
          id: step.id,
          title: step.title,
          do: step.do,
          target: step.target,
          undo: step.undo,
          verify: step.verify,
          applied: done?.status === "done",
          exit: done?.exit ?? null,
        };
      }),
    checks: [...present(facts.checks), ...(live ? (facts.liveChecks ?? []) : [])],
    findings: facts.carried,
    houseRules,
  };
}

function closeInput(ticket: TicketView, { facts, changedPaths }: InputSources): InputOf<"closer"> {
  const plan = present(facts.plan).result;
  const implementation = present(facts.implementation);
  const due = dueHostSteps(facts).map((step) => step.id);
  return {
    role: "closer",
    ticket,
    steps: plan.steps.map((step) => {
      const applied = facts.host.some((outcome) => outcome.step === step.id && outcome.status === "done");
      const reported = implementation.steps.some((each) => each.id === step.id && each.status === "done");
      return {
        id: step.id,
        title: step.title,
        target: step.target,
        status: (due.includes(step.id) ? applied : reported) ? "done" : "skipped",
        undo: step.undo ?? null,
      };
    }),
    checks: [...present(facts.checks), ...(facts.liveChecks ?? [])],
    review: present(facts.liveReview ?? facts.review),
    changedPaths,
    outOfScope: plan.outOfScope,
    research: { links: present(facts.research).links },
    risks: plan.risks,
    deviations: implementation.deviations,
  };
}

function viewOf(ticket: StoredTicket, body: TicketBody, facts: RunFacts): TicketView {
  return {
    id: ticket.id,
    title: ticket.title,
    type: ticket.type,
    labels: ticket.labels,
    path: ticket.path,
    description: body.description,
    criteria: body.criteria,
    runbook: body.runbook,
    links: ticket.links,
    answers: facts.answers,
  };
}

function present<T>(value: T | null): T {
  if (value === null) throw new Error("a result that the pass table requires is missing");
  return value;
}
