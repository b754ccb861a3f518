import type { CheckResult } from "../agents/pass-input.ts";
import type { Closing, Plan, Review } from "../agents/roles.ts";
import type { Criterion } from "../tickets/ticket.ts";

/**
 * The eight checks of docs/verification-and-definition-of-done.md, each a pure function of facts that Nimrod
 * gathered itself. An unmet check names the command that supplies what is missing. "Not applicable" is derived from
 * recorded effects, never claimed.
 */

export type DoneFacts = {
  ticket: string;
  criteria: Criterion[];
  /** A person's recorded word, by criterion. */
  attested: { ac: string; by: string }[];
  /** Recorded revisions, oldest first. One counts while its criterion still says what it said then. */
  revised: { ac: string; text: string; by: string; reason: string }[];
  checks: CheckResult[];
  /** The candidate as it is now; null where the ticket has none. */
  tree: string | null;
  changedPaths: string[];
  evidence: { problems: string[]; segments: number; head: string | null; missingResults: string[] };
  plan: Plan | null;
  review: { verdict: Review["verdict"]; findings: Review["findings"]; tree: string; round: number } | null;
  /** Pass attempts by role, from evidence: a reviewer that also implemented has reviewed nothing. */
  passes: { role: string; pass: string; run: string }[];
  closing: Closing | null;
  /** Links of this ticket that the other side does not mention, and links to ids that do not exist. */
  oneWayLinks: string[];
  unknownLinks: string[];
  hostSteps: {
    id: string;
    title: string;
    applied: boolean;
    /** `after: land`: runs at the close itself. */
    late?: boolean;
    /** A person said to leave it out. */
    skipped?: boolean;
    undo: string | null;
    rehearsed: boolean | null;
  }[];
};

export type DoneCheck = {
  id: "criteria" | "evidence" | "docs" | "links" | "change-log" | "risks" | "review" | "rollback";
  title: string;
  met: boolean;
  /** What shows it, or what is missing; one line each. */
  proof: string[];
  /** What to type to supply what is missing. */
  command: string | null;
};

type Verdict = { missing: string[]; proof: string[]; command?: string };

const table: readonly { id: DoneCheck["id"]; title: string; check: (facts: DoneFacts) => Verdict }[] = [
  { id: "criteria", title: "acceptance criteria satisfied or explicitly revised", check: criteriaMet },
  { id: "evidence", title: "verification evidence recorded and intact", check: evidenceIntact },
  { id: "docs", title: "docs, runbooks and status updated", check: docsUpdated },
  { id: "links", title: "related tickets linked both ways", check: linksBothWays },
  { id: "change-log", title: "server-side changes logged", check: changesLogged },
  { id: "risks", title: "risks, blockers and follow-ups recorded", check: risksRecorded },
  { id: "review", title: "independent review of this very tree", check: reviewedIndependently },
  { id: "rollback", title: "rollback path known and rehearsed where it is risky", check: rollbackKnown },
];

export function definitionOfDone(facts: DoneFacts): DoneCheck[] {
  return table.map(({ id, title, check }) => {
    const { missing, proof, command } = check(facts);
    const met = missing.length === 0;
    return {
      id,
      title,
      met,
      proof: met ? proof : missing,
      command: met ? null : (command ?? `nimrod run ${facts.ticket}`),
    };
  });
}

function criteriaMet(facts: DoneFacts): Verdict {
  const missing: string[] = [];
  const proof: string[] = [];
  for (const step of facts.hostSteps.filter((each) => !each.applied && !each.late && !each.skipped)) {
    missing.push(`${step.id} ${step.title} was planned for the host and is not in effect`);
  }
  const unattested = facts.criteria.find(
    (each) => each.verify === null && !criterionVerdict(each, facts).met,
  );
  if (facts.criteria.length === 0) missing.push("the ticket has no acceptance criteria");
  if (facts.changedPaths.length === 0 && !facts.hostSteps.some((step) => step.applied))
    missing.push("nothing was changed: the diff is empty");
  for (const criterion of facts.criteria) {
    const verdict = criterionVerdict(criterion, facts);
    (verdict.met ? proof : missing).push(`${criterion.id} ${verdict.why}${revisionOf(criterion, facts)}`);
  }
  if (!unattested || facts.tree === null) return { missing, proof };
  return {
    missing,
    proof,
    command: `nimrod attest ${facts.ticket} ${unattested.id} --evidence "what you saw"`,
  };
}

/** Beside the verdict and never instead of it: revised words have to be met as well. */
function revisionOf(criterion: Criterion, { revised }: DoneFacts): string {
  const last = revised.findLast((each) => each.ac === criterion.id);
  if (last?.text !== criterion.text) return "";
  return `, revised by ${last.by} because ${last.reason}`;
}

function criterionVerdict(criterion: Criterion, facts: DoneFacts): { met: boolean; why: string } {
  if (criterion.waived !== null) return { met: true, why: `revised: ${criterion.waived}` };
  const on = criterion.target === "worktree" ? "candidate" : "live";
  const check = facts.checks.find((each) => each.ac === criterion.id && each.on === on);
  if (check) {
    if (check.tree !== facts.tree)
      return {
        met: false,
        why: `was checked on another tree (${short(check.tree)}, now ${short(facts.tree)})`,
      };
    const base = facts.checks.find((each) => each.ac === criterion.id && each.on === "base");
    if (on === "candidate" && criterion.baseline === "red" && base?.passed !== false) {
      return {
        met: false,
        why: `proves nothing: it ${base ? "passed" : "was not run"} before the change (${check.command})`,
      };
    }
    if (!check.passed)
      return { met: false, why: `failed: ${check.command} (exit ${check.exit ?? check.ended})` };
    return { met: true, why: `${check.command} → exit 0 on tree ${short(check.tree)}` };
  }
  const word = facts.attested.find((each) => each.ac === criterion.id);
  if (word) return { met: true, why: `attested by ${word.by}` };
  if (criterion.verify === null) return { met: false, why: "has no command, and nobody attested it" };
  return { met: false, why: `was never verified: ${criterion.verify}` };
}

