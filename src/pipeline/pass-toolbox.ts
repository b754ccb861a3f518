import { lstat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import type { ActionOutcome, Toolbox } from "../agents/adapter.ts";
import type { StepOutcome } from "../agents/pass-input.ts";
import { type Plan, type PlanStep, type Question, questionSchema } from "../agents/roles.ts";
import { type Action, type Decision, stricter } from "../authorization/action.ts";
import { describeAction } from "../authorization/describe.ts";
import type { Gate, GateAnswer } from "../authorization/gate.ts";
import type { OpenSegment } from "../evidence/ledger.ts";
import { removeTree } from "../platform/files.ts";
import { type Performed, type Place, perform, vantageOf } from "../toolbox/perform.ts";
import { matchesAny } from "../workspace/diff-facts.ts";
import type { Workspace } from "../workspace/worktree.ts";
import { isAnswered, type RunFacts } from "./facts.ts";
import type { Journal, Wait } from "./journal.ts";
import { declaredDocs, declaredPaths, stepOf } from "./plan-scope.ts";
import type { Progress } from "./ports.ts";

/** The door through which the agent of one pass acts: gate, journal, performance, evidence, commit, in that order. */
export type PassToolbox = Toolbox & {
  /** What a person has to do before the pass can go on; a pass that left something here is parked. */
  waits: Wait[];
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
  const { facts, journal, segment, gate, place, workspace, plan, redact } = options;
  const waits: Wait[] = [];

  return {
    waits,
    personMs: options.personMs,
    async perform(asked) {
      switch (asked.kind) {
        case "ask":
          return options.mayAskPerson
            ? askQuestions(asked.questions)
            : notGranted("ask", "a question to a person");
        case "delegate":
          return (
            options.delegate?.(asked.question, asked.paths ?? []) ??
            notGranted("delegate", "a sub-pass of its own")
          );
        case "list":
        case "search":
        case "fetch":
          return { kind: asked.kind, status: "failed", tier: "deny", reason: "this pass does not offer it" };
        default:
          return act({ ...asked, target: "worktree" });
      }
    },
    async performApproved(action) {
      await act(action);
    },
    async judgeDirectChanges() {
      if (!workspace) return null;
      return (
        await settleDirty(workspace, { allowed: "brief", title: "direct changes of the agent", own: null })
      ).denied;
    },
  };

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

  async function askQuestions(asked: Question[]): Promise<ActionOutcome> {
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

  async function act(action: Action): Promise<ActionOutcome> {
    const kind = action.kind === "start-agent" ? "run" : action.kind;
    const what = redact(describeAction(action));
    const step = plan ? stepOf(plan, action) : null;
    const answer = await gate.decide(
      action,
      step ? { title: `${step.id} ${step.title}`, undo: step.undo ?? null } : {},
    );
    const tier = answer.decision.tier;
    if (answer.kind === "denied") {
      await note(action, answer, "denied", null, null);
      options.progress({ kind: "action", what, tier, status: "denied", exit: null });
      return { kind, status: "denied", tier, reason: answer.decision.reason };
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
        reason: `${answer.decision.reason}; waits for approval ${answer.approval}`,
      };
    }
    return await carryOut(action, answer, what, step);
  }

  async function carryOut(
    action: Action,
    answer: Extract<GateAnswer, { kind: "go" }>,
    what: string,
    step: PlanStep | null,
  ): Promise<ActionOutcome> {
    const { decision, digest } = answer;
    const kind = action.kind === "start-agent" ? "run" : action.kind;
    const vantage = vantageOf(action, decision, place.sandbox);
    // Reads leave nothing behind; everything else is journaled around the very moment it happens.
    const journaled = decision.tier !== "none" || action.kind === "write" || action.kind === "edit";
    const lasting =
      decision.tier === "explicit" &&
      action.kind === "run" &&
      (vantage === "host" || (decision.needs ?? []).length > 0);
    const entry = { type: "action" as const, digest, what, step: options.step, lasting };
    if (journaled) {
      await journal.append({ ...entry, phase: "intent", value: action });
      await journal.append({ ...entry, phase: "started", value: null });
    }
    const done = redacted(await performSafely(action, decision));
    const changed = await settleChanges(action, decision, step === null ? what : `${step.id}: ${step.title}`);
    const status = changed.denied === null ? done.status : "denied";
    const outcome: StepOutcome = {
      step: step?.id ?? null,
      action: what,
      status,
      tier: decision.tier,
      ...(done.exit === null ? {} : { exit: done.exit }),
      ...(changed.commit === null ? {} : { commit: changed.commit }),
      ...(changed.denied === null && done.reason === null
        ? {}
        : { reason: changed.denied ?? done.reason ?? "" }),
    };
    if (journaled) await journal.append({ ...entry, phase: "outcome", value: outcome });
    if (journaled && options.step === "implement") facts.outcomes.push(outcome);
    await note(action, answer, status, done, changed);
    options.progress({ kind: "action", what, tier: decision.tier, status, exit: done.exit });
    return {
      kind,
      status,
      tier: decision.tier,
      ...(done.exit === null ? {} : { exit: done.exit }),
      stdout: done.stdout,
      stderr: done.stderr,
      ...(done.truncated ? { truncated: true } : {}),
      ...(outcome.reason === undefined ? {} : { reason: outcome.reason }),
    };
  }

  async function performSafely(action: Action, decision: Decision): Promise<Performed> {
    const needsCopy =
      action.kind === "run" && decision.tier !== "none" && !place.writable && options.makeCopy !== null;
    if (!needsCopy || options.makeCopy === null) return perform(action, decision, place, options.signal);
    const copy = await options.makeCopy();
    try {
      return await perform(action, decision, { ...place, root: copy.path, writable: true }, options.signal);
    } finally {
      await copy.remove();
    }
  }

  /** A command was judged by its words; what it really did to the worktree is judged here, path by path. */
  async function settleChanges(
    action: Action,
    decision: Decision,
    title: string,
  ): Promise<{ commit: string | null; denied: string | null }> {
    if (!workspace || action.kind === "read") return { commit: null, denied: null };
    if (action.kind === "run") return settleDirty(workspace, { allowed: decision.tier, title, own: null });
    if (!place.contested || action.kind === "start-agent")
      return { commit: await commit(title), denied: null };
    // What the agent's own hands did beside this action must not slip into its commit.
    const own = relative(workspace.path, resolve(workspace.path, action.path));
    return settleDirty(workspace, { allowed: "brief", title, own });
  }

  /** Changes that were not asked for path by path: judged each, then committed, or taken back together. */
  async function settleDirty(
    changing: Workspace,
    what: { allowed: Decision["tier"]; title: string; own: string | null },
  ): Promise<{ commit: string | null; denied: string | null }> {
    const foreign = await foreignGit();
    const dirty = await changing.dirtyPaths();
    if (foreign === null && dirty.length === 0) return { commit: null, denied: null };
    const paths = dirty.filter((path) => path !== what.own);
    // Whoever said yes to an explicit command said yes to what it changes, short of what is never allowed.
    const beyondPlan = what.allowed === "explicit" ? null : outsidePlan(paths);
    const denied = foreign ?? judgeChanges(paths, what.allowed) ?? beyondPlan;
    if (denied === null) return { commit: await commit(what.title), denied: null };
    await changing.resetTo(await changing.head());
    return { commit: null, denied };
  }

  /** A `.git` in the worktree would send git somewhere else: it goes, before anything asks git. */
  async function foreignGit(): Promise<string | null> {
    if (!workspace) return null;
    const path = join(workspace.path, ".git");
    if ((await lstat(path).catch(() => null)) === null) return null;
    await removeTree(path);
    return "it made a .git of its own in the worktree";
  }

  /** Through the gate a write outside the plan would have been asked about; hands that went round it are not asked. */
  function outsidePlan(paths: readonly string[]): string | null {
    if (!plan) return null;
    const declared = [...declaredPaths(plan), ...declaredDocs(plan)];
    const path = paths.find((changed) => !matchesAny(changed, declared));
    return path === undefined ? null : `it changed ${path}, which the authorized plan does not name`;
  }

  function judgeChanges(paths: readonly string[], allowed: Decision["tier"]): string | null {
    for (const path of paths) {
      const decision = options.judgePath(path);
      const granted = stricter(allowed, "brief");
      if (stricter(decision.tier, granted) !== granted) return `it changed ${path}: ${decision.reason}`;
    }
    return null;
  }

  async function commit(title: string): Promise<string | null> {
    if (!workspace) return null;
    const subject = redact(title).split("\n")[0]?.slice(0, 100) ?? "change";
    return workspace.commitAll({ message: `${subject}\n\nNimrod-Ticket: ${facts.ticket}\n` });
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
    return { ...done, stdout: redact(done.stdout), stderr: redact(done.stderr) };
  }
}
