import type { Plan, PlanStep } from "../agents/roles.ts";
import type { Action, Target } from "../authorization/action.ts";
import { describeAction } from "../authorization/describe.ts";
import { matchesAny } from "../workspace/diff-facts.ts";

/** What the authorized plan covers: exact actions for its steps, scopes for steps that leave the work to an agent. */

export const knownTargets: readonly Target[] = ["worktree", "host"];

/** The action of one step; null where the step is free work inside a scope. */
export function plannedAction(step: PlanStep): Action | null {
  const target: Target = step.target === "worktree" ? "worktree" : "host";
  if ("write" in step.do) return { kind: "write", ...step.do.write, target };
  if ("edit" in step.do) return { kind: "edit", ...step.do.edit, target };
  if ("run" in step.do) return { kind: "run", ...step.do.run, target };
  return null;
}

/** The step that an action carries out; its verification counts as part of it. */
export function stepOf(plan: Plan, action: Action): PlanStep | null {
  const said = describe(action);
  return (
    plan.steps.find((step) => {
      const planned = plannedAction(step);
      return planned !== null && describe(planned) === said;
    }) ??
    plan.steps.find((step) => isInScope(step, action)) ??
    null
  );
}

export function isInPlan(plan: Plan, action: Action): boolean {
  if (stepOf(plan, action)) return true;
  const said = describe(action);
  const checks = [
    ...plan.steps.flatMap((step) => step.verify ?? []),
    ...plan.criteria.flatMap((each) => each.verify ?? []),
  ];
  return action.kind === "run" && checks.includes(said);
}

/** Every path that the plan says it will touch; globs for steps that leave the choice to an agent. */
export function declaredPaths(plan: Plan): string[] {
  return plan.steps.flatMap((step) => {
    if ("write" in step.do) return [step.do.write.path];
    if ("edit" in step.do) return [step.do.edit.path];
    if ("agent" in step.do) return step.do.agent.paths;
    return step.inputs ?? [];
  });
}

export function declaredDocs(plan: Plan): string[] {
  return plan.docs.flatMap((doc) => ("path" in doc ? [doc.path] : []));
}

/** Content that worktree steps promise, by path: an input of a later action is bound to it. */
export function promisedContent(plan: Plan): Map<string, string> {
  return new Map(
    plan.steps.flatMap((step) => ("write" in step.do ? [[step.do.write.path, step.do.write.content]] : [])),
  );
}

function isInScope(step: PlanStep, action: Action): boolean {
  if (step.target !== "worktree") return false;
  if (action.kind === "write" || action.kind === "edit") return touches(step, action.path);
  if (action.kind !== "run" || !("agent" in step.do)) return false;
  const said = describe(action);
  return step.do.agent.commands.some((shape) => said === shape || said.startsWith(`${shape} `));
}

function touches(step: PlanStep, path: string): boolean {
  if ("write" in step.do) return step.do.write.path === path;
  if ("edit" in step.do) return step.do.edit.path === path;
  return "agent" in step.do && matchesAny(path, step.do.agent.paths);
}

/** The whole action in one string, so that only the very same content is the same step. */
function describe(action: Action): string {
  if (action.kind === "write") return JSON.stringify(["write", action.path, action.content]);
  if (action.kind === "edit") return JSON.stringify(["edit", action.path, action.old, action.new]);
  return describeAction(action);
}
