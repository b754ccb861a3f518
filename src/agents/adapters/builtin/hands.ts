import type { ActionOutcome, AgentAction } from "../../adapter.ts";
import type { TicketView } from "../../pass-input.ts";
import type { Question } from "../../roles.ts";

/** All that a built-in role can do to the world: send actions of one round, get their outcomes in order. */
export type Act = (actions: AgentAction[]) => Promise<ActionOutcome[]>;

/** A question this role has; `id` is given when the questions are put together. */
export type Doubt = Omit<Question, "id" | "neededFor"> & { neededFor: string[] };

/** Performs one action. */
export async function actOnce(act: Act, action: AgentAction): Promise<ActionOutcome> {
  const [outcome] = await act([action]);
  if (outcome === undefined) throw new Error(`no outcome for a ${action.kind} action`);
  return outcome;
}

/** The answer a person gave to a question of this text, whatever its id was in that round. */
export function answerTo(ticket: TicketView, text: string): string | undefined {
  return ticket.answers.findLast((given) => given.text === text)?.answer;
}

/** Numbers the doubts after the questions that were answered before, so that an id never means two things. */
export function numberQuestions(ticket: TicketView, doubts: Doubt[]): Question[] {
  const used = ticket.answers.map(({ id }) => Number(/^Q([0-9]{1,4})$/.exec(id)?.[1] ?? 0));
  const first = Math.max(0, ...used) + 1;
  return doubts.map((doubt, index) => ({ id: `Q${first + index}`, ...doubt }));
}

/**
 * Asks, which ends the pass: Nimrod parks the ticket and a new attempt finds the answers in its input. Somebody
 * at the terminal may answer at once; then the answers come back on the outcome's stdout, as lines `Q1: answer`.
 */
export async function ask(act: Act, ticket: TicketView, doubts: Doubt[]): Promise<Map<string, string>> {
  const questions = numberQuestions(ticket, doubts);
  const outcome = await actOnce(act, { kind: "ask", questions });
  const answers = outcome.status === "done" ? readAnswers(outcome.stdout ?? "") : new Map<string, string>();
  const open = questions.filter(({ id }) => !answers.has(id));
  if (open.length > 0) {
    throw new Error(`cannot go on without an answer: ${open.map(({ text }) => text).join(" ")}`);
  }
  return new Map(questions.map(({ id, text }) => [text, answers.get(id) ?? ""]));
}

/** An answer may have several lines: it ends where the next `Q2: ` begins. */
function readAnswers(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let id = "";
  for (const line of text.split("\n")) {
    const match = /^([A-Z]{1,3}[0-9]{1,4}): (.*)$/.exec(line);
    id = match?.[1] ?? id;
    const words = match?.[2] ?? line;
    if (id !== "") found.set(id, match === null ? `${found.get(id) ?? ""}\n${words}` : words);
  }
  return found;
}

/** One line of at most 500 characters, as titles and reasons must be. */
export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= 500 ? line : `${line.slice(0, 499).toWellFormed()}…`;
}

export function isWorktree(target: string): boolean {
  return target === "worktree";
}
