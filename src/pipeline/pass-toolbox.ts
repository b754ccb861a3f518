import type { ActionOutcome, AgentAction, Toolbox } from "../agents/adapter.ts";
import type { StepOutcome } from "../agents/pass-input.ts";
import type { Plan, PlanStep } from "../agents/roles.ts";
import { type Action, type Decision, doneAs } from "../authorization/action.ts";
import { describeAction } from "../authorization/describe.ts";
import type { Gate, GateAnswer } from "../authorization/gate.ts";
import type { OpenSegment } from "../evidence/ledger.ts";
import { openLookingSandbox } from "../toolbox/looking-sandbox.ts";
import { partOf } from "../toolbox/part-of-text.ts";
import { type Performed, type Place, perform, vantageOf } from "../toolbox/perform.ts";
import type { Workspace } from "../workspace/worktree.ts";
import { askQuestions } from "./ask-questions.ts";
import { type Attendance, openAttendedGate } from "./attended-gate.ts";
import type { RunFacts } from "./facts.ts";
import type { Journal, Wait } from "./journal.ts";
import { judgeWith } from "./judge-own-tools.ts";
import { stepOf } from "./plan-scope.ts";
import type { Progress } from "./ports.ts";
import { openSettlement } from "./settle-changes.ts";

/** The door through which the agent of one pass acts: gate, journal, performance, evidence, commit, in that order. */
export type PassToolbox = Toolbox & {
  /** What a person has to do before the pass can go on; a pass that left something here is parked. */
  waits: Wait[];
  /** The same door for agents that can wait: where a person is at the terminal, what needs one waits for the answer. */
  attended: Toolbox;
  /** After the last call: waits for what calls left to be committed and recorded, and throws what any of them threw. */
  finish: () => Promise<void>;
  /** Performs an action that was approved while the run was parked. */
  performApproved: (action: Action) => Promise<void>;
  /** Judges changes that did not come through this door; a sentence where they may not stay. */
  judgeDirectChanges: () => Promise<string | null>;
};

export type PassToolboxOptions = {
  /** Milliseconds that a person was waited for so far. */
  personMs: () => number;
  facts: RunFacts;
  step: string;
  journal: Journal;
  segment: OpenSegment;
  gate: Gate;
  /** Null where nobody is at the terminal. */
  attendance: Attendance | null;
  /** Tier of a change to one path, however it was made. */
  judgePath: (path: string) => Decision;
  place: Place;
  /** Null for passes that change nothing; then brief commands run in a throw-away copy. */
  workspace: Workspace | null;
  makeCopy: (() => Promise<{ path: string; remove: () => Promise<void> }>) | null;
  plan: Plan | null;
  /** Whether the role file lets it ask a person. */
  mayAskPerson: boolean;
  /** A question to a sub-pass; absent where the role file grants none, and in a sub-pass itself. */
  delegate?: (question: string, paths: readonly string[]) => Promise<ActionOutcome>;
  redact: (text: string) => string;
  progress: (event: Progress) => void;
  signal: AbortSignal;
};

