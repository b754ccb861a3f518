import type { Criterion, RunbookStep } from "../../../tickets/ticket.ts";
import type { InputOf, TicketView } from "../../pass-input.ts";
import type { Plan, PlanStep, StepDo } from "../../roles.ts";
import { type Act, answerTo, ask, type Doubt, isWorktree, oneLine } from "./hands.ts";
import { pathOf, tidyPath } from "./key-terms.ts";
import { isDocument } from "./research.ts";

/**
 * The Runbook as a plan, with the ticket's own verifications. It adds no idea of its own: where the ticket does not
 * say which change to make or how it is verified, it asks, which parks the ticket.
 */
export async function plan(input: InputOf<"planner">, act: Act): Promise<Plan> {
  const { ticket } = input;
  const doubts = missing(input).filter(({ text }) => answerTo(ticket, text) === undefined);
  const now = doubts.length > 0 ? await ask(act, ticket, doubts) : new Map<string, string>();
  return writePlan(input, (text) => answerTo(ticket, text) ?? now.get(text));
}

type Answers = (text: string) => string | undefined;

/** Pure: everything that this planner would have to guess. */
export function missing(input: InputOf<"planner">): Doubt[] {
  const { ticket } = input;
  return [
    ...noRunbook(ticket),
    ...(ticket.criteria.length === 0 ? [noCriteria] : []),
    ...ticket.criteria.filter(needsProof).map(proofQuestion),
    ...tooLarge(input),
    ...refused(input),
  ];
}

function noRunbook(ticket: TicketView): Doubt[] {
  if (ticket.runbook.length > 0) return [];
  const text =
    "The ticket has no `## Runbook`, so the built-in planner does not know which change to make. " +
    "Add one with its steps to the ticket, or let another agent plan it (--agent).";
  // Words cannot become steps without judgement, so an answer that left the Runbook empty is asked about again.
  const again = answerTo(ticket, text) === undefined ? "" : " An answer in words is not enough for it.";
  return [{ kind: "text", text: text + again, neededFor: ticket.criteria.map(({ id }) => id) }];
}

const noCriteria: Doubt = {
  kind: "text",
  text: "The ticket has no acceptance criteria. Which command shows that it is done? Add them to the ticket.",
  neededFor: ["plan"],
};

function needsProof(criterion: Criterion): boolean {
  return criterion.verify === null && criterion.attest === null && criterion.waived === null;
}

function proofQuestion(criterion: Criterion): Doubt {
  const text = `${criterion.id} (${criterion.text}) has neither \`verify:\` nor \`attest:\`. Which command shows that it is met? Or answer "attest: NAME".`;
  return { kind: "text", text: oneLine(text), neededFor: [criterion.id] };
}

function tooLarge({ ticket, limits }: InputOf<"planner">): Doubt[] {
  const files = new Set(ticket.runbook.map((step) => pathOf(step.do)).filter((path) => path !== null)).size;
  const { length } = ticket.runbook;
  if (length <= limits.steps && files <= limits.files) return [];
  const text =
    `The Runbook has ${length} steps over ${files} files; a slice may have ${limits.steps} and ${limits.files}. ` +
    "How many of its first steps make a slice of their own? The others become follow-ups.";
  return [{ kind: "number", text, neededFor: ["plan"] }];
}

/** The same Runbook would give the same plan again. */
function refused({ problems }: InputOf<"planner">): Doubt[] {
  if (problems.length === 0) return [];
  const text = oneLine(
    `The plan made from the Runbook was refused (${problems.join("; ")}). Correct the ticket, then answer "done".`,
  );
  return [{ kind: "text", text, neededFor: ["plan"] }];
}

function writePlan(input: InputOf<"planner">, answers: Answers): Plan {
  const { ticket } = input;
  const taken = sliceOf(input, answers);
  const steps = planSteps(ticket.runbook.slice(0, taken));
  const left = ticket.runbook.slice(taken);
  const criteria = ticket.criteria.map((criterion) => proofOf(criterion, answers));
  return {
    slice: `The ${left.length === 0 ? "" : `first ${taken} steps of the `}Runbook of "${ticket.title}" as its author wrote it.`,
    outOfScope: left.map((step, index) => `Runbook step ${taken + index + 1}: ${step.title}`),
    steps,
    criteria,
    covers: coversOf(input, steps, criteria),
    docs: docsOf(input, steps),
    risks: risksOf(steps),
    questions: [],
  };
}

function sliceOf(input: InputOf<"planner">, answers: Answers): number {
  const [question] = tooLarge(input);
  const all = input.ticket.runbook.length;
  if (question === undefined) return all;
  const wanted = Number(answers(question.text));
  return Number.isInteger(wanted) && wanted >= 1 && wanted <= all ? wanted : all;
}

function planSteps(runbook: RunbookStep[]): PlanStep[] {
  const made = new Set<string>();
  return runbook.map((step, index) => {
    const inputs = inputsOf(step, made);
    const path = pathOf(step.do);
    if (path !== null && isWorktree(step.target)) made.add(path);
    const undo = step.undo ?? defaultUndo(step);
    return {
      id: `S${index + 1}`,
      title: oneLine(step.title),
      intent: `Step ${index + 1} of the ticket's Runbook: ${step.title}`,
      do: doOf(step),
      target: step.target,
      ...(step.verify === null ? {} : { verify: step.verify }),
      ...(undo === null ? {} : { undo }),
      ...(step.after === null ? {} : { after: step.after }),
      ...(step.resources.length === 0 ? {} : { resources: step.resources }),
      ...(inputs.length === 0 ? {} : { inputs }),
      ...(step.rehearse === null ? {} : { rehearse: step.rehearse }),
    };
  });
}

