import { createInterface } from "node:readline";
import { unreachable } from "../../../errors.ts";
import type { ActionOutcome, AgentAction } from "../../adapter.ts";
import type { PassInput } from "../../pass-input.ts";
import type { Act } from "./hands.ts";

/** The built-in agent as a program. Its input is Nimrod's own, so it is trusted to have the shape it should have. */

type Message = { protocol: string; nonce: string; round: number; prompt?: string; outcomes: ActionOutcome[] };

/** Each role is loaded when it is the one: a pass starts in the time of one file. */
async function work(input: PassInput, act: Act): Promise<unknown> {
  switch (input.role) {
    case "triager":
      return (await import("./triage.ts")).triage(input);
    case "researcher":
      return (await import("./research.ts")).research(input, act);
    case "planner":
      return (await import("./plan.ts")).plan(input, act);
    case "implementer":
      return (await import("./implement.ts")).implement(input, act);
    case "reviewer":
      return (await import("./review.ts")).review(input, act);
    case "closer":
      return (await import("./close.ts")).close(input);
    case "delegate":
      // It asks no questions of a sub-pass either; a configuration that sends it one is told so.
      throw new Error("the built-in agent has no judgement to answer a question with");
    default:
      return unreachable(input);
  }
}

async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })[
    Symbol.asyncIterator
  ]();
  const read = async (): Promise<Message> => {
    const { value, done } = await lines.next();
    if (done) throw new Error("stdin ended before the pass did");
    return JSON.parse(value);
  };
  const first = await read();
  const write = (body: { actions: AgentAction[] } | { result: unknown }): void => {
    process.stdout.write(`${JSON.stringify({ protocol: first.protocol, nonce: first.nonce, ...body })}\n`);
  };
  const act: Act = async (actions) => {
    const outcomes: ActionOutcome[] = [];
    // An answer may carry 100 actions.
    for (let from = 0; from < actions.length; from += 100) {
      write({ actions: actions.slice(from, from + 100) });
      outcomes.push(...(await read()).outcomes);
    }
    return outcomes;
  };
  write({ result: await work(JSON.parse(first.prompt ?? "null"), act) });
  process.stdin.destroy();
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
  process.stdin.destroy();
}
