import type { CheckResult, InputOf, TicketView } from "../../src/agents/pass-input.ts";
import type { Plan, PlanStep, Research, Review } from "../../src/agents/roles.ts";
import type { Criterion, RunbookStep } from "../../src/tickets/ticket.ts";

/** Builders of what passes see: valid and dull, so that a test names only what it is about. */

export function criterion(given: Partial<Criterion> = {}): Criterion {
  return {
    id: "AC1",
    text: "the greeting is there",
    checked: false,
    verify: "grep -q hello greeting.txt",
    attest: null,
    waived: null,
    target: "worktree",
    baseline: "red",
    line: 12,
    ...given,
  };
}

export function runbookStep(given: Partial<RunbookStep> = {}): RunbookStep {
  return {
    title: "write the greeting",
    do: { kind: "write", path: "greeting.txt", content: "hello\n" },
    verify: null,
    undo: null,
    target: "worktree",
    after: null,
    resources: [],
    rehearse: null,
    ...given,
  };
}

export function ticketView(given: Partial<TicketView> = {}): TicketView {
  return {
    id: "nim-000001",
    title: "Greet the visitor",
    type: "task",
    labels: [],
    path: "tickets/active/nim-000001-greet-the-visitor.md",
    description: "Visitors want a greeting.",
    criteria: [criterion()],
    runbook: [runbookStep()],
    links: {
      depends_on: [],
      bootstraps: [],
      part_of: [],
      local_variant_of: [],
      conflicts_with: [],
      related: [],
    },
    answers: [],
    ...given,
  };
}

export function researchOf(given: Partial<Research> = {}): Research {
  return { findings: [], constraints: [], links: [], questions: [], ...given };
}

export function planStep(given: Partial<PlanStep> = {}): PlanStep {
  return {
    id: "S1",
    title: "write the greeting",
    intent: "AC1",
    do: { write: { path: "greeting.txt", content: "hello\n" } },
    target: "worktree",
    undo: "git revert",
    ...given,
  };
}

export function planOf(given: Partial<Plan> = {}): Plan {
  return {
    slice: "the greeting",
    outOfScope: [],
    steps: [planStep()],
    criteria: [{ ac: "AC1", verify: "grep -q hello greeting.txt", target: "worktree" }],
    covers: [{ ref: "AC1", by: "S1" }],
    docs: [{ none: true, reason: "none describes it" }],
    risks: [],
    questions: [],
    ...given,
  };
}

const tree = "a".repeat(40);

export function check(given: Partial<CheckResult> = {}): CheckResult {
  const passed = given.passed ?? true;
  return {
    ac: "AC1",
    command: "grep -q hello greeting.txt",
    target: "worktree",
    on: "candidate",
    tree,
    exit: passed ? 0 : 1,
    ended: "exited",
    passed,
    ms: 5,
    outputDigest: "0".repeat(64),
    tail: "",
    ...given,
  };
}

export const greetingDiff = `diff --git a/greeting.txt b/greeting.txt
new file mode 100644
index 0000000..ce01362
--- /dev/null
+++ b/greeting.txt
@@ -0,0 +1 @@
+hello
`;

export function researcherInput(given: Partial<InputOf<"researcher">> = {}): InputOf<"researcher"> {
  return { role: "researcher", ticket: ticketView(), related: [], earlier: [], houseRules: [], ...given };
}

export function delegateInput(given: Partial<InputOf<"delegate">> = {}): InputOf<"delegate"> {
  return {
    role: "delegate",
    ticket: { id: "nim-000001", title: "Greet the visitor" },
    question: "Which files hold a greeting?",
    paths: ["src/"],
    ...given,
  };
}

export function plannerInput(given: Partial<InputOf<"planner">> = {}): InputOf<"planner"> {
  return {
    role: "planner",
    ticket: ticketView(),
    research: researchOf(),
    limits: { files: 20, steps: 12 },
    problems: [],
    houseRules: [],
    ...given,
  };
}

export function implementerInput(given: Partial<InputOf<"implementer">> = {}): InputOf<"implementer"> {
  return {
    role: "implementer",
    ticket: ticketView(),
    plan: planOf(),
    outcomes: [],
    findings: [],
    houseRules: [],
    ...given,
  };
}

/** An honest change: red on the base, green on the candidate, declared, nothing odd. */
export function reviewerInput(given: Partial<InputOf<"reviewer">> = {}): InputOf<"reviewer"> {
  return {
    role: "reviewer",
    ticket: ticketView(),
    tree,
    base: "b".repeat(40),
    diff: greetingDiff,
    changedPaths: ["greeting.txt"],
    declaredPaths: ["greeting.txt"],
    declaredDocs: [],
    hostSteps: [],
    checks: [check({ on: "base", passed: false, tree: "c".repeat(40) }), check()],
    findings: [],
    houseRules: [],
    ...given,
  };
}

export function reviewOf(given: Partial<Review> = {}): Review {
  return {
    verdict: "approve",
    criteria: [{ ac: "AC1", met: true, evidence: "green" }],
    findings: [],
    ...given,
  };
}

export function closerInput(given: Partial<InputOf<"closer">> = {}): InputOf<"closer"> {
  return {
    role: "closer",
    ticket: ticketView(),
    steps: [
      { id: "S1", title: "write the greeting", target: "worktree", status: "done", undo: "git revert" },
    ],
    checks: [check({ on: "base", passed: false }), check()],
    review: reviewOf(),
    changedPaths: ["greeting.txt"],
    outOfScope: [],
    research: { links: [] },
    risks: [],
    deviations: [],
    ...given,
  };
}
