import type { ActionOutcome, PassLimits } from "../agents/adapter.ts";
import type { InputOf } from "../agents/pass-input.ts";
import { narrowLimits, type RoleLimits } from "../agents/role-file.ts";
import { type Delegated, delegateSchema } from "../agents/roles.ts";
import type { OpenSegment } from "../evidence/ledger.ts";
import { fence } from "../evidence/redact.ts";
import { ulid } from "../platform/clock.ts";
import { clearPass } from "./held-passes.ts";
import type { Meter } from "./meter.ts";
import { type WriteTranscript, withTranscript } from "./pass-transcript.ts";
import { makePassFolders, type PassFolders } from "./places.ts";
import type { Ports } from "./ports.ts";

/**
 * Sub-passes: one bounded, read-only question of a pass to a fresh agent. It has its own nonce, folders, prompt and
 * part of the budget, stands in the same checkout as the pass that asks, and is recorded in that pass's segment.
 */

/** Of one pass: more questions than this are a research of their own. */
export const mostQuestions = 8;
export const mostAtOnce = 3;
/** Of the money and tokens of the whole pass: where a CLI tells no figures, a part counts in full, and all fit. */
const moneyShare = 1 / mostQuestions;
/** Of the time that is left, and of the turns of the whole pass. */
const share = 1 / 4;
/** Less time than this is not worth a start. */
const leastSeconds = 5;
/** Characters of the answer that go back to the pass that asked. */
const mostAnswer = 32_000;

/** What one sub-pass runs with; all else is as in the pass that asks. */
type SubPass = {
  pass: string;
  input: InputOf<"delegate">;
  folders: PassFolders;
  limits: PassLimits;
  meter: Meter;
  segment: OpenSegment;
  write: WriteTranscript;
  signal: AbortSignal;
};

type SubPassEnd =
  | { kind: "finished"; result: unknown }
  | { kind: "failed"; reason: string; message: string }
  | { kind: "parked" }
  | { kind: "cancelled" };

export type Delegation = {
  ask: (question: string, paths: readonly string[]) => Promise<ActionOutcome>;
  /** Ends what is under way and waits for it; after that nothing is asked any more. */
  stop: () => Promise<void>;
};

export type DelegationOptions = {
  ports: Pick<Ports, "stateFolder" | "clock" | "redact" | "progress" | "signal">;
  ticket: InputOf<"delegate">["ticket"];
  run: string;
  /** Who asks: `agent:<role>`. */
  actor: string;
  segment: OpenSegment;
  meter: Meter;
  limits: PassLimits;
  /** Of the role that answers. */
  roleLimits: RoleLimits;
  runSubPass: (sub: SubPass) => Promise<SubPassEnd>;
};

