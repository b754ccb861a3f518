import { describeEnd, type ExecEnd, type LineProcess, startLines } from "../../platform/exec.ts";
import type {
  FailureReason,
  PassOutcome,
  PassRequest,
  SessionEnd,
  Toolbox,
  ToolboxSession,
  Usage,
} from "../adapter.ts";
import { type EnclosedAgent, openEnclosure } from "./enclosure.ts";
import { type Ending, endingOf, failed, lastWords } from "./ending.ts";
import { failureOf, naming } from "./failure-words.ts";
import { type PassClocks, startClocks } from "./pass-clocks.ts";

/** What one line of a CLI's JSON output says, as far as it matters here. */
export type CliEvent =
  /** Cumulative figures of the pass. */
  | { kind: "usage"; usage: Usage }
  /** The tools that its model is offered, as the CLI says at its start. */
  | { kind: "tools"; names: string[] }
  /** The model or the CLI is at work. `chatter`: not worth a line of the transcript. */
  | { kind: "activity"; chatter?: true }
  /** Sent on stdin. */
  | { kind: "reply"; line: string }
  | { kind: "end"; ok: true }
  | { kind: "end"; ok: false; reason: FailureReason; message: string };

/** One pass of one CLI: how it is started, and how its lines are read. */
export type CliPass = {
  request: PassRequest;
  toolbox: Toolbox;
  /** With the argv by which the CLI reaches the toolbox. */
  agent: (session: ToolboxSession) => EnclosedAgent;
  /** All of stdin; null where it is kept open for `reply`, and `opening` is its first line. */
  stdin: string | null;
  opening?: string | null;
  /** Called with each line of stdout, in order. Null: not a line of its protocol. */
  readEvent: (line: string) => CliEvent[] | null | Promise<CliEvent[] | null>;
  /** Whether a tool that the CLI offers its model may be there. */
  mayOffer: (tool: string) => boolean;
  /** What to install in place of a version that offers more. */
  install: string;
};

/** Agrees with what a line queue buffers. */
const largestLine = 4 * 1024 * 1024 - 1;
/** Lines that are no event of the protocol; a CLI that prints more is not speaking it. */
const maxStrangeLines = 1_000;
/** After an accepted result the CLI has this long to end its turn: the model is asked once more. */
const endOfTurnMs = 60_000;
/** A parked pass is begun anew later, so its turn is worth little. */
const parkedMs = 2_000;

/**
 * Runs a CLI for one pass: once, to its end. A result needs both an accepted `submit` and the CLI's own word that its
 * turn is over; exit codes are not looked at. Nothing that was started is alive when it returns.
 */
export async function runCliPass(pass: CliPass): Promise<PassOutcome> {
  const { request } = pass;
  const started = performance.now();
  const done = (ending: Ending, rounds: number): PassOutcome => ({
    ...ending,
    rounds,
    ms: Math.round(performance.now() - started),
  });
  if (request.signal.aborted) return done({ kind: "cancelled" }, 0);
  const session = await request.openSession({ submit: true });
  try {
    const enclosure = await openEnclosure(request, pass.agent(session));
    try {
      const clocks = startClocks(request.limits, { toolbox: pass.toolbox, session });
      const child = startLines(enclosure.process, pass.stdin);
      const first = pass.stdin ?? pass.opening ?? null;
      if (first !== null) request.transcript("in", first);
      if (pass.stdin === null && first !== null) child.write(first).catch(() => undefined); // its end tells why
      try {
        const ending = await follow(pass, { child, session, clocks });
        return done(naming(ending, enclosure.unreached()), session.activity().calls);
      } finally {
        await child.stop();
        const words = child.stderrTail();
        if (words !== "") request.transcript("err", words);
      }
    } finally {
      const refused = enclosure.refused();
      if (refused.length > 0) request.note({ what: "hosts refused", hosts: [...refused] });
      await enclosure.close();
    }
  } finally {
    await session.close();
  }
}

type Running = { child: LineProcess; session: ToolboxSession; clocks: PassClocks };
type Over = { end: SessionEnd; atMs: number };

