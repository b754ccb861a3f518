import type { Plan } from "../agents/roles.ts";
import { anchorText } from "../evidence/anchor.ts";
import { heads, readSegments } from "../evidence/ledger.ts";
import { visible } from "../evidence/redact.ts";
import { renderEvidenceBlock } from "../evidence/ticket-block.ts";
import { replaceBlock, setFields } from "../tickets/edit.ts";
import type { Status, StoredTicket, TicketBody } from "../tickets/ticket.ts";
import { summarizeEvidence } from "./evidence-summary.ts";
import type { RunFacts } from "./facts.ts";
import type { Wait } from "./journal.ts";
import type { Ports } from "./ports.ts";
import { describeWait } from "./select-ticket.ts";

/** Writes into the ticket what the run has established. Journal and ledger are written before; this is the last. */
export async function publishTicket(
  ports: Pick<Ports, "root" | "store" | "redact">,
  options: {
    ticket: StoredTicket;
    body: TicketBody;
    facts: RunFacts;
    status: Status;
    waits: Wait[];
    /** More front matter to set, for example on close. */
    fields?: Record<string, string | number | null>;
  },
): Promise<StoredTicket> {
  const { ticket, body, facts, status, waits } = options;
  const { segments } = await readSegments(ports.root, ticket.id);
  const summary = summarizeEvidence({
    ticket: ticket.id,
    criteria: body.criteria,
    segments,
    waiting: waits.map((wait) => ports.redact(describeWait(wait))),
  });
  const evidence = renderEvidenceBlock(summary);
  const questions = renderQuestions(waits, facts);
  const risks = renderRisks(facts);
  const fields = {
    status,
    ...(stageOf(facts) === null ? {} : { stage: stageOf(facts) }),
    ...(facts.branch === "" ? {} : { branch: facts.branch }),
    evidence: anchorText(heads(segments)),
    ...options.fields,
  };
  return ports.store.update(ticket.path, (text) => {
    let next = setFields(text, fields);
    if (questions !== null) next = replaceBlock(next, "questions", ports.redact(questions));
    if (facts.plan) next = replaceBlock(next, "plan", ports.redact(renderPlan(facts.plan.result, facts)));
    next = replaceBlock(next, "evidence", evidence);
    return risks === null ? next : replaceBlock(next, "risks", ports.redact(risks));
  });
}

/** The last completed pass, in the words of the pass table. */
function stageOf(facts: RunFacts): string | null {
  if (facts.closing) return "close";
  if (facts.review) return "review";
  if (facts.implementation) return "implement";
  if (facts.plan) return "plan";
  if (facts.research) return "research";
  return facts.triage ? "triage" : null;
}

function renderPlan(plan: Plan, facts: RunFacts): string {
  const steps = plan.steps.map((step) => {
    const reported = facts.implementation?.steps.some(
      (each) => each.id === step.id && each.status === "done",
    );
    const applied = facts.host.some((each) => each.step === step.id && each.status === "done");
    const mark = step.target === "worktree" ? reported : applied;
    const target =
      step.target === "worktree"
        ? ""
        : ` (on ${step.target}${step.after === "land" ? ", after landing is decided" : ""})`;
    return `- [${mark ? "x" : " "}] ${step.id} ${plain(step.title)}${target}`;
  });
  const left = plan.outOfScope.map((each) => `- ${plain(each)}`);
  return [
    plain(plan.slice),
    "",
    ...steps,
    ...(left.length > 0 ? ["", "Out of scope:", "", ...left] : []),
  ].join("\n");
}

function renderQuestions(waits: Wait[], facts: RunFacts): string | null {
  const open = waits.flatMap((wait) => (wait.kind === "answer" ? wait.questions : []));
  const lines = [
    ...open.map((question) => {
      const options = question.options?.length ? ` (${question.options.map(plain).join(" / ")})` : "";
      const fallback =
        question.default === undefined
          ? ""
          : `; default ${plain(question.default)}${question.defaultSource ? `, from ${plain(question.defaultSource)}` : ""}`;
      return `- [ ] ${question.id} ${plain(question.text)}${options}${fallback}`;
    }),
    ...facts.answers.map((answer) => `- [x] ${answer.id} ${plain(answer.text)} → ${plain(answer.answer)}`),
  ];
  if (lines.length === 0) return null;
  return open.length === 0
    ? lines.join("\n")
    : [`Answer with \`nimrod answer ${facts.ticket}\`; what is typed here is not read.`, "", ...lines].join(
        "\n",
      );
}

function renderRisks(facts: RunFacts): string | null {
  const risks = facts.closing?.risks ?? facts.plan?.result.risks ?? [];
  const review = facts.liveReview ?? facts.review;
  const open = (review?.findings ?? []).filter((finding) => finding.status !== "closed");
  const lines = [
    ...risks.map(
      (risk) => `- ${risk.id} ${plain(risk.text)}${risk.owner ? ` (owner: ${plain(risk.owner)})` : ""}`,
    ),
    ...open.map((finding) => `- ${finding.id} (${finding.severity}, from review) ${plain(finding.text)}`),
  ];
  return lines.length === 0 ? null : lines.join("\n");
}

/** Agent text on one line, unable to start a heading, a comment, a fence or a list of its own. */
function plain(text: string): string {
  const line = visible(text.replaceAll(/\s+/g, " ").trim());
  return line.replaceAll("<", "&lt;").replaceAll("`", "'");
}