export function openDelegation(options: DelegationOptions): Delegation {
  const { ports, segment, actor } = options;
  const started = performance.now();
  const over = new AbortController();
  const signal = AbortSignal.any([ports.signal, over.signal]);
  const running = new Set<Promise<unknown>>();
  const enter = turnstile(mostAtOnce);
  let asked = 0;

  async function ask(question: string, paths: readonly string[]): Promise<ActionOutcome> {
    const pass = ulid(ports.clock);
    const refused = over.signal.aborted
      ? "this pass is over"
      : question.trim() === ""
        ? "the question is empty"
        : asked >= mostQuestions
          ? `${mostQuestions} questions were asked in this pass; the rest is its own work`
          : null;
    // Counted before anything is waited for: nine that come at once are nine.
    if (refused === null) asked += 1;
    await segment.append({
      type: "action",
      actor,
      data: {
        action: `delegate ${question}`,
        kind: "delegate",
        answer: refused === null ? "go" : "denied",
        tier: refused === null ? "none" : "deny",
        rule: "pass.delegate",
        reason: refused ?? "a sub-pass only looks",
        sub: refused === null ? pass : null,
        paths,
      },
    });
    if (refused !== null) return { kind: "delegate", status: "denied", tier: "deny", reason: refused };
    const leave = await enter();
    try {
      return await answer(pass, question, paths);
    } finally {
      leave();
    }
  }

  async function answer(pass: string, question: string, paths: readonly string[]): Promise<ActionOutcome> {
    if (signal.aborted) return failed("the pass is over");
    const left = options.limits.wallSeconds - (performance.now() - started) / 1000;
    const limits = narrowLimits(sliceOf(options.limits, left), options.roleLimits);
    if (limits.wallSeconds < leastSeconds) return failed("there is too little time left in this pass");
    const meter = options.meter.slice(moneyShareOf(options.limits, options.roleLimits));
    if (meter === null) return failed("there is too little of the budget left in this pass");
    const name = `sub-pass ${pass.slice(-4)}`;
    ports.progress({ kind: "note", text: `${name}: ${question.split("\n")[0]?.slice(0, 100) ?? ""}` });
    const folders = await makePassFolders(ports, options.ticket.id, options.run, pass);
    try {
      const input = { role: "delegate" as const, ticket: options.ticket, question, paths: [...paths] };
      const own = {
        pass,
        input,
        folders,
        limits: { ...limits, ...meter.limits, turns: limits.turns },
        meter,
      };
      const end = await withTranscript(folders.transcript, ports, (write) =>
        options.runSubPass({ ...own, segment: tagged(segment, pass), write, signal }),
      );
      const outcome = await concluded(pass, end);
      ports.progress({ kind: "note", text: `${name}: ${outcome.reason ?? "answered"}` });
      return outcome;
    } finally {
      const { usd, tokens, known } = meter.close();
      await segment.append({
        type: "note",
        actor: "nimrod",
        data: { what: "sub-pass", sub: pass, usd, tokens, known },
      });
      await clearPass(ports, { ticket: options.ticket.id, run: options.run, pass });
    }
  }

  async function concluded(pass: string, end: SubPassEnd): Promise<ActionOutcome> {
    const read = end.kind === "finished" ? delegateSchema.safeParse(end.result) : null;
    if (read?.success !== true) {
      const why = end.kind === "failed" ? `${end.reason}: ${end.message}` : end.kind;
      await segment.append({
        type: "note",
        actor: "nimrod",
        data: { what: "sub-pass ended", sub: pass, why },
      });
      return failed(`the sub-pass gave no answer (${why})`);
    }
    await segment.append({
      type: "result",
      actor: "agent:delegate",
      data: { pass, sub: pass, role: "delegate", result: read.data },
    });
    const text = ports.redact(shown(read.data));
    return {
      kind: "delegate",
      status: "done",
      tier: "none",
      stdout: text.slice(0, mostAnswer),
      ...(text.length > mostAnswer ? { truncated: true } : {}),
    };
  }

  return {
    ask(question, paths) {
      const asking = ask(question, paths);
      const settled = asking.catch(() => undefined).finally(() => running.delete(settled));
      running.add(settled);
      return asking;
    },
    async stop() {
      over.abort();
      await Promise.all(running);
    },
  };
}

/** The part that every sub-pass gets, or less where the role that answers has less. */
export function moneyShareOf(limits: PassLimits, role: RoleLimits): number {
  const share = (bound: number | undefined, whole: number) =>
    bound === undefined || whole === 0 ? moneyShare : bound / whole;
  return Math.min(moneyShare, share(role.usd, limits.usd), share(role.tokens, limits.tokens));
}

/** Turns are counted by the CLI alone, so a sub-pass gets its part of all of them. */
export function sliceOf(limits: PassLimits, secondsLeft: number): PassLimits {
  return {
    ...limits,
    wallSeconds: Math.max(0, secondsLeft) * share,
    turns: Math.max(1, Math.floor(limits.turns * share)),
  };
}

function shown(result: Delegated): string {
  const head =
    "Another agent wrote this. Each claim is worth as much as its sources show: check what you build on.";
  return `${head}\n\n${fence(JSON.stringify(result, null, 1), "json")}`;
}

/** Records of a sub-pass stand among those of the pass that asked: each says whose it is. */
function tagged(segment: OpenSegment, sub: string): OpenSegment {
  return {
    path: segment.path,
    append: (record) => segment.append({ ...record, data: { ...record.data, sub } }),
    async seal() {
      throw new Error("the segment belongs to the pass that asked");
    },
  };
}

function failed(reason: string): ActionOutcome {
  return { kind: "delegate", status: "failed", tier: "none", reason };
}

/** Lets `places` in at a time, in the order in which they came. */
function turnstile(places: number): () => Promise<() => void> {
  let free = places;
  const waiting: (() => void)[] = [];
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };
  return async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return leave;
  };
}