export function createPassToolbox(options: PassToolboxOptions): PassToolbox {
  const { facts, journal, segment, gate, plan, redact } = options;
  const looking = openLookingSandbox(options.place);
  const place = { ...options.place, looking };
  const waits: Wait[] = [];
  const settlement = openSettlement({ ...options, ticket: facts.ticket });
  const attended =
    options.attendance === null ? null : openAttendedGate({ ...options, attendance: options.attendance });
  const personMs = () => options.personMs() + (attended?.waitedMs() ?? 0);
  const judge = judgeWith(gate);
  let thrown: { error: unknown } | null = null;
  /** Commit and record of the last write, while its agent thinks on. */
  let settling: Promise<unknown> = Promise.resolve();

  return {
    waits,
    personMs,
    judge,
    perform: (asked, signal) => answer(asked, { mayWait: false, signal: signalOf(signal) }),
    attended: {
      personMs,
      judge,
      async perform(asked, signal) {
        try {
          return await answer(asked, { mayWait: true, signal: signalOf(signal) });
        } catch (error) {
          thrown ??= { error };
          throw error;
        }
      },
    },
    async finish() {
      await Promise.all([settling, looking.close()]);
      if (thrown !== null) throw thrown.error;
    },
    async performApproved(action) {
      // What only looks is worth nothing before somebody asks again; its approval waits for that.
      if (!isLook(action)) await act(action, { mayWait: false, signal: options.signal });
    },
    judgeDirectChanges: () => settlement.afterHands(),
  };

  function signalOf(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? options.signal : AbortSignal.any([options.signal, signal]);
  }

  async function answer(asked: AgentAction, how: How): Promise<ActionOutcome> {
    switch (asked.kind) {
      case "ask":
        return options.mayAskPerson
          ? askQuestions(asked.questions, { facts, journal, segment, waits })
          : notGranted("ask", "a question to a person");
      case "delegate":
        return options.delegate === undefined
          ? notGranted("delegate", "a sub-pass of its own")
          : untilAborted(options.delegate(asked.question, asked.paths ?? []), how.signal);
      default:
        return act(actionOf(asked), how);
    }
  }

  /** Recorded like any other refusal: who asks for what it was not given is worth knowing. */
  async function notGranted(kind: "ask" | "delegate", what: string): Promise<ActionOutcome> {
    const reason = `the role file does not grant ${what}; finish without it, and say what stays unknown`;
    await segment.append({
      type: "note",
      actor: "nimrod",
      data: { what: "not granted", kind, reason },
    });
    return { kind, status: "denied", tier: "deny", reason };
  }

  async function act(action: Action, how: How): Promise<ActionOutcome> {
    if (!isLook(action)) await settling;
    if (thrown !== null) throw thrown.error;
    const kind = action.kind === "start-agent" ? "run" : action.kind;
    const what = redact(describeAction(action));
    const step = plan ? stepOf(plan, action) : null;
    const details = step ? { title: `${step.id} ${step.title}`, undo: step.undo ?? null } : {};
    const answer =
      how.mayWait && attended !== null
        ? await attended.decide(action, details, how.signal)
        : await gate.decide(action, details);
    const tier = answer.decision.tier;
    if (answer.kind === "denied") {
      await note(action, answer, "denied", null, null);
      options.progress({ kind: "action", what, tier, status: "denied", exit: null });
      return { kind, status: "denied", tier, reason: reasonOf(answer.decision) };
    }
    if (answer.kind === "parked") {
      await journal.append({
        type: "action",
        phase: "intent",
        digest: answer.digest,
        what,
        step: options.step,
        lasting: false,
        value: action,
      });
      waits.push({ kind: "approval", id: answer.approval, digest: answer.digest, what });
      options.progress({ kind: "action", what, tier, status: `held: ${answer.approval}`, exit: null });
      return {
        kind,
        status: "parked",
        tier,
        reason: `${reasonOf(answer.decision)}; waits for approval ${answer.approval}`,
      };
    }
    return await carryOut(action, answer, { what, step, signal: how.signal });
  }

  async function carryOut(
    action: Action,
    answer: Extract<GateAnswer, { kind: "go" }>,
    { what, step, signal }: { what: string; step: PlanStep | null; signal: AbortSignal },
  ): Promise<ActionOutcome> {
    const { decision, digest } = answer;
    const vantage = vantageOf(action, decision, place.sandbox);
    // Reads leave nothing behind; everything else is journaled around the very moment it happens.
    const journaled = doneAs(decision) !== "none" || action.kind === "write" || action.kind === "edit";
    const lasting =
      decision.tier === "explicit" &&
      action.kind === "run" &&
      (vantage === "host" || (decision.needs ?? []).length > 0);
    const entry = { type: "action" as const, digest, what, step: options.step, lasting };
    if (journaled) {
      await journal.append({ ...entry, phase: "intent", value: action });
      await journal.append({ ...entry, phase: "started", value: null });
    }
    options.progress({ kind: "doing", what, tier: decision.tier });
    const done = redacted(await performSafely(action, decision, signal));
    const settle = async (): Promise<ActionOutcome> => {
      const changed = isHeldFast(action, decision)
        ? { commit: null, denied: null }
        : await settlement.afterAction(
            action,
            settledAs(answer),
            step === null ? what : `${step.id}: ${step.title}`,
          );
      const status = changed.denied === null ? done.status : "denied";
      const reason = changed.denied ?? done.reason;
      const outcome: StepOutcome = {
        step: step?.id ?? null,
        action: what,
        status,
        tier: decision.tier,
        ...(done.exit === null ? {} : { exit: done.exit }),
        ...(changed.commit === null ? {} : { commit: changed.commit }),
        ...(reason === null ? {} : { reason }),
      };
      if (journaled) await journal.append({ ...entry, phase: "outcome", value: outcome });
      if (journaled && options.step === "implement") facts.outcomes.push(outcome);
      await note(action, answer, status, done, changed);
      options.progress({ kind: "action", what, tier: decision.tier, status, exit: done.exit });
      return told(action, decision, done, { status, reason });
    };
    if (!isSure(action)) return settle();
    // A dozen runs of git and three of fsync change nothing about what the agent is told: it need not wait for them.
    settling = settle().catch((error: unknown) => {
      thrown ??= { error };
    });
    return told(action, decision, done, done);
  }

  /** One file was written, by Nimrod and by nobody beside it: there is nothing left to judge. */
  function isSure({ kind }: Action): boolean {
    return (kind === "write" || kind === "edit") && options.workspace !== null && place.contested !== true;
  }

  /** It ran where it could write nothing. */
  function isHeldFast(action: Action, decision: Decision): boolean {
    return (
      action.kind === "run" &&
      doneAs(decision) === "none" &&
      vantageOf(action, decision, place.sandbox) === "sandbox"
    );
  }

  async function performSafely(action: Action, decision: Decision, signal: AbortSignal): Promise<Performed> {
    const needsCopy =
      action.kind === "run" && doneAs(decision) !== "none" && !place.writable && options.makeCopy !== null;
    // What only looks is shown the worktree and cannot touch it, whatever the tables failed to know.
    const held = isHeldFast(action, decision) ? { ...place, writable: false } : place;
    if (!needsCopy || options.makeCopy === null) return perform(action, decision, held, signal);
    const copy = await options.makeCopy();
    try {
      return await perform(action, decision, { ...place, root: copy.path, writable: true }, signal);
    } finally {
      await copy.remove();
    }
  }

  async function note(
    action: Action,
    answer: GateAnswer,
    status: string,
    done: Performed | null,
    changed: { commit: string | null } | null,
  ): Promise<void> {
    await segment.append({
      type: "outcome",
      actor: "nimrod",
      data: {
        action: describeAction(action),
        digest: answer.digest,
        status,
        tier: answer.decision.tier,
        exit: done?.exit ?? null,
        ended: done?.ended ?? null,
        vantage: done ? vantageOf(action, answer.decision, place.sandbox) : null,
        ms: done?.ms ?? null,
        output: done?.outputDigest ?? null,
        commit: changed?.commit ?? null,
        reason: done?.reason ?? null,
      },
    });
  }

  function redacted(done: Performed): Performed {
    const reason = done.reason === null ? null : redact(done.reason);
    return { ...done, stdout: redact(done.stdout), stderr: redact(done.stderr), reason };
  }
}

