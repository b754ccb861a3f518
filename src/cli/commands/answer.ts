import { carriesRunCookie } from "../../authorization/run-cookie.ts";
import { NimrodError } from "../../errors.ts";
import { recordAnswers } from "../../pipeline/answer-questions.ts";
import { isAnswered } from "../../pipeline/facts.ts";
import { readLatestRun, type Wait } from "../../pipeline/journal.ts";
import { userAtHost } from "../author.ts";
import type { Context } from "../context.ts";
import { openPipeline } from "../open-pipeline.ts";
import { listOption, type Options } from "../options.ts";

type Question = Extract<Wait, { kind: "answer" }>["questions"][number];

/** `nimrod answer ID`: the questionnaire, all at once; `--set q1=a` for scripts. Answers only, never approvals. */
export async function answer(context: Context, args: readonly string[], options: Options): Promise<number> {
  if (await carriesRunCookie({ ...context.env }, process.pid)) {
    throw new NimrodError(
      "needs_person",
      "nimrod answer was called from inside a pass; an agent cannot speak for a person",
    );
  }
  const { ports, project } = await openPipeline(context);
  const ticket = await project.findTicket(args[0] ?? "");
  const run = await readLatestRun(ports.stateFolder, ticket.id);
  const last = run?.records.findLast((record) => record.type === "parked" || record.type === "resumed");
  const questions =
    last?.type === "parked"
      ? last.waits.flatMap((wait) => (wait.kind === "answer" ? wait.questions : []))
      : [];
  const { output } = context;
  if (!run || questions.length === 0) {
    output.document("answers", { ticket: ticket.id, answers: [] });
    output.line(`${ticket.id} has no open question`);
    return 0;
  }
  const given = parseSettings(listOption(options, "set"), questions);
  const known = run.records.flatMap((record) =>
    record.type === "answer" ? [{ id: record.question, text: record.text }] : [],
  );
  const open = questions.filter((question) => !isAnswered(question, known));
  if (given.size === 0 && open.length === 0) {
    output.document("answers", { ticket: ticket.id, answers: [] });
    output.line(`${ticket.id} has all its answers`);
    output.line(`  next: nimrod ${ticket.status === "in_review" ? "close" : "resume"} ${ticket.id}`);
    return 0;
  }
  if (given.size === 0)
    for (const question of open) given.set(question.id, await ask(context, ticket.id, question));
  const answers = questions.flatMap((question) => {
    const value = given.get(question.id);
    return value === undefined ? [] : [{ id: question.id, text: question.text, answer: value }];
  });
  await recordAnswers(ports, ticket, run.run, answers, userAtHost(context.env));
  await project.touch(ticket.id);
  output.document("answers", { ticket: ticket.id, answers });
  for (const each of answers) output.line(`${each.id}: ${each.answer}`);
  const left = open.filter((question) => !given.has(question.id)).length;
  output.line(
    left > 0
      ? `  ${left} still open: nimrod answer ${ticket.id}`
      : `  next: nimrod ${ticket.status === "in_review" ? "close" : "resume"} ${ticket.id}`,
  );
  return 0;
}

function parseSettings(settings: readonly string[], questions: readonly Question[]): Map<string, string> {
  const given = new Map<string, string>();
  for (const setting of settings) {
    const at = setting.indexOf("=");
    const id = setting.slice(0, Math.max(0, at)).toLowerCase();
    const question = questions.find((each) => each.id.toLowerCase() === id);
    if (at < 1 || !question) {
      const what =
        at < 1 ? "expected QUESTION=ANSWER" : `no open question is called "${setting.slice(0, at)}"`;
      throw new NimrodError("usage", `--set ${setting}: ${what}`, {
        lines: questions.map((each) => `${each.id}: ${each.text}`),
      });
    }
    given.set(question.id, checkAnswer(question, setting.slice(at + 1)));
  }
  return given;
}

function checkAnswer(question: Question, value: string): string {
  const options = question.kind === "yesno" ? ["yes", "no"] : (question.options ?? []);
  const expected = question.kind === "number" ? "a number" : options.join(", ");
  const fits =
    question.kind === "number"
      ? value.trim() !== "" && Number.isFinite(Number(value))
      : question.kind === "text"
        ? value.trim() !== ""
        : options.includes(value);
  if (!fits)
    throw new NimrodError(
      "usage",
      `${question.id}: ${JSON.stringify(value)} is no answer; expected ${expected || "some text"}`,
    );
  return value;
}

async function ask(context: Context, ticket: string, question: Question): Promise<string> {
  const hint = `nimrod answer ${ticket} --set ${question.id}=…`;
  const source = question.defaultSource ? ` (default from ${question.defaultSource})` : "";
  const text = `${question.id} ${question.text}${source}`;
  const initial = question.default === undefined ? {} : { initial: question.default };
  if (question.kind === "choice" || question.kind === "yesno") {
    const choices = question.kind === "yesno" ? ["yes", "no"] : (question.options ?? []);
    return context.prompts.choose(
      text,
      choices.map((value) => ({ value, label: value })),
      { hint, ...initial },
    );
  }
  return checkAnswer(question, await context.prompts.text(text, { hint, ...initial }));
}
