import { z } from "zod";
import type { ActionOutcome, AgentAction, FailureReason, SessionEnd, Toolbox } from "../agents/adapter.ts";
import type { Capability } from "../agents/role-file.ts";
import type { Role } from "../agents/role-names.ts";
import { roleSchemas } from "../agents/roles.ts";
import { openLanes } from "./lanes.ts";
import { endTheTurn, type Reply, replyTo } from "./replies.ts";
import { offeredTools, problemsOf } from "./tools.ts";

/** One pass as its tools see it: how a call is judged, when it is over, and what is answered. It knows no transport. */

export type SessionOptions = {
  toolbox: Toolbox;
  role: Role;
  /** Of this pass; `submit` has to repeat it. */
  nonce: string;
  /** Whether the result comes through a tool; false where the agent's last words hold it. */
  submit: boolean;
  capabilities: readonly Capability[];
  /** Calls of the whole pass; more end it as `budget`. */
  maxCalls: number;
  /** Notices an agent that goes round in circles. */
  watch: (
    actions: AgentAction[],
    outcomes: ActionOutcome[],
  ) => { reason: FailureReason; message: string } | null;
  /** What else makes a well-formed result wrong, as a sentence; told to the model in the same turn. */
  check?: (result: unknown) => string | null;
};

export type CallSession = {
  list: () => { name: string; description: string; inputSchema: JsonObjectSchema; readOnly: boolean }[];
  /** Never rejects. */
  call: (name: string, given: unknown) => Promise<Reply>;
  /** Ends it from outside; the first end counts. Calls being performed are told through `signal`. */
  end: (end: SessionEnd) => void;
  ended: Promise<SessionEnd>;
  activity: () => { calls: number; inFlight: number; lastMs: number };
  /** Ends what is being performed, and waits for it. */
  stop: () => Promise<void>;
};

type JsonObjectSchema = { type: "object"; [key: string]: unknown };

/** A model that cannot find the right shape in this many tries will not find it. */
const maxBadSubmits = 5;
/** Calls at once; a model that wants more is told to wait. */
const maxInFlight = 16;

