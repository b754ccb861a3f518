import { posix } from "node:path";
import type { Plan, PlanStep } from "../agents/roles.ts";
import type { Action, Target } from "../authorization/action.ts";
import { describeAction } from "../authorization/describe.ts";
import { parseCommand } from "../authorization/parse-command.ts";
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
  const said = describeAction(action);
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

/**
 * Content that worktree steps before `step` promise, by path: what an input will be when the step is due. Only for
 * asking ahead: when the step is due its inputs are read, so that a broken promise is another digest.
 */
export function promisedContent(plan: Plan, step: PlanStep): Map<string, string> {
  const before = plan.steps.slice(0, plan.steps.indexOf(step)).filter((each) => each.target === "worktree");
  return new Map(
    before.flatMap((each) => ("write" in each.do ? [[each.do.write.path, each.do.write.content]] : [])),
  );
}

function isInScope(step: PlanStep, action: Action): boolean {
  const onHost = "target" in action && action.target === "host";
  if (step.target !== "worktree" || onHost) return false;
  if (action.kind === "write" || action.kind === "edit") return touches(step, action.path);
  if (action.kind !== "run" || !("agent" in step.do)) return false;
  const { commands, paths } = step.do.agent;
  const said = describeAction(action);
  return commands.includes(said) || isShaped(said, commands, paths);
}

/** What follows `;`, `&&` or a line feed is a command of its own; a pipe's readers belong to what they read. */
function isShaped(said: string, shapes: readonly string[], paths: readonly string[]): boolean {
  const parsed = parseCommand(said);
  if (parsed.kind === "unparsed" || parsed.hazards.length > 0) return false;
  return parsed.commands.every(({ words, assignments, redirects, from }) => {
    const text = words.map((word) => word.text).join(" ");
    const isCovered =
      from.length > 0 || shapes.some((shape) => text === shape || text.startsWith(`${shape} `));
    const written = redirects.flatMap((each) => (each.kind === "write" ? [each.target.value] : []));
    const staysInside = written.every(
      (path) => path === "/dev/null" || (path !== null && matchesAny(posix.normalize(path), paths)),
    );
    return isCovered && staysInside && assignments.length === 0;
  });
}

function touches(step: PlanStep, written: string): boolean {
  // `src/../package.json` is not in `src/**`.
  const path = posix.normalize(written);
  if ("write" in step.do) return step.do.write.path === path;
  if ("edit" in step.do) return step.do.edit.path === path;
  return "agent" in step.do && matchesAny(path, step.do.agent.paths);
}

/** The whole action in one string, so that only the very same content, in the same place, is the same step. */
function describe(action: Action): string {
  const target = ("target" in action && action.target) || "worktree";
  if (action.kind === "write") return JSON.stringify(["write", target, action.path, action.content]);
  if (action.kind === "edit") return JSON.stringify(["edit", target, action.path, action.old, action.new]);
  if (action.kind === "run")
    return JSON.stringify(["run", target, action.cwd ?? ".", describeAction(action)]);
  return describeAction(action);
}
