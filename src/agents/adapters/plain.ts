import { digestOf, sha256 } from "../../platform/digest.ts";
import { describeEnd, type ExecOutcome, exec, type LineProcess, startLines } from "../../platform/exec.ts";
import { isLoopback, showDestination } from "../../workspace/destinations.ts";
import type { AgentAdapter, PassRequest, ToolboxSession } from "../adapter.ts";
import { openAgentNetwork } from "./agent-network.ts";
import { type AgentCommand, agentProcess, type HostEnv } from "./agent-process.ts";
import { converse, type Reply, type Speaker, type Turn } from "./conversation.ts";
import { failed, lastWords } from "./ending.ts";
import { endpointsOf } from "./endpoints.ts";
import { protocol } from "./exchange.ts";
import { failureOf } from "./failure-words.ts";
import { type Exchange, onceInput } from "./once-input.ts";

export type PlainAgent = {
  /** As configured, for evidence. */
  name: string;
  command: readonly string[];
  /** `once`: a process a round. `stream`: one process for the pass, a line of JSON each way a round. */
  mode: "once" | "stream";
  /** Who receives what the prompt holds; null for a program that keeps it on this machine. */
  vendor: string | null;
  /** Whether the configuration names that vendor; one that is only supposed is paid nothing on this machine. */
  vendorNamed?: boolean;
  gate?: "full" | "sandbox";
  hostEnv?: HostEnv;
  /** `host` or `host:port` of the servers that it may reach; without any, and without `baseUrl`, it has no network. */
  hosts?: readonly string[];
  baseUrl?: string | null;
  /** Names of environment variables that it is given besides the protocol's. */
  env?: readonly string[];
};

/** After a result the process has this long to leave by itself before it is ended. */
const leaveMs = 1_000;

/** Any program that reads a prompt and writes an answer, by `nimrod-pass/1`. */
export function createPlainAdapter(agent: PlainAgent): AgentAdapter {
  const { name, command, mode, vendor } = agent;
  const { hosts = [], baseUrl = null, env = [] } = agent;
  const endpoints = endpointsOf({ row: { endpoints: [] }, baseUrl, hosts });
  const reach = endpoints.map(showDestination);
  return {
    name,
    vendor,
    free: agent.vendorNamed !== true && endpoints.every(({ host }) => isLoopback(host)),
    gate: agent.gate ?? "sandbox",
    promptProtocol: mode,
    ...(reach.length > 0 && { hosts: reach }),
    identity: digestOf("nimrod/agent/v1", {
      adapter: "plain",
      command,
      mode,
      ...(reach.length > 0 && { hosts: reach }),
      ...(env.length > 0 && { env }),
    }),
    async run(request, toolbox) {
      const network = await openAgentNetwork(request, endpoints);
      const session = await openSession(request);
      const how: AgentCommand = {
        command,
        hostEnv: agent.hostEnv ?? process.env,
        passEnv: env,
        network,
        toolbox: session?.command ?? [],
        readable: session?.readable ?? [],
      };
      const speaker = mode === "once" ? speakOnce(request, how) : speakLines(request, how, request.prompt);
      try {
        return await converse({
          request,
          toolbox,
          mode,
          speaker,
          session,
        });
      } finally {
        await network.close();
        await session?.close();
        const refused = network.refused();
        if (refused.length > 0) request.note({ what: "hosts refused", hosts: refused });
      }
    },
  };
}

/** A program that speaks MCP may act through it between its answers; one that does not needs none. */
async function openSession(request: PassRequest): Promise<ToolboxSession | null> {
  try {
    return await request.openSession({ submit: false });
  } catch (error) {
    request.note({
      what: "no toolbox over MCP",
      why: error instanceof Error ? error.message : String(error),
    });
    return null;
  }
}

/** One process a round. Each is over, with all it started, before its answer is looked at. */
function speakOnce(request: PassRequest, agent: AgentCommand): Speaker {
  const history: Exchange[] = [];
  const ending = new AbortController();
  let round = 0;
  let running: Promise<unknown> = Promise.resolve();
  return {
    async say(turn) {
      round = turn.round;
      const stdin = onceInput(request.prompt, history);
      request.transcript("in", stdin);
      const process = exec({
        ...agentProcess(request, agent, turn.round),
        stdin,
        timeoutMs: turn.clocks.deadlineMs,
        idleMs: turn.clocks.idleMs,
        excuse: turn.clocks.excuse,
        maxOutputBytes: turn.clocks.answerBytes,
        killOnFlood: true,
        signal: AbortSignal.any([request.signal, ending.signal]),
      });
      running = process.catch(() => undefined); // told to whoever awaits it below
      const outcome = await process;
      if (outcome.kind === "missing") return crash(outcome.message);
      request.transcript("out", outcome.stdout.text);
      if (outcome.stderr.text !== "") request.transcript("err", outcome.stderr.text);
      return replyOf(outcome, turn.clocks.answerBytes);
    },
    heard: (actions, outcomes) => void history.push({ kind: "acted", round, actions, outcomes }),
    misheard: (text, problems) => void history.push({ kind: "misread", round, text, problems }),
    finish: async () => null,
    async stop() {
      ending.abort();
      await running;
    },
  };
}