/** What a step changes in the worktree lands as part of one merge commit, and reverting that takes it back. */
function defaultUndo(step: RunbookStep): string | null {
  return isWorktree(step.target) && step.after === null ? "git revert" : null;
}

/**
 * Files that a command names: those that earlier steps made, and in the worktree everything that is spelled like a
 * file. The author wrote them down, so changing them is declared; other files are not.
 */
function inputsOf(step: RunbookStep, made: ReadonlySet<string>): string[] {
  if (step.do.kind !== "run") return [];
  const words = "argv" in step.do ? step.do.argv.slice(1) : step.do.command.split(/[\s"'=;|&()<>]+/);
  const paths = words
    .map(tidyPath)
    .filter((word) => made.has(word) || (isWorktree(step.target) && looksLikeFile(word)));
  return [...new Set(paths)].slice(0, 200);
}

/** `conf/site.conf`, `notes.md`; not `/etc/x`, `-o`, `1.2`, `a/../b`, a URL or an expression of sed. */
function looksLikeFile(word: string): boolean {
  if (!/^[\w@][\w@./-]*$/.test(word) || word.split("/").includes("..")) return false;
  if (word.endsWith("/") || /^[sy]\/.*\/[a-z0-9]*$/.test(word)) return false;
  return word.includes("/") || /^[\w@-]+(?:\.[\w-]+)*\.[A-Za-z][A-Za-z0-9]{0,9}$/.test(word);
}

function doOf(step: RunbookStep): StepDo {
  const what = step.do;
  switch (what.kind) {
    case "write":
      return { write: { path: what.path, content: what.content } };
    case "edit":
      return { edit: { path: what.path, old: what.old, new: what.new } };
    case "run":
      return { run: "argv" in what ? { argv: what.argv } : { command: what.command } };
  }
}

function proofOf(criterion: Criterion, answers: Answers): Plan["criteria"][number] {
  const { id: ac, target } = criterion;
  if (criterion.verify !== null) return { ac, verify: criterion.verify, target };
  if (criterion.attest !== null) return { ac, attest: criterion.attest, target };
  if (criterion.waived !== null) return { ac, target };
  const answer = (answers(proofQuestion(criterion).text) ?? "").trim();
  const person = /^attest:\s*(.+)$/i.exec(answer)?.[1];
  return person === undefined
    ? { ac, verify: answer.replace(/^`(.*)`$/, "$1"), target }
    : { ac, attest: person, target };
}

function coversOf(
  { research, ticket }: InputOf<"planner">,
  steps: PlanStep[],
  criteria: Plan["criteria"],
): Plan["covers"] {
  const all = steps.map(({ id }) => id).join(", ");
  const waived = new Map(ticket.criteria.map(({ id, waived: reason }) => [id, reason]));
  const forCriteria = criteria.map(({ ac, verify, attest }) => {
    const reason = waived.get(ac) ?? null;
    if (reason !== null) return { ref: ac, by: `not done because it is waived: ${reason}`.slice(0, 20_000) };
    const proof = verify === undefined ? `attested by ${attest ?? "a person"}` : `shown by \`${verify}\``;
    return { ref: ac, by: `${all}; ${proof}`.slice(0, 20_000) };
  });
  const forFindings = research.findings.map(({ id, sources }) => {
    const paths = sources.flatMap((source) => ("path" in source ? [tidyPath(source.path)] : []));
    const touching = steps
      .filter(({ do: what }) => paths.includes(writtenPath(what) ?? ""))
      .map((step) => step.id);
    const by =
      touching.length > 0
        ? `${touching.join(", ")} changes it`
        : `not done because the Runbook of ${ticket.id} leaves it as it is`;
    return { ref: id, by };
  });
  return [...forCriteria, ...forFindings].slice(0, 200);
}

function writtenPath(what: StepDo): string | null {
  if ("write" in what) return tidyPath(what.write.path);
  if ("edit" in what) return tidyPath(what.edit.path);
  return null;
}

function docsOf({ ticket, research }: InputOf<"planner">, steps: PlanStep[]): Plan["docs"] {
  const written = steps
    .filter(({ target }) => isWorktree(target))
    .map(({ do: what }) => writtenPath(what))
    .filter((path) => path !== null && isDocument(path));
  const docs = [...new Set(written)].filter((path) => path !== null);
  if (docs.length > 0) return docs.map((path) => ({ path }));
  const named = research.findings.flatMap(({ sources }) =>
    sources.flatMap((source) => ("path" in source && isDocument(source.path) ? [source.path] : [])),
  );
  const reason =
    named.length === 0
      ? `The Runbook of this ${ticket.type} touches no document, and the search found none that names what it changes.`
      : `The Runbook of this ${ticket.type} touches no document. The search found ${[...new Set(named)].join(", ")}, which its author leaves as is.`;
  return [{ none: true, reason: reason.slice(0, 20_000) }];
}

function risksOf(steps: PlanStep[]): Plan["risks"] {
  const texts = steps.flatMap(({ id, title, target, undo }) => {
    if (isWorktree(target) && undo !== undefined) return [];
    const place = isWorktree(target) ? "after landing" : `on ${target}`;
    const back =
      undo === undefined ? "and names no undo: it cannot be taken back by Nimrod" : `undo: ${undo}`;
    return [`${id} (${title}) acts ${place}; ${back}`];
  });
  return texts.map((text, index) => ({ id: `R${index + 1}`, text: text.slice(0, 20_000) }));
}
