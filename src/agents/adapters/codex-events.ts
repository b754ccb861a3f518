import { z } from "zod";
import type { CliEvent } from "./cli-session.ts";
import { failureOf } from "./failure-words.ts";

/**
 * Reads `codex exec --json`. It tells tokens only at the end of its turn, and turns not at all: each thing that it does
 * counts as one, so that there is a limit which ends it before it has spent whatever it likes.
 */

const eventSchema = z.object({
  type: z.string(),
  message: z.string().optional(),
  error: z.object({ message: z.string() }).nullish(),
  item: z.object({ type: z.string(), message: z.string().optional() }).optional(),
  usage: z
    .object({
      input_tokens: z.number(),
      cached_input_tokens: z.number().optional(),
      output_tokens: z.number(),
    })
    .optional(),
});
type Event = z.infer<typeof eventSchema>;

/** Of five reconnections that it tries, with pauses that grow. */
const patience = 3;

export function codexEvents(model: string | null): (line: string) => CliEvent[] | null {
  let turns = 1;
  return (line) => {
    const event = eventSchema.safeParse(parse(line)).data;
    if (event === undefined) return null;
    switch (event.type) {
      case "item.started":
        turns += 1;
        return [{ kind: "usage", usage: { ...untold, model, turns } }];
      case "item.completed":
        // An item of type `error` is a warning of its own, such as an unknown model.
        return event.item?.type === "error" ? [] : [{ kind: "activity" }];
      case "error":
        return reconnecting(event.message ?? "");
      case "turn.failed":
        return [codexEnd(event.error?.message ?? "the turn failed")];
      case "turn.completed":
        return [...usageOf(event, model, turns), { kind: "end", ok: true }];
      default:
        return [];
    }
  };
}

const untold = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, usd: null };

function usageOf({ usage }: Event, model: string | null, turns: number): CliEvent[] {
  if (usage === undefined) return [];
  const {
    input_tokens: inputTokens,
    cached_input_tokens: cachedTokens = 0,
    output_tokens: outputTokens,
  } = usage;
  return [{ kind: "usage", usage: { model, inputTokens, cachedTokens, outputTokens, usd: null, turns } }];
}

/** It retries what no retry mends as well, a wrong key among it. */
function reconnecting(message: string): CliEvent[] {
  const attempt = Number(/^Reconnecting\.\.\. (\d+)\//.exec(message)?.[1] ?? 0);
  const told = codexEnd(message.replace(/^Reconnecting\.\.\. \d+\/\d+ \((.*)\)$/s, "$1"));
  return isLasting(told) || attempt > patience ? [told] : [];
}

export function isLasting({ reason }: CodexEnd): boolean {
  return reason === "auth" || reason === "quota" || reason === "refusal";
}

export type CodexEnd = Extract<CliEvent, { ok: false }>;

/** What its words for a failure mean. */
export function codexEnd(message: string): CodexEnd {
  const status = /status:? (\d{3})/.exec(message)?.[1];
  const reason = failureOf(status === undefined ? null : Number(status), message) ?? "crash";
  return { kind: "end", ok: false, reason, message: message.slice(0, 1_000) };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // not of the protocol: counted by the caller
  }
}