/** Why not, and what might go instead: it is judged like anything else. */
function reasonOf({ reason, instead }: Decision): string {
  return instead === undefined ? reason : `${reason}; safer: ${instead}`;
}

/** A standing approval is a yes to a shape, not to whatever the command turns out to change. */
function settledAs({ decision, approval }: Extract<GateAnswer, { kind: "go" }>): Decision {
  return approval?.startsWith("standing:") === true ? { ...decision, tier: "brief" } : decision;
}

/** What the agent hears of an action that was performed. */
function told(
  action: Action,
  { tier }: Decision,
  done: Performed,
  { status, reason }: { status: ActionOutcome["status"]; reason: string | null },
): ActionOutcome {
  return {
    kind: action.kind === "start-agent" ? "run" : action.kind,
    status,
    tier,
    ...(done.exit === null ? {} : { exit: done.exit }),
    ...textOf(action, done),
    ...(done.truncated ? { truncated: true } : {}),
    ...(reason === null ? {} : { reason }),
  };
}

/** Lines are counted after redaction: a part of a secret is a secret, and a cut must not hide where it begins. */
function textOf(action: Action, done: Performed): Pick<ActionOutcome, "stdout" | "stderr" | "lines"> {
  const { stdout, stderr } = done;
  if (action.kind !== "read" || done.status !== "done") return { stdout, stderr };
  if (action.offset === undefined && action.limit === undefined) return { stdout, stderr };
  const part = partOf(stdout, action.offset ?? 1, action.limit ?? Number.POSITIVE_INFINITY);
  return { stdout: part.text, stderr, lines: part.lines };
}

type How = { mayWait: boolean; signal: AbortSignal };

function isLook(action: Action): boolean {
  return ["read", "list", "search", "fetch"].includes(action.kind);
}

function actionOf(asked: Exclude<AgentAction, { kind: "ask" | "delegate" }>): Action {
  if (asked.kind === "fetch") return asked;
  if (asked.kind === "search") return { ...asked, path: asked.path ?? ".", target: "worktree" };
  return { ...asked, target: "worktree" };
}

/** A sub-pass ends a moment after the pass that asked it; nobody waits for its words any more. */
function untilAborted(work: Promise<ActionOutcome>, signal: AbortSignal): Promise<ActionOutcome> {
  const over: ActionOutcome = {
    kind: "delegate",
    status: "failed",
    tier: "none",
    reason: "the pass is over",
  };
  if (signal.aborted) return Promise.resolve(over);
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => resolve(over), { once: true });
    work.then(resolve, reject);
  });
}
