import type { CheckResult, InputOf } from "../../pass-input.ts";
import type { Closing } from "../../roles.ts";
import { isWorktree, oneLine } from "./hands.ts";

/** The closing record, from what Nimrod recorded. It says what was not done before it says anything else. */
export function close(input: InputOf<"closer">): Closing {
  const unmet = input.review.criteria.filter(({ met }) => !met);
  const minor = input.review.findings.filter(({ status }) => status !== "closed");
  const skipped = input.steps.filter(({ status }) => status === "skipped");
  return {
    summary: summarize(input),
    notDone: [
      ...input.outOfScope,
      ...skipped.map(({ id, title }) => `${id} was skipped: ${title}`),
      ...unmet.map(({ ac, evidence }) => `${ac} is not met: ${evidence}`),
    ]
      .map((text) => text.slice(0, 20_000))
      .slice(0, 200),
    followUps: [
      ...input.outOfScope.map((text) => followUp(input, `Left out of the slice: ${text}`, 2, text)),
      ...input.deviations.map(({ step, why }) => followUp(input, `${step} was not done as planned`, 2, why)),
      ...minor.map(({ id, path, text }) =>
        followUp(input, `Review ${id}: ${text}`, 3, path === undefined ? text : `${path}: ${text}`),
      ),
    ].slice(0, 200),
    changeLog: input.steps
      .filter(({ target, status }) => !isWorktree(target) && status === "done")
      .map(({ id, title, target, undo }) => ({
        step: id,
        text: `${target}: ${title}; ${undo === null ? "no undo was given" : `undo: ${undo}`}`,
      })),
    links: input.research.links,
    risks: input.risks.map(({ id, text, owner }) => ({ id, text, owner: owner ?? "operator" })),
  };
}

function summarize({ ticket, checks, steps, changedPaths }: InputOf<"closer">): string {
  const shown = ticket.criteria.map(({ id, attest }) => `${id} ${proof(lastCheck(checks, id), attest)}`);
  const done = steps.filter(({ status }) => status === "done").length;
  const files = changedPaths.length === 0 ? "No file was changed" : `Changed: ${list(changedPaths)}`;
  return `${ticket.title}. ${done} of ${steps.length} steps done. ${files}. ${shown.join("; ")}.`.slice(
    0,
    20_000,
  );
}

/** What was seen last, on the host where there was a live check, else on the candidate. */
function lastCheck(checks: CheckResult[], ac: string): CheckResult | undefined {
  const own = checks.filter((check) => check.ac === ac && check.on !== "base");
  return own.findLast(({ on }) => on === "live") ?? own.at(-1);
}

function proof(check: CheckResult | undefined, attest: string | null): string {
  if (check === undefined)
    return attest === null ? "was not checked" : `is attested by ${attest}, not by a command`;
  const exit = check.exit === null ? check.ended : `exit ${check.exit}`;
  return `${check.passed ? "passed" : "failed"} (\`${check.command}\`, ${exit}, ${check.on})`;
}

function list(paths: string[]): string {
  return paths.length <= 10
    ? paths.join(", ")
    : `${paths.slice(0, 10).join(", ")} and ${paths.length - 10} more`;
}

function followUp(
  input: InputOf<"closer">,
  title: string,
  priority: number,
  body: string,
): Closing["followUps"][number] {
  const { ticket } = input;
  const text = `From ${ticket.id} (${ticket.title}), which was closed without it.\n\n${body}`;
  return { title: oneLine(title), type: "task", priority, body: text.slice(0, 20_000), link: "related" };
}
