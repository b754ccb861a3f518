import type { Criterion } from "../../../tickets/ticket.ts";
import type { CheckResult, InputOf } from "../../pass-input.ts";
import type { Concern } from "./concern.ts";
import { isWorktree } from "./hands.ts";

export type Judged = { ac: string; met: boolean; evidence: string; concerns: Concern[] };

/** Whether one criterion is met, by Nimrod's own runs of its verification and by nothing else. */
export function judgeCriteria(criterion: Criterion, input: InputOf<"reviewer">): Judged {
  const { id: ac, attest, verify } = criterion;
  const checks = input.checks.filter((check) => check.ac === ac);
  const unmet = (evidence: string, concern?: Omit<Concern, "text">): Judged => ({
    ac,
    met: false,
    evidence,
    concerns: concern === undefined ? [] : [{ ...concern, text: `${ac}: ${evidence}` }],
  });

  if (criterion.waived !== null)
    return { ac, met: true, evidence: `waived: ${criterion.waived}`, concerns: [] };
  if (checks.length === 0 && verify === null && attest !== null)
    return unmet(`to be attested by ${attest}; no command shows it`);
  const after = isWorktree(criterion.target) ? "candidate" : "live";
  const check = checks.findLast(({ on }) => on === after);
  if (check === undefined) {
    const waits = after === "live" && !hostWasTouched(input);
    if (waits) return unmet(`checked live on ${criterion.target} once its host steps are applied`);
    return unmet(
      `Nimrod has not run its verification on the ${after === "live" ? `host ${criterion.target}` : "candidate"}`,
      {
        rule: "not verified",
        severity: "major",
      },
    );
  }
  if (!check.passed)
    return unmet(`\`${check.command}\` ${endOf(check)} on ${after}`, {
      rule: "check failed",
      severity: "major",
    });
  if (after === "candidate" && check.tree !== input.tree) {
    return unmet(`\`${check.command}\` ran on tree ${check.tree}, not on the one under review`, {
      rule: "stale check",
      severity: "major",
    });
  }
  const passed = `\`${check.command}\` ${endOf(check)} on ${after}`;
  if (after === "live") return { ac, met: true, evidence: passed, concerns: [] };
  return judgeBase({ criterion, base: checks.findLast(({ on }) => on === "base"), passed, unmet });
}

/** The review before the host steps cannot know what is live; the one after them must. */
function hostWasTouched({ hostSteps, checks }: InputOf<"reviewer">): boolean {
  return hostSteps.some(({ applied }) => applied) || checks.some(({ on }) => on === "live");
}

type BaseCase = {
  criterion: Criterion;
  base: CheckResult | undefined;
  passed: string;
  unmet: (evidence: string, concern: Omit<Concern, "text">) => Judged;
};

/** What the same check said before the change decides what its passing now is worth. */
function judgeBase({ criterion, base, passed, unmet }: BaseCase): Judged {
  const { id: ac, baseline } = criterion;
  if (base === undefined) {
    return unmet("its verification was not run before the change", {
      rule: "not red on base",
      severity: "major",
    });
  }
  const evidence = `${endOf(base)} on base, ${passed}`;
  if (baseline === "green") {
    if (base.passed) return { ac, met: true, evidence, concerns: [] };
    return unmet(`baseline is green, but \`${base.command}\` did not hold before the change`, {
      rule: "broke what held",
      severity: "major",
    });
  }
  if (base.passed) {
    return unmet(`\`${base.command}\` passed before the change too`, {
      rule: "proves nothing",
      severity: "major",
    });
  }
  if (base.ended === "exited") return { ac, met: true, evidence, concerns: [] };
  const text = `${ac}: \`${base.command}\` was red before the change only because it ended by ${base.ended}`;
  return { ac, met: true, evidence, concerns: [{ rule: "not red on base", severity: "minor", text }] };
}

function endOf({ exit, ended, passed }: CheckResult): string {
  const how = exit === null ? `ended by ${ended}` : `exit ${exit}`;
  return `${passed ? "passed" : "failed"} (${how})`;
}
