import type { CheckResult, InputOf, PassInput, TicketView } from "../agents/pass-input.ts";
import type { Review } from "../agents/roles.ts";

/**
 * Why an approval cannot be believed, held against its own words and against what Nimrod saw itself; null for one
 * that can. A reviewer that approves whatever it is shown must not be what takes a ticket to review.
 */
export function contradictionIn(input: PassInput, result: unknown): string | null {
  if (input.role !== "reviewer") return null;
  const review = result as Review;
  if (review.verdict !== "approve") return null;
  const found = contradictions(input, review)[0];
  return found === undefined ? null : `the verdict is approve, but ${found}`;
}

function contradictions(input: InputOf<"reviewer">, review: Review): string[] {
  const known = input.ticket.criteria.map(({ id }) => id);
  const said = review.criteria.map(({ ac }) => ac);
  const kept = review.findings.map(({ id }) => id);
  // A waived criterion counts whatever its check says.
  const waived = input.ticket.criteria.filter((each) => each.waived !== null).map(({ id }) => id);
  const checks = input.checks.filter((check) => !waived.includes(check.ac));
  return [
    ...checks
      .filter((check) => check.on !== "base" && !check.passed)
      .map((check) => `Nimrod's own check of ${check.ac} is red: ${check.command}`),
    ...vacuous(input.ticket, checks).map(
      (ac) => `the check of ${ac} passed before the change too and proves nothing`,
    ),
    ...known.filter((ac) => !said.includes(ac)).map((ac) => `it says nothing about ${ac}`),
    ...said
      .filter((ac, index) => !known.includes(ac) || said.indexOf(ac) !== index)
      .map((ac) => `${ac} is no criterion, or is judged twice`),
    ...review.criteria
      .filter(({ ac, met }) => !met && checks.some((check) => check.ac === ac))
      .map(({ ac }) => `it says that ${ac} is not met`),
    ...review.findings
      .filter(({ status, severity }) => status !== "closed" && severity !== "minor")
      .map(({ id, severity }) => `its ${severity} finding ${id} is open`),
    ...input.findings
      .filter(({ id, status }) => status !== "closed" && !kept.includes(id))
      .map(({ id }) => `finding ${id} of the round before is neither closed nor kept`),
  ];
}

/** Checks that should have been red before the change and were not. A guard says `baseline: green`. */
function vacuous(ticket: TicketView, checks: readonly CheckResult[]): string[] {
  const passedBefore = checks.filter((check) => check.on === "base" && check.passed).map(({ ac }) => ac);
  return ticket.criteria
    .filter(({ id, baseline }) => baseline === "red" && passedBefore.includes(id))
    .map(({ id }) => id);
}
