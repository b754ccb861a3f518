import type { ActionOutcome, AgentAction } from "../../adapter.ts";
import type { InputOf } from "../../pass-input.ts";
import type { Implementation, PlanStep } from "../../roles.ts";
import { type Act, actOnce, answerTo, ask, type Doubt, isWorktree, oneLine } from "./hands.ts";

/**
 * Exactly the plan's steps in the worktree, each followed by its own verification. It repairs nothing and tries
 * no second way: a step that fails ends the work, and it and the steps after it are reported as skipped.
 */
export async function implement(input: InputOf<"implementer">, act: Act): Promise<Implementation> {
  const own = input.plan.steps.filter(({ target, after }) => isWorktree(target) && after === undefined);
  const finished = finishedSteps(input);
  const open = own.filter(({ id }) => !finished.has(id));
  const doubts = needsJudgement(input, open).filter(({ text }) => answerTo(input.ticket, text) === undefined);
  if (doubts.length > 0) await ask(act, input.ticket, doubts);

  const report: Implementation = { steps: [], deviations: [] };
  let broken: string | null = null;
  for (const step of own) {
    const wasDone = finished.has(step.id);
    const problem: string | null =
      broken === null ? await doStep(step, act, wasDone) : `not started, because ${broken} failed`;
    if (problem === null) {
      const note = wasDone ? { note: "done in an earlier attempt" } : {};
      report.steps.push({ id: step.id, status: "done", ...note });
      continue;
    }
    broken ??= step.id;
    report.steps.push({ id: step.id, status: "skipped", note: problem });
    report.deviations.push({ step: step.id, why: problem });
  }
  return report;
}

/** The last word on each step counts: one that was done and then failed is not done. */
function finishedSteps({ outcomes }: InputOf<"implementer">): Set<string> {
  const done = new Set<string>();
  for (const { step, status } of outcomes) {
    if (step === null) continue;
    if (status === "done") done.add(step);
    else done.delete(step);
  }
  return done;
}

function needsJudgement({ findings }: InputOf<"implementer">, open: PlanStep[]): Doubt[] {
  const free = open.filter(({ do: what }) => "agent" in what);
  const doubts: Doubt[] = free.map(({ id, title }) => ({
    kind: "text",
    text: oneLine(
      `${id} (${title}) is free work, which the built-in implementer cannot do. Run this ticket with another agent (--agent).`,
    ),
    neededFor: [id],
  }));
  const unrepaired = findings.filter(({ status, severity }) => status !== "closed" && severity !== "minor");
  // Doing the same steps again gives the same tree, so the review would find the same.
  if (open.length === 0 && unrepaired.length > 0) {
    const list = unrepaired.map(({ id, text }) => `${id}: ${text}`).join("; ");
    doubts.push({
      kind: "text",
      text: oneLine(
        `The review found what the Runbook does not repair. Change the ticket, or run it with another agent (--agent). ${list}`,
      ),
      neededFor: unrepaired.map(({ id }) => id),
    });
  }
  return doubts;
}

/** Null when done and verified, else why not. What an earlier attempt did is only verified: it may have been cut off. */
async function doStep(step: PlanStep, act: Act, wasDone: boolean): Promise<string | null> {
  const action = actionOf(step);
  if (!wasDone) {
    if (action === null) return "free work, which the built-in implementer cannot do";
    const problem = failureOf(await actOnce(act, action), describe(action));
    if (problem !== null) return problem;
  }
  if (step.verify === undefined) return null;
  const verify: AgentAction = { kind: "run", command: step.verify };
  return failureOf(await actOnce(act, verify), `the verification \`${step.verify}\``);
}

function actionOf({ do: what }: PlanStep): AgentAction | null {
  if ("write" in what) return { kind: "write", ...what.write };
  if ("edit" in what) return { kind: "edit", ...what.edit };
  if ("run" in what) return { kind: "run", ...what.run };
  return null;
}

function describe(action: AgentAction): string {
  if (action.kind === "run") return `\`${"argv" in action ? action.argv.join(" ") : action.command}\``;
  return "path" in action ? `the ${action.kind} of ${action.path}` : `the ${action.kind}`;
}

function failureOf(outcome: ActionOutcome, what: string): string | null {
  const exit = outcome.exit ?? 0;
  if (outcome.status === "done" && exit === 0) return null;
  const how =
    outcome.status === "done" || outcome.reason === undefined
      ? `exit ${outcome.exit ?? "unknown"}`
      : outcome.reason;
  const said = (outcome.stderr || outcome.stdout || "").trim().split("\n").slice(-5).join("\n");
  return `${what} was ${outcome.status === "denied" ? "denied" : "not successful"}: ${how}${said === "" ? "" : `\n${said}`}`.slice(
    0,
    20_000,
  );
}