export function openCallSession(options: SessionOptions): CallSession {
  const { toolbox, role } = options;
  const offered = offeredTools(options.capabilities);
  const inLane = openLanes();
  const aborted = new AbortController();
  const running = new Set<Promise<unknown>>();
  const count = { calls: 0, inFlight: 0, badSubmits: 0, lastMs: performance.now() };
  let over: SessionEnd | null = null;
  let settle: (end: SessionEnd) => void = () => undefined;
  const ended = new Promise<SessionEnd>((resolve) => {
    settle = resolve;
  });

  function end(how: SessionEnd): void {
    if (over !== null) return;
    over = how;
    settle(how);
  }

  function fail(reason: FailureReason, message: string): Reply {
    end({ kind: "failed", reason, message });
    return refused(`${message}. ${endTheTurn}`);
  }

  return {
    list: () => [
      ...offered.map(({ name, description, input, lane }) => ({
        name,
        description,
        inputSchema: schemaOf(input),
        readOnly: lane !== "alone",
      })),
      ...(options.submit ? [submitTool(role)] : []),
    ],
    async call(name, given) {
      if (count.inFlight >= maxInFlight)
        return refused(`${maxInFlight} calls are being worked on: wait for their answers first`);
      count.calls += 1;
      count.inFlight += 1;
      count.lastMs = performance.now();
      const work = answer(name, given).catch((error: unknown) =>
        fail("crash", `Nimrod could not go on: ${error instanceof Error ? error.message : String(error)}`),
      );
      running.add(work);
      try {
        return await work;
      } finally {
        running.delete(work);
        count.inFlight -= 1;
        count.lastMs = performance.now();
      }
    },
    end,
    ended,
    activity: () => ({ calls: count.calls, inFlight: count.inFlight, lastMs: count.lastMs }),
    async stop() {
      end({ kind: "failed", reason: "crash", message: "the agent ended without a result" });
      aborted.abort();
      await Promise.all(running);
    },
  };

  async function answer(name: string, given: unknown): Promise<Reply> {
    if (over !== null) return afterTheEnd(over);
    if (count.calls > options.maxCalls)
      return fail("budget", `more than ${options.maxCalls} tool calls in one pass`);
    if (name === "submit" && options.submit) return inLane("alone", async () => readSubmission(given));
    const tool = offered.find((each) => each.name === name);
    if (tool === undefined) {
      const names = [...offered.map((each) => each.name), ...(options.submit ? ["submit"] : [])];
      return refused(`there is no tool ${JSON.stringify(name.slice(0, 100))}; there are ${names.join(", ")}`);
    }
    const read = tool.read(given);
    if (!read.ok) return refused(`${name} was not called: ${read.problems.join("; ")}`);
    return inLane(tool.lane, async () => {
      if (over !== null) return afterTheEnd(over);
      const outcome = await toolbox.perform(read.action, aborted.signal);
      if (outcome.status === "parked") end({ kind: "parked" });
      const stuck = options.watch([read.action], [outcome]);
      return stuck === null ? replyTo(outcome) : fail(stuck.reason, stuck.message);
    });
  }

  function readSubmission(given: unknown): Reply {
    if (over !== null) return afterTheEnd(over);
    const { nonce, result } = submissionSchema.safeParse(given).data ?? {};
    // What another pass said is not worth a schema's opinion.
    if (typeof nonce === "string" && nonce !== options.nonce)
      return fail("nonce", "the submitted result carries another nonce than this pass's");
    const read = roleSchemas[role].safeParse(fromText(result));
    const problems = [
      ...(nonce === undefined ? ["nonce: is missing; it is in your instructions"] : []),
      ...(read.success ? wordsOf(options.check?.(read.data)) : problemsOf(read.error, "result")),
    ];
    if (problems.length === 0 && read.success) {
      end({ kind: "submitted", result: read.data });
      return { text: `accepted. ${endTheTurn}`, isError: false };
    }
    count.badSubmits += 1;
    if (count.badSubmits >= maxBadSubmits)
      return fail("schema", `${maxBadSubmits} submitted results did not fit: ${problems.join("; ")}`);
    return refused(
      `not accepted; correct this and submit again (try ${count.badSubmits} of ${maxBadSubmits}):\n${problems.map((line) => `- ${line}`).join("\n")}`,
    );
  }
}

const submissionSchema = z.object({ nonce: z.string().optional(), result: z.unknown() });

/** Some models send an object as its JSON text. */
function fromText(result: unknown): unknown {
  if (typeof result !== "string") return result;
  try {
    return JSON.parse(result);
  } catch {
    return result;
  }
}

function submitTool(role: Role): ReturnType<CallSession["list"]>[number] {
  const input = z.strictObject({
    nonce: z.string().describe("the nonce of this pass, from your instructions"),
    result: roleSchemas[role],
  });
  return {
    name: "submit",
    description:
      "Hands in the result of this pass; the only way to finish it. If the result does not fit its schema, the answer says what to correct, and you submit again. After `accepted`, end your turn.",
    inputSchema: schemaOf(input),
    readOnly: false,
  };
}

function schemaOf(input: z.ZodType): JsonObjectSchema {
  // `input`: what may be written; a field with a default need not be there.
  const { $schema: _, ...schema } = z.toJSONSchema(input, { io: "input" });
  return { ...schema, type: "object" };
}

function afterTheEnd(over: SessionEnd): Reply {
  const why = { submitted: "the result is in", parked: "a person is needed first", failed: "it failed" };
  return refused(`not done: ${why[over.kind]}. ${endTheTurn}`);
}

function refused(text: string): Reply {
  return { text, isError: true };
}

function wordsOf(problem: string | null | undefined): string[] {
  return problem == null ? [] : [problem];
}
