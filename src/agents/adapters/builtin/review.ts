import type { InputOf } from "../../pass-input.ts";
import type { Review } from "../../roles.ts";
import { type Concern, isConcernOf, showConcern } from "./concern.ts";
import type { Act } from "./hands.ts";
import { judgeCheckout } from "./review-checkout.ts";
import { judgeCriteria } from "./review-criteria.ts";
import { judgeDiff } from "./review-diff.ts";
import { judgeHostSteps } from "./review-host.ts";

type Finding = Review["findings"][number];

/**
 * A review by facts: the checks that Nimrod ran, the diff, what the plan declared, and the reviewer's own look at its
 * checkout. It approves only without an open critical or major finding.
 */
export async function review(input: InputOf<"reviewer">, act: Act): Promise<Review> {
  const criteria = input.ticket.criteria.map((criterion) => judgeCriteria(criterion, input));
  const concerns = [
    ...criteria.flatMap(({ concerns: own }) => own),
    ...judgeDiff(input),
    ...judgeHostSteps(input),
    ...(await judgeCheckout(input, act)),
  ];
  const findings = settleFindings(input.findings, concerns);
  const blocking = findings.some(({ status, severity }) => status !== "closed" && severity !== "minor");
  return {
    verdict: blocking ? "changes" : "approve",
    criteria: criteria.map(({ ac, met, evidence }) => ({ ac, met, evidence })),
    findings,
  };
}

/**
 * Earlier findings keep their ids: still there is `open`, gone is `closed`. One that another reviewer wrote in its
 * own words cannot be checked by rules, so it stays open: that is for a person, or for a reviewer with judgement.
 */
export function settleFindings(earlier: Finding[], concerns: Concern[]): Finding[] {
  const left = unique(concerns);
  const settled = earlier
    .filter(({ status }) => status !== "closed")
    .map((finding): Finding => {
      const at = left.findIndex((concern) => isSame(finding, concern));
      if (at >= 0) {
        const [concern] = left.splice(at, 1);
        return {
          ...finding,
          ...(concern === undefined ? {} : { severity: concern.severity }),
          status: "open",
        };
      }
      return { ...finding, status: isConcernOf(finding.text) ? "closed" : "open" };
    });
  const used = earlier.map(({ id }) => Number(/^RV([0-9]{1,4})$/.exec(id)?.[1] ?? 0));
  const first = Math.max(0, ...used) + 1;
  const fresh = left.slice(0, 200 - settled.length).map((concern, index): Finding => {
    const { severity, path, lines } = concern;
    return {
      id: `RV${first + index}`,
      severity,
      ...(path === undefined ? {} : { path }),
      ...(lines === undefined ? {} : { lines }),
      text: showConcern(concern),
      status: "new",
    };
  });
  return [...settled, ...fresh];
}

/** Lines move between rounds; the rule, the path and the words do not. */
function isSame(finding: Finding, concern: Concern): boolean {
  return finding.text === showConcern(concern) && finding.path === concern.path;
}

const weight = { critical: 0, major: 1, minor: 2 };

/** The worst first, so that a cut list never hides what blocks. */
function unique(concerns: Concern[]): Concern[] {
  const byText = new Map(
    concerns.map((concern) => [`${concern.path ?? ""}\n${showConcern(concern)}`, concern]),
  );
  return [...byText.values()].sort((a, b) => weight[a.severity] - weight[b.severity]);
}
