import { NimrodError } from "../../errors.ts";
import { digestOf } from "../../platform/digest.ts";
import { describeEnd, startLines } from "../../platform/exec.ts";
import type { AgentAdapter, PassOutcome, PassRequest, Toolbox, ToolboxSession, Usage } from "../adapter.ts";
import { type AcpAgent, acpAgentOf } from "./acp-agents.ts";
import type { AcpHandlers, AcpPeer } from "./acp-connection.ts";
import { type LinesEnd, streamsOf } from "./acp-lines.ts";
import { type Asked, choosePermission, readAsked } from "./acp-permission.ts";
import { probeAcp } from "./acp-probe.ts";
import { foldUsage } from "./acp-usage.ts";
import type { AgentOptions } from "./agent-options.ts";
import { openEnclosure } from "./enclosure.ts";
import { type Ending, endingOf, type Failure, failed, lastWords } from "./ending.ts";
import { lentTo } from "./endpoints.ts";
import { failureOf as failureWords, naming } from "./failure-words.ts";
import { startClocks } from "./pass-clocks.ts";

/** An agent that ends its turn without a result is told so this often. */
const maxReminders = 2;
/** After the toolbox is closed to it an agent has this long to end its turn, and again after it was told to. */
const leaveMs = 10_000;
/** Refused requests for permission in one pass; an agent that asks more often is not getting anywhere. */
const maxRefused = 100;

/** Any agent that speaks the Agent Client Protocol, version 1. Nimrod's toolbox is the one MCP server it is given. */
export function createAcpAdapter(options: AgentOptions): AgentAdapter {
  const agent = acpAgentOf(options);
  const { name, vendor, command, model, baseUrl } = options;
  return {
    name,
    vendor,
    gate: agent.gate,
    promptProtocol: "toolbox",
    model,
    identity: digestOf("nimrod/agent/v1", {
      adapter: "acp",
      command,
      model,
      baseUrl,
      environment: agent.env(options),
      meta: agent.sessionMeta(options, { turns: 0, usd: 0 }),
    }),
    probe: (place) => probeAcp(place, options, createAcpAdapter),
    run: (request, toolbox) => runAcp({ options, agent }, request, toolbox),
  };
}

async function runAcp(
  how: { options: AgentOptions; agent: AcpAgent },
  request: PassRequest,
  toolbox: Toolbox,
): Promise<PassOutcome> {
  const startedMs = performance.now();
  const { options, agent } = how;
  const session = await request.openSession({ submit: true });
  const count = { rounds: 0 };
  try {
    const enclosure = await openEnclosure(request, {
      command: options.command,
      readable: session.readable,
      env: agent.env(options),
      ...lentTo(options),
    });
    try {
      const child = startLines(enclosure.process);
      try {
        const ending = await converse({
          ...how,
          request,
          toolbox,
          session,
          child,
          cwd: enclosure.cwd,
          count,
        });
        return {
          ...naming(ending, enclosure.unreached()),
          rounds: count.rounds,
          ms: Math.round(performance.now() - startedMs),
        };
      } finally {
        await child.stop();
        const words = child.stderrTail();
        if (words !== "") request.transcript("err", words);
        const refused = enclosure.refused();
        if (refused.length > 0) request.note({ what: "hosts refused", hosts: refused });
      }
    } finally {
      await enclosure.close();
    }
  } finally {
    await session.close();
  }
}

type Talk = {
  options: AgentOptions;
  agent: AcpAgent;
  request: PassRequest;
  toolbox: Toolbox;
  session: ToolboxSession;
  child: ReturnType<typeof startLines>;
  cwd: string;
  count: { rounds: number };
};

/** Runs one session of the protocol to its end: the agent's own, a clock's, a limit's, or the operator's. */
async function converse(talk: Talk): Promise<Ending> {
  const { request, toolbox, session, child, count } = talk;
  const { connectAcp } = await import("./acp-connection.ts");
  const clocks = startClocks(request.limits, { toolbox, session });
  const { input, output, ended } = streamsOf(child, { request, clocks });
  const usage = foldUsage(talk.options.model);
  let stop: (why: Failure) => void = () => undefined;
  const stopped = new Promise<Failure>((resolve) => {
    stop = resolve;
  });
  let submitted = false;
  void session.ended.then((end) => {
    submitted = end.kind === "submitted";
  });
  const spend = (figures: Usage | null): void => {
    if (figures === null) return;
    count.rounds = figures.turns;
    const more = request.usage(figures) === "go";
    // A result that is accepted already costs nothing more: it is not thrown away for the last figures.
    if (submitted) return;
    if (figures.turns > request.limits.turns)
      stop(failed("budget", `no result in ${request.limits.turns} turns`));
    else if (!more) stop(failed("budget", "the pass is over its budget"));
  };
  const peer = connectAcp(
    { input, output },
    {
      permission: createPermissions(talk, stop),
      update(update) {
        if (signsOfTheModel.includes(update.sessionUpdate)) clocks.begun();
        spend(usage.update(update));
      },
    },
  );
  try {
    const talked = takeTurns(peer, talk, (response) => spend(usage.answered(response))).catch(
      // A connection that is gone says nothing of why: that shows in how its output ended.
      async (error: unknown) => (peer.gone() ? afterLines(await ended, talk) : failureOf(error)),
    );
    return await Promise.race([talked, stopped, ended.then((end) => (end.kind === "eof" ? talked : end))]);
  } finally {
    peer.close();
  }
}

