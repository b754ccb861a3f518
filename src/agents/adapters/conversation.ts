import type { Excuse } from "../../platform/child-clocks.ts";
import type {
  ActionOutcome,
  AgentAction,
  FailureReason,
  PassLimits,
  PassOutcome,
  PassRequest,
  SessionEnd,
  Toolbox,
  ToolboxSession,
} from "../adapter.ts";
import { type Ending, type Failure, failed } from "./ending.ts";
import { type Answer, parseAnswer } from "./exchange.ts";
import { watchForCircles } from "./stuck.ts";

/** Agrees with what a line queue buffers; a longer answer is a flood whatever the limits say. */
const largestAnswer = 4 * 1024 * 1024 - 1;
/** Answers of the wrong form that an agent is told of, in the whole pass: a model that needs more never finds it. */
const repairs = 3;

export type Reply = { kind: "text"; text: string } | Failure | { kind: "cancelled" };

/** What one round tells the agent, and how long it may take to answer. */
export type Turn = {
  round: number;
  /** Of the round before, in the order of its actions. */
  outcomes: ActionOutcome[];
  /** What was wrong with the form of the answer before; nothing of it was done. */
  problems: string[];
  clocks: { idleMs: number; deadlineMs: number; answerBytes: number; excuse: Excuse };
};

/** One way of talking to an agent process: a process a round, or a line a round. */
export type Speaker = {
  say: (turn: Turn) => Promise<Reply>;
  /** Told what was performed, for those that keep the history themselves. */
  heard: (actions: AgentAction[], outcomes: ActionOutcome[]) => void;
  /** The same for an answer that could not be read: nothing was performed. */
  misheard: (text: string, problems: string[]) => void;
  /** After a result: the process has to end by itself and say nothing more. Null when it did, or was ended. */
  finish: () => Promise<Reply | null>;
  /** Ends everything that was started. Always called, also after a throw. */
  stop: () => Promise<void>;
};

type Talk = {
  request: PassRequest;
  toolbox: Toolbox;
  mode: "once" | "stream";
  speaker: Speaker;
  /** Where the agent may also use the toolbox over MCP: a person who is needed there ends the pass here too. */
  session?: Pick<ToolboxSession, "ended" | "activity"> | null;
};
/** Rounds of act and observe until a result, a limit, or something that needs a person. */
export async function converse(talk: Talk): Promise<PassOutcome> {
  const started = performance.now();
  const count = { rounds: 0 };
  try {
    const ending = await runRounds(talk, count, started);
    return { ...ending, rounds: count.rounds, ms: Math.round(performance.now() - started) };
  } finally {
    await talk.speaker.stop();
  }
}

async function runRounds(talk: Talk, count: { rounds: number }, started: number): Promise<Ending> {
  const { request, toolbox, speaker, mode } = talk;
  const { limits } = request;
  const watch = watchForCircles();
  let outcomes: ActionOutcome[] = [];
  let problems: string[] = [];
  let misread = 0;
  for (;;) {
    if (request.signal.aborted) return { kind: "cancelled" };
    const left = limits.wallSeconds * 1000 - (performance.now() - started - (toolbox.personMs?.() ?? 0));
    if (left <= 0) return failed("timeout", `the pass took longer than ${limits.wallSeconds} s`);
    if (count.rounds === limits.turns) return failed("budget", `no result in ${limits.turns} rounds`);
    count.rounds += 1;

    const clocks = { ...clocksFor(limits, count.rounds, left), excuse: excuseOf(talk) };
    const said = speaker.say({ round: count.rounds, outcomes, problems, clocks });
    const reply =
      talk.session == null ? await said : await Promise.race([said, overBySession(talk.session.ended)]);
    if (reply.kind === "cancelled" || reply.kind === "parked") return reply;
    if (reply.kind === "failed") {
      // What ended the exchange is the answer that was wrong: told so, the process left or fell silent.
      if (mode === "stream" && problems.length > 0 && ["crash", "idle"].includes(reply.reason))
        return failed("schema", problems.join("; "));
      return explainClock(reply, limits, { round: count.rounds, left });
    }
    const answer = readAnswer(reply.text, talk, clocks.answerBytes);
    if (answer.kind === "invalid") {
      misread += 1;
      if (answer.reason !== "schema" || misread > repairs || count.rounds === limits.turns)
        return failed(answer.reason, answer.problems.join("; "));
      speaker.misheard(reply.text, answer.problems);
      [outcomes, problems] = [[], answer.problems];
      continue;
    }
    const spending = answer.usage === undefined ? "go" : request.usage(answer.usage);
    // A result that is there costs nothing more.
    if (answer.kind === "result") return finishWith(speaker, answer.result);
    if (spending === "stop") return failed("budget", "the money or the tokens of this pass are used up");
    if (count.rounds === limits.turns) return failed("budget", `no result in ${limits.turns} rounds`);

    const performed = await performAll(answer.actions, request.signal, toolbox);
    if (performed === "cancelled") return { kind: "cancelled" };
    [outcomes, problems] = [performed, []];
    speaker.heard(answer.actions.slice(0, outcomes.length), outcomes);
    if (outcomes.some(({ status }) => status === "parked")) return { kind: "parked" };
    const verdict = watch(answer.actions, outcomes);
    if (verdict !== null) return failed(verdict.reason, verdict.message);
  }
}

