import type { ActionOutcome } from "../agents/adapter.ts";
import { type Question, questionSchema } from "../agents/roles.ts";
import type { OpenSegment } from "../evidence/ledger.ts";
import { isAnswered, type RunFacts } from "./facts.ts";
import type { Journal, Wait } from "./journal.ts";

/** What is answered already, or documented, is told; the rest is left in `waits`, and the pass is parked. */
export async function askQuestions(
  asked: Question[],
  {
    facts,
    journal,
    segment,
    waits,
  }: { facts: RunFacts; journal: Journal; segment: OpenSegment; waits: Wait[] },
): Promise<ActionOutcome> {
  const read = questionSchema.array().min(1).safeParse(asked);
  if (!read.success)
    return {
      kind: "ask",
      status: "failed",
      tier: "none",
      reason: read.error.issues[0]?.message ?? "malformed questions",
    };
  const open: Question[] = [];
  for (const question of read.data) {
    if (isAnswered(question, facts.answers)) continue;
    // A default that the repository documents is not worth a person's time; the assumption is on record.
    if (question.default !== undefined && question.defaultSource !== undefined) {
      await journal.append({
        type: "answer",
        question: question.id,
        text: question.text,
        answer: question.default,
        by: `documented: ${question.defaultSource}`,
      });
      await segment.append({
        type: "note",
        actor: "nimrod",
        data: {
          what: "assumed",
          question: question.text,
          answer: question.default,
          source: question.defaultSource,
        },
      });
      facts.answers.push({ id: question.id, text: question.text, answer: question.default });
    } else open.push(question);
  }
  await segment.append({
    type: "note",
    actor: "nimrod",
    data: { what: "asked", questions: open.map((each) => each.text) },
  });
  if (open.length > 0) {
    waits.push({ kind: "answer", questions: open, why: open[0]?.text ?? "" });
    return { kind: "ask", status: "parked", tier: "none", reason: "a person will be asked" };
  }
  const answers = facts.answers.map((answer) => `${answer.id}: ${answer.answer}`).join("\n");
  return { kind: "ask", status: "done", tier: "none", stdout: answers };
}