const signsOfTheModel = ["agent_message_chunk", "agent_thought_chunk", "tool_call", "plan"];

async function afterLines(end: LinesEnd, { child, session }: Talk): Promise<Ending> {
  if (end.kind !== "eof") return end;
  const over = await settled(session.ended);
  if (over !== null && over.kind !== "submitted") return endingOf(over);
  const words = lastWords(child.stderrTail());
  const when = over === null ? "before a result" : "after its result, in the middle of its turn";
  const message = `the agent ended ${when}: ${describeEnd(await child.ended)}${words}`;
  return failed(failureWords(null, words) ?? "crash", message);
}

async function takeTurns(peer: AcpPeer, talk: Talk, answered: (response: unknown) => void): Promise<Ending> {
  const { options, agent, request, session, cwd } = talk;
  request.note({ what: "agent", ...(await peer.initialize()) });
  const sessionId = await peer.newSession({
    cwd,
    toolbox: session.command,
    meta: agent.sessionMeta(options, request.limits),
    model: agent.choosesModel ? null : options.model,
  });
  const cancel = (): void => peer.cancel(sessionId);
  request.signal.addEventListener("abort", cancel, { once: true });
  try {
    let text = request.prompt;
    for (let reminders = 0; ; reminders += 1) {
      const response = await oneTurn(peer, { sessionId, text, talk });
      if (response === null) return failed("idle", "its result is in, but it did not end its turn");
      answered(response);
      const end = await settled(session.ended);
      if (end !== null) return endingOf(end);
      if (response.stopReason !== "end_turn") return stoppedBy(response.stopReason);
      if (reminders === maxReminders)
        return failed("schema", `ended its turn ${maxReminders + 1} times without a result`);
      text = reminder;
    }
  } finally {
    request.signal.removeEventListener("abort", cancel);
  }
}

const reminder =
  "Your turn ended without a result. Nothing counts until the nimrod tool `submit` has accepted one: call it now, with the nonce and the result that you were asked for. If one of your own tools was refused, use the nimrod tool for it and go on.";

/** Null where it did not end although the toolbox is closed to it and it was told to. */
async function oneTurn(
  peer: AcpPeer,
  { sessionId, text, talk: { session, request } }: { sessionId: string; text: string; talk: Talk },
): Promise<{ stopReason: string } | null> {
  // Well before the clock of silence: an agent that is told to stop may still say so.
  const graceMs = Math.min(leaveMs, request.limits.idleSeconds * 300);
  const turn = peer.prompt(sessionId, text);
  const early = await Promise.race([turn, session.ended.then(() => undefined)]);
  if (early !== undefined) return early;
  const left = await Promise.race([turn, pause(graceMs)]);
  if (left !== undefined) return left;
  peer.cancel(sessionId);
  return (await Promise.race([turn, pause(graceMs)])) ?? null;
}

/** Answers requests for permission, one at a time: each is judged and recorded before the next is looked at. */
function createPermissions(
  { agent, toolbox, request }: Talk,
  stop: (why: Failure) => void,
): AcpHandlers["permission"] {
  let refused = 0;
  let queue: Promise<unknown> = Promise.resolve();
  const judge = async (asked: Asked): Promise<{ allowed: boolean; reason: string }> => {
    switch (asked.kind) {
      case "toolbox":
        return { allowed: true, reason: "" };
      case "own":
        return (await toolbox.judge?.(asked.action)) ?? useTheToolbox;
      case "unknown":
        request.note({ what: "permission refused", asked: asked.what });
        return useTheToolbox;
    }
  };
  const answer: AcpHandlers["permission"] = async ({ call, options }) => {
    const { allowed, reason } = await judge(readAsked(call, { byTitle: agent.gate === "sandbox" }));
    if (!allowed) refused += 1;
    if (refused > maxRefused) stop(failed("stuck", `it asked for permission ${refused} times in vain`));
    return { outcome: choosePermission(options, allowed), reason };
  };
  return (asked) => {
    const answered = queue.then(() => answer(asked));
    queue = answered.catch(() => undefined);
    return answered;
  };
}

const useTheToolbox = { allowed: false, reason: "use the nimrod tools: no other way of acting is open" };

function stoppedBy(reason: string): Failure {
  switch (reason) {
    case "max_tokens":
    case "max_turn_requests":
      return failed("budget", `it stopped by itself: ${reason}`);
    case "refusal":
      return failed("refusal", "the model refused");
    default:
      return failed("crash", `it stopped by itself: ${reason.slice(0, 100)}`);
  }
}

/** The protocol's own error for an agent that is not logged in. */
const authRequired = -32_000;

function failureOf(error: unknown): Failure {
  if (error instanceof NimrodError) return failed("policy", error.message);
  const message = error instanceof Error ? error.message : String(error);
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
  if (code === authRequired) return failed("auth", `it is not logged in: ${message}`);
  return failed(failureWords(null, message) ?? "crash", message);
}

/** What a promise has settled to by now, or null. */
async function settled<T>(promise: Promise<T>): Promise<T | null> {
  return Promise.race([promise, new Promise<null>((resolve) => setImmediate(resolve, null))]);
}

function pause(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined).unref());
}