function replyOf(outcome: Exclude<ExecOutcome, { kind: "missing" }>, answerBytes: number): Reply {
  switch (outcome.kind) {
    case "exited":
      // An answer from a program that says it failed is a contradiction, so it is not looked at.
      if (outcome.code !== 0) return gaveUp(`exit ${outcome.code}`, outcome.stderr.text);
      if (outcome.stdout.truncated) return flood(answerBytes);
      if (sha256(outcome.stdout.text) !== outcome.stdout.sha256) {
        return { kind: "failed", reason: "schema", message: "the answer is not UTF-8" };
      }
      return { kind: "text", text: outcome.stdout.text };
    case "signaled":
      return crash(`killed by ${outcome.signal}${lastWords(outcome.stderr.text)}`);
    case "flood":
      return flood(answerBytes);
    case "timeout":
    case "idle":
      return { kind: "failed", reason: outcome.kind, message: outcome.kind };
    case "cancelled":
      return { kind: "cancelled" };
  }
}

/** One process for the pass. `prompt` is sent with the first round only. */
export function speakLines(request: PassRequest, agent: AgentCommand, prompt: string): Speaker {
  let child: LineProcess | null = null;

  async function hear(running: LineProcess, { answerBytes, ...clocks }: Turn["clocks"]): Promise<Reply> {
    const said = await running.nextLine({
      ...clocks,
      maxBytes: answerBytes,
      signal: request.signal,
    });
    switch (said.kind) {
      case "line":
        request.transcript("out", said.text);
        return { kind: "text", text: said.text };
      case "eof":
        return gaveUp(`ended without an answer: ${describeEnd(await running.ended)}`, running.stderrTail());
      case "flood":
        return flood(answerBytes);
      case "cancelled":
        return { kind: "cancelled" };
      default:
        return { kind: "failed", reason: said.kind, message: said.kind };
    }
  }

  return {
    async say({ round, outcomes, problems, clocks }) {
      child ??= startLines(agentProcess(request, agent, round));
      // A line that came before it was asked for is a second answer to the round before.
      if (round > 1 && (await hasMore(child))) {
        return { kind: "failed", reason: "schema", message: "two answers in one round" };
      }
      const first = round === 1 ? { prompt } : {};
      const wrong = problems.length > 0 ? { problems } : {};
      const line = JSON.stringify({ protocol, nonce: request.nonce, round, ...first, outcomes, ...wrong });
      request.transcript("in", line);
      // Not awaited: a child that does not read must not stop the clocks. What it means shows in the answer.
      child.write(line).catch(() => undefined);
      return hear(child, clocks);
    },
    heard: () => undefined,
    misheard: () => undefined,
    async finish() {
      if (child === null) return null;
      const last = await child.nextLine({ idleMs: leaveMs, deadlineMs: leaveMs, maxBytes: 65_536 });
      if (last.kind === "line" || last.kind === "flood") return { kind: "text", text: "" };
      if (last.kind !== "eof") return null;
      const end = await child.ended;
      return end.kind === "exited" && end.code === 0 ? null : crash(`after its result: ${describeEnd(end)}`);
    },
    async stop() {
      if (child === null) return;
      await child.stop();
      const words = child.stderrTail();
      if (words !== "") request.transcript("err", words);
    },
  };
}

async function hasMore(child: LineProcess): Promise<boolean> {
  const { kind } = await child.nextLine({ idleMs: 1, deadlineMs: 1, maxBytes: 65_536 });
  return kind === "line" || kind === "flood";
}

/** A program that says why it gave up, in the words of the vendor that it talks to, is taken at its word. */
function gaveUp(how: string, stderr: string): Reply {
  // The line numbers of a stack trace are not HTTP statuses.
  const words = stderr.replaceAll(/^\s+at .*$/gm, "");
  const said = failureOf(null, words);
  const reason = said === "auth" || said === "quota" ? said : "crash";
  return { kind: "failed", reason, message: `${how}${lastWords(stderr)}` };
}

function crash(message: string): Reply {
  return failed("crash", message);
}

function flood(answerBytes: number): Reply {
  return failed("flood", `wrote more than ${answerBytes} bytes`);
}