function evidenceIntact({ evidence, ticket }: DoneFacts): Verdict {
  const missing = [
    ...evidence.problems,
    ...evidence.missingResults.map((pass) => `no sealed result of the ${pass} pass`),
    ...(evidence.segments === 0 ? ["there is no evidence at all"] : []),
  ];
  const proof = [`${evidence.segments} segments, head ${short(evidence.head)}`];
  return evidence.problems.length > 0
    ? { missing, proof, command: `nimrod verify ${ticket}` }
    : { missing, proof };
}

function docsUpdated({ plan, changedPaths }: DoneFacts): Verdict {
  if (!plan) return { missing: ["there is no plan that says which docs it touches"], proof: [] };
  const missing = plan.docs.flatMap((doc) =>
    "path" in doc && !changedPaths.includes(doc.path) ? [`${doc.path} was promised and is unchanged`] : [],
  );
  if (plan.docs.length === 0) missing.push("the plan says nothing about docs");
  return { missing, proof: plan.docs.map((doc) => ("path" in doc ? doc.path : `none: ${doc.reason}`)) };
}

function linksBothWays({ oneWayLinks, unknownLinks }: DoneFacts): Verdict {
  return {
    missing: [
      ...unknownLinks.map((link) => `${link}: no such ticket`),
      ...oneWayLinks.map((link) => `${link} stands in one of the two tickets only`),
    ],
    proof: ["every link is known, and stands in both tickets"],
    command: "nimrod doctor --fix --apply",
  };
}

function changesLogged({ hostSteps, closing }: DoneFacts): Verdict {
  const applied = hostSteps.filter((step) => step.applied);
  if (applied.length === 0)
    return { missing: [], proof: ["not applicable: no recorded action changed a server"] };
  const logged = closing?.changeLog ?? [];
  return {
    // Steps of the close itself run after the closer has written; landing adds them to the log.
    missing: applied
      .filter((step) => !step.late)
      .filter((step) => !logged.some((entry) => entry.step === step.id))
      .map((step) => `${step.id} ${step.title} is not in the change log`),
    proof: logged.map((entry) => `${entry.step} ${entry.text}`),
  };
}

function risksRecorded({ closing, plan, review }: DoneFacts): Verdict {
  if (!closing) return { missing: ["the closer has not recorded risks and follow-ups"], proof: [] };
  const missing = [
    ...closing.risks.filter((risk) => risk.owner.trim() === "").map((risk) => `${risk.id} has no owner`),
    ...(plan?.risks ?? [])
      .filter((risk) => !closing.risks.some((known) => known.id === risk.id))
      .map((risk) => `${risk.id} of the plan is not accounted for`),
    ...(review?.findings ?? [])
      .filter((finding) => finding.status !== "closed" && finding.severity !== "minor")
      .map((finding) => `${finding.id} of the review is open: ${finding.text}`),
  ];
  const proof = [
    closing.risks.length === 0
      ? "no risks"
      : closing.risks.map((risk) => `${risk.id} ${risk.owner}`).join(", "),
    closing.followUps.length === 0 ? "no follow-ups" : `${closing.followUps.length} follow-ups`,
    ...closing.notDone.map((each) => `not done: ${each}`),
  ];
  return { missing, proof };
}

function reviewedIndependently({ review, tree, passes }: DoneFacts): Verdict {
  if (!review) return { missing: ["no review approved this work"], proof: [] };
  const missing: string[] = [];
  if (review.verdict !== "approve") missing.push("the last review asks for changes");
  if (review.tree !== tree)
    missing.push(`the review is of tree ${short(review.tree)}, the candidate is ${short(tree)}`);
  const implementers = passes.filter((each) => each.role === "implementer").map((each) => each.pass);
  const reviewers = passes.filter((each) => each.role === "reviewer").map((each) => each.pass);
  if (implementers.length === 0 || reviewers.length === 0)
    missing.push("evidence does not show both an implementer and a reviewer");
  if (reviewers.some((pass) => implementers.includes(pass)))
    missing.push("implementer and reviewer were the same pass");
  return {
    missing,
    proof: [`approved in round ${review.round}, pass ${reviewers.at(-1) ?? "?"}, tree ${short(review.tree)}`],
  };
}

function rollbackKnown({ hostSteps, changedPaths }: DoneFacts): Verdict {
  const applied = hostSteps.filter((step) => step.applied);
  return {
    missing: applied.flatMap((step) => {
      if (step.undo === null) return [`${step.id} ${step.title} has no undo`];
      return step.rehearsed === false ? [`the undo of ${step.id} failed its rehearsal`] : [];
    }),
    proof: [
      ...(changedPaths.length > 0 ? ["git revert of the landing commit"] : []),
      ...applied.map(
        (step) => `${step.id}: ${step.undo ?? ""}${step.rehearsed === true ? " (rehearsed)" : ""}`,
      ),
    ],
  };
}

function short(hash: string | null): string {
  return hash === null ? "none" : hash.slice(0, 10);
}
