import { describe, expect, test } from "vitest";
import type { RunFacts } from "../../../src/pipeline/facts.ts";
import { nextStep } from "../../../src/pipeline/next-step.ts";
import { buildPassInput, type InputSources } from "../../../src/pipeline/pass-input.ts";
import { type PassName, passes, passNames } from "../../../src/pipeline/passes.ts";
import type { StoredTicket } from "../../../src/tickets/ticket.ts";
import { check, criterion, planOf, planStep, runbookStep, ticketView } from "../../support/pass-inputs.ts";
import { finishedRun, hostOutcome, hostStep, tellRun, treeOne } from "./run-records.ts";

const ticket: StoredTicket = {
  ...ticketView(),
  status: "in_progress",
  priority: 2,
  assignee: null,
  externalRef: null,
  created: null,
  deferUntil: null,
  stage: null,
  branch: null,
  closed: null,
  closeReason: null,
  evidence: null,
  archived: false,
  text: "",
};

function sources(facts: RunFacts, given: Partial<InputSources> = {}): InputSources {
  return {
    facts,
    ticket,
    body: { description: "Visitors want a greeting.", criteria: [criterion()], runbook: [runbookStep()] },
    cards: [],
    related: [],
    earlier: [],
    houseRules: [],
    limits: { files: 20, steps: 12 },
    problems: [],
    diff: "the diff",
    changedPaths: ["greeting.txt"],
    live: false,
    ...given,
  };
}

/** What each pass, and Nimrod's verification between them, leaves behind. */
const results = ["triage", "research", "plan", "implementation", "checks", "review", "closing"] as const;
const passOf: Record<(typeof results)[number], string> = {
  triage: "triage",
  research: "research",
  plan: "plan",
  implementation: "implement",
  checks: "verify candidate",
  review: "review",
  closing: "close",
};
/** Which passes cannot start without it, written out from the pass table. */
const neededBy: Record<(typeof results)[number], PassName[]> = {
  triage: ["research", "plan"],
  research: ["plan", "implement", "close"],
  plan: ["implement", "review", "close"],
  implementation: ["review", "close"],
  checks: ["review", "close"],
  review: ["close"],
  closing: [],
};

describe.each(results.map((result) => [result]))("without the result of %s", (result) => {
  const facts = { ...finishedRun().facts(), [result]: null } as RunFacts;

  test("the run goes back to where it is made", () => {
    const step = nextStep(facts, [], new Map());
    expect(step.kind === "pass" ? step.step : step.kind === "verify" ? `verify ${step.on}` : step.kind).toBe(
      passOf[result],
    );
  });

  test("no pass that needs it can be given its input", () => {
    const refused = passNames.filter((pass) => {
      try {
        buildPassInput(pass, sources(facts));
        return false;
      } catch (error) {
        expect(String(error)).toContain(`the ${pass} pass needs the result of ${result}`);
        return true;
      }
    });
    expect(refused).toEqual(neededBy[result]);
  });
});

test("with everything there every pass gets its input, under its own role", () => {
  const roles = passes.map(({ name }) => buildPassInput(name, sources(finishedRun().facts())).role);
  expect(roles).toEqual(passes.map(({ role }) => role));
});

test("the reviewer is given nothing that the implementer said", () => {
  const told = tellRun().triaged().researched().planned().authorized();
  const canary = "CANARY-of-the-implementer";
  told.action("outcome", {
    step: "implement",
    value: { step: "S1", action: canary, status: "done", tier: "brief" },
  });
  told.outcome("implement", {
    result: {
      steps: [{ id: "S1", status: "done", note: canary }],
      deviations: [{ step: "S1", why: canary }],
    },
    pass: canary,
    agent: canary,
    answersSeen: 0,
    candidate: { commit: canary, tree: treeOne },
  });
  const facts = told.verified().facts();
  expect(JSON.stringify(facts)).toContain(canary);
  expect(JSON.stringify(buildPassInput("review", sources(facts)))).not.toContain(canary);
});

test("the reviewer of the applied host steps sees the live checks, the one before does not", () => {
  const plan = planOf({ steps: [planStep(), hostStep()] });
  const told = tellRun()
    .triaged()
    .researched()
    .planned(plan)
    .authorized()
    .implemented()
    .verified()
    .reviewed();
  const facts = told.applied().liveVerified().facts();
  const before = buildPassInput("review", sources(facts));
  const after = buildPassInput("review", sources(facts, { live: true }));
  expect(before.role === "reviewer" && before.checks.map(({ on }) => on)).toEqual(["candidate"]);
  expect(after.role === "reviewer" && after.checks).toEqual([check(), check({ on: "live" })]);
  expect(after.role === "reviewer" && after.hostSteps).toMatchObject([{ id: "S2", applied: true, exit: 0 }]);
});

test("the closer is told what Nimrod applied on the host, not what the implementer claimed of it", () => {
  const plan = planOf({ steps: [planStep(), hostStep()] });
  const told = tellRun().triaged().researched().planned(plan).authorized();
  told.outcome("implement", {
    result: { steps: ["S1", "S2"].map((id) => ({ id, status: "done" })), deviations: [] },
    pass: "P",
    agent: "x",
    answersSeen: 0,
    candidate: { commit: "c", tree: treeOne },
  });
  told.verified().reviewed();
  const status = (facts: RunFacts) => {
    const input = buildPassInput("close", sources(facts));
    return input.role === "closer" && input.steps.map((step) => `${step.id} ${step.status}`);
  };
  expect(status(told.facts())).toEqual(["S1 done", "S2 skipped"]);
  expect(status({ ...told.facts(), host: [hostOutcome()] })).toEqual(["S1 done", "S2 done"]);
});