async function follow(pass: CliPass, { child, session, clocks }: Running): Promise<Ending> {
  const { request } = pass;
  const { limits, signal } = request;
  /** Interrupts the wait for a line: cancelled, or the toolbox has heard the end. */
  const wake = new AbortController();
  const cancel = (): void => wake.abort();
  signal.addEventListener("abort", cancel, { once: true });
  const heard: { over: Over | null } = { over: null };
  void session.ended.then((end) => {
    heard.over = { end, atMs: performance.now() };
    wake.abort();
  });
  let strange = 0;

  try {
    for (;;) {
      if (signal.aborted) return { kind: "cancelled" };
      const { over } = heard;
      if (over?.end.kind === "failed") return over.end;
      const late = over === null ? clocks.overdue() : overstayed(over, limits.idleSeconds);
      if (late !== null) return "kind" in late ? late : failed(late.reason, late.message);
      const said = await child.nextLine({
        ...(over === null
          ? clocks.left()
          : { idleMs: graceMs(over, limits.idleSeconds), deadlineMs: graceMs(over, limits.idleSeconds) }),
        maxBytes: Math.min(limits.answerBytes, largestLine),
        signal: over === null ? wake.signal : signal,
      });
      if (said.kind === "eof") return afterEof(await child.ended);
      if (said.kind === "flood") return failed("flood", `a line of more than ${limits.answerBytes} bytes`);
      if (said.kind !== "line") continue; // a clock or a signal: looked at above
      clocks.moved();
      const ending = await take(said.text);
      if (ending !== null) return ending;
    }
  } finally {
    signal.removeEventListener("abort", cancel);
  }

  async function take(line: string): Promise<Ending | null> {
    const events = await pass.readEvent(line);
    if (!events?.some((event) => event.kind === "activity" && event.chatter)) request.transcript("out", line);
    if (events === null) {
      strange += 1;
      return strange > maxStrangeLines
        ? failed("flood", `${strange} lines that are not of its protocol`)
        : null;
    }
    for (const event of events) {
      const ending = consider(event);
      if (ending !== null) return ending;
    }
    return null;
  }

  function consider(event: CliEvent): Ending | null {
    switch (event.kind) {
      case "activity":
        clocks.begun();
        return null;
      case "usage":
        clocks.begun();
        // A result that is accepted already costs nothing more: it is not thrown away for the last figures.
        if (request.usage(event.usage) === "go" || heard.over?.end.kind === "submitted") return null;
        return failed("budget", "the pass is over its budget");
      case "tools": {
        const own = event.names.filter((name) => !pass.mayOffer(name));
        if (own.length === 0 && event.names.length > 0) return null;
        if (own.length === 0) return failed("crash", "it did not connect to Nimrod's toolbox");
        const names = own.slice(0, 8).join(", ");
        return failed("policy", `its model is offered tools of its own (${names}); ${pass.install}`);
      }
      case "reply":
        request.transcript("in", event.line);
        child.write(event.line).catch(() => undefined); // it may be gone: the clocks and its end tell
        return null;
      case "end": {
        const end = heard.over?.end;
        if (end?.kind === "parked" || end?.kind === "failed") return end;
        if (!event.ok) return failed(event.reason, event.message);
        if (end === undefined) return failed("schema", "it ended its turn without submitting a result");
        return endingOf(end);
      }
    }
  }

  function afterEof(ended: ExecEnd): Ending {
    const end = heard.over?.end;
    if (end?.kind === "parked" || end?.kind === "failed") return end;
    if (signal.aborted) return { kind: "cancelled" };
    const words = lastWords(child.stderrTail());
    const message = `it ended without a last word (${describeEnd(ended)})${words}`;
    return failed(failureOf(null, words) ?? "crash", message);
  }
}

/** Milliseconds that are left of the grace to end its turn. */
function graceMs({ end, atMs }: Over, idleSeconds: number): number {
  const grace = end.kind === "parked" ? parkedMs : Math.min(endOfTurnMs, idleSeconds * 1000);
  return Math.ceil(atMs + grace - performance.now());
}

function overstayed(over: Over, idleSeconds: number): Ending | null {
  if (graceMs(over, idleSeconds) > 0) return null;
  return over.end.kind === "parked"
    ? { kind: "parked" }
    : failed("idle", "its result was accepted, but it did not end its turn");
}
