import type { Plan, PlanStep, Research } from "../agents/roles.ts";
import { type Decision, doneAs } from "../authorization/action.ts";
import type { TicketBody } from "../tickets/ticket.ts";
import { declaredPaths, knownTargets } from "./plan-scope.ts";

/** Why a plan cannot be authorized, one sentence each; an empty list is a plan that stands. */
export function checkPlan(
  plan: Plan,
  facts: {
    body: TicketBody;
    research: Research;
    limits: { files: number; steps: number };
    /** The gate's decision on each step that is an exact action. */
    decisions: ReadonlyMap<string, Decision>;
  },
): string[] {
  return [
    ...checkIds(plan),
    ...plan.steps.flatMap(checkStep),
    ...checkCriteria(plan, facts.body),
    ...checkFindings(plan, facts.research),
    ...checkSlice(plan, facts.limits),
    ...plan.steps.flatMap((step) => {
      const decision = facts.decisions.get(step.id);
      const verify = facts.decisions.get(`${step.id}.verify`);
      if (verify && doneAs(verify) !== "none") {
        return [`step ${step.id} would verify itself on the host by more than a read: ${verify.reason}`];
      }
      if (decision?.tier === "deny")
        return [`step ${step.id} (${step.title}) can never be allowed: ${decision.reason}`];
      // In the worktree git cannot write: the step would be approved, and fail.
      const isGit =
        decision?.effects.some(({ kind, target }) => kind === "write" && /^git\./.test(target)) === true;
      return isGit && step.target === "worktree"
        ? [
            `step ${step.id} (${step.title}) would have git write, which it cannot in the worktree: Nimrod commits what the steps change, so rm and mv do`,
          ]
        : [];
    }),
    ...(plan.docs.length === 0 ? ["the plan says neither which docs it updates nor why none is needed"] : []),
  ];
}

function checkIds(plan: Plan): string[] {
  const ids = [...plan.steps, ...plan.risks, ...plan.questions].map((each) => each.id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  return twice.map((id) => `the id ${id} is used twice`);
}

function checkStep(step: PlanStep): string[] {
  const problems: string[] = [];
  if (!knownTargets.some((target) => target === step.target)) {
    problems.push(`step ${step.id} has the target ${step.target}; known are ${knownTargets.join(" and ")}`);
  }
  if (step.target !== "worktree" && step.undo === undefined) {
    problems.push(`step ${step.id} (${step.title}) changes ${step.target} and names no undo`);
  }
  if (step.target !== "worktree" && "agent" in step.do) {
    problems.push(
      `step ${step.id} leaves a change of ${step.target} to an agent; host steps must be exact actions`,
    );
  }
  if (step.after === "land" && step.target === "worktree") {
    problems.push(
      `step ${step.id} would change the worktree after the review; only host steps run after landing is decided`,
    );
  }
  return problems;
}

/** Each criterion is met by the ticket's own verification: a plan may add one where there is none, never replace it. */
function checkCriteria(plan: Plan, body: TicketBody): string[] {
  return body.criteria.flatMap((criterion) => {
    const planned = plan.criteria.find((each) => each.ac === criterion.id);
    const covered = plan.covers.some((each) => each.ref === criterion.id);
    if (criterion.waived !== null) return [];
    if (!knownTargets.some((target) => target === criterion.target)) {
      return [
        `criterion ${criterion.id} has the target ${criterion.target}; known are ${knownTargets.join(" and ")}`,
      ];
    }
    if (!planned) return [`criterion ${criterion.id} has no verification in the plan`];
    if (!covered) return [`criterion ${criterion.id} is covered by no step and no reason why not`];
    if (criterion.verify !== null && planned.verify !== criterion.verify) {
      return [
        `criterion ${criterion.id} is verified by \`${criterion.verify}\` in the ticket, by something else in the plan`,
      ];
    }
    if (criterion.verify === null && planned.verify === undefined && planned.attest === undefined) {
      return [`criterion ${criterion.id} has neither a command nor a person who attests`];
    }
    return [];
  });
}

function checkFindings(plan: Plan, research: Research): string[] {
  return research.findings
    .filter((finding) => !plan.covers.some((each) => each.ref === finding.id))
    .map((finding) => `finding ${finding.id} is neither covered by a step nor said to be left out`);
}

function checkSlice(plan: Plan, limits: { files: number; steps: number }): string[] {
  const files = new Set(declaredPaths(plan)).size;
  const problems: string[] = [];
  if (plan.steps.length > limits.steps)
    problems.push(`${plan.steps.length} steps are more than limits.slice.steps (${limits.steps})`);
  if (files > limits.files)
    problems.push(`${files} files are more than limits.slice.files (${limits.files})`);
  return problems;
}