function readAnswer(text: string, { request, mode }: Talk, answerBytes: number): Answer {
  const answer = parseAnswer(text, { role: request.role, nonce: request.nonce, mode, answerBytes });
  const problem = answer.kind === "result" ? (request.check?.(answer.result) ?? null) : null;
  return problem === null ? answer : { kind: "invalid", reason: "schema", problems: [problem] };
}

/** Only what ends a pass; a session that is without `submit` never ends it with a result. */
async function overBySession(end: Promise<SessionEnd>): Promise<{ kind: "parked" } | Failure> {
  const over = await end;
  return over.kind === "submitted" ? failed("schema", "a result came by a tool that is not there") : over;
}

async function finishWith(speaker: Speaker, result: unknown): Promise<Ending> {
  const trouble = await speaker.finish();
  if (trouble === null) return { kind: "finished", result };
  return trouble.kind === "text"
    ? failed("schema", "there was more after the result: a second answer")
    : trouble;
}

/**
 * In order, one at a time; questions to sub-passes that follow each other go side by side, for they change nothing.
 * After a parked one the rest of the round is not performed: its premise may be gone.
 */
async function performAll(
  actions: AgentAction[],
  signal: AbortSignal,
  toolbox: Toolbox,
): Promise<ActionOutcome[] | "cancelled"> {
  const outcomes: ActionOutcome[] = [];
  while (outcomes.length < actions.length) {
    if (signal.aborted) return "cancelled";
    const batch = nextBatch(actions.slice(outcomes.length));
    outcomes.push(...(await Promise.all(batch.map((action) => toolbox.perform(action)))));
    if (outcomes.at(-1)?.status === "parked") break;
  }
  return outcomes;
}

function nextBatch(actions: AgentAction[]): AgentAction[] {
  const end = actions.findIndex(({ kind }) => kind !== "delegate");
  return actions.slice(0, end < 0 ? actions.length : Math.max(1, end));
}

/** While Nimrod performs what it called over MCP, it may be silent; while a person is waited for, no clock runs. */
function excuseOf({ session, toolbox }: Talk): Excuse {
  const before = toolbox.personMs?.() ?? 0;
  return {
    isBusy: () => (session?.activity().inFlight ?? 0) > 0,
    excusedMs: () => (toolbox.personMs?.() ?? 0) - before,
  };
}

function clocksFor(limits: PassLimits, round: number, left: number): Omit<Turn["clocks"], "excuse"> {
  return {
    idleMs: limits.idleSeconds * 1000,
    deadlineMs: Math.ceil(round === 1 ? Math.min(left, limits.startSeconds * 1000) : left),
    answerBytes: Math.min(limits.answerBytes, largestAnswer),
  };
}

/** A speaker only knows that a clock ran out; which one, and what it was set to, is said here. */
function explainClock(
  reply: { reason: FailureReason; message: string },
  limits: PassLimits,
  at: { round: number; left: number },
): Ending {
  const { reason, message } = reply;
  if (reason === "idle")
    return failed("idle", `silent for ${limits.idleSeconds} s: no byte on stdout or stderr`);
  if (reason !== "timeout") return failed(reason, message);
  const atStart = at.round === 1 && limits.startSeconds * 1000 < at.left;
  return failed(
    "timeout",
    atStart
      ? `no answer within ${limits.startSeconds} s of the start`
      : `the pass took longer than ${limits.wallSeconds} s`,
  );
}
