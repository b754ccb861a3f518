import { z } from "zod";
import type { Usage } from "../adapter.ts";
import type { CliEvent } from "./cli-session.ts";
import { failureOf } from "./failure-words.ts";

/** Reads `gemini --output-format stream-json`. Fields that are not needed are not looked at. */

const count = z.number().nonnegative().catch(0);

const lineSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("init"), model: z.string().nullish().catch(null) }),
  z.object({ type: z.literal("message"), role: z.string() }),
  z.object({ type: z.literal("tool_use") }),
  z.object({ type: z.literal("tool_result") }),
  z.object({ type: z.literal("error"), severity: z.string().catch("error"), message: z.string().catch("") }),
  z.object({
    type: z.literal("result"),
    status: z.string(),
    error: z
      .object({ type: z.string().catch(""), message: z.string().catch("") })
      .nullish()
      .catch(null),
    stats: z
      .object({
        input_tokens: count,
        output_tokens: count,
        cached: count,
        models: z.record(z.string(), z.unknown()).catch({}),
      })
      .nullish()
      .catch(null),
  }),
]);
const otherSchema = z.object({ type: z.string() });

/** For one pass. Tokens are told at the very end only; until then turns are counted: a run of tools that are used. */
export function geminiEvents(): (line: string) => CliEvent[] | null {
  let model: string | null = null;
  let turns = 0;
  let using = false;
  let complaint = "";

  const usage = (stats: { input_tokens: number; output_tokens: number; cached: number } | null): Usage => ({
    model,
    inputTokens: stats?.input_tokens ?? 0,
    cachedTokens: stats?.cached ?? 0,
    outputTokens: stats?.output_tokens ?? 0,
    usd: null,
    turns,
  });

  return (line) => {
    const value = parse(line);
    const read = lineSchema.safeParse(value).data;
    if (read === undefined) return otherSchema.safeParse(value).success ? [] : null;
    switch (read.type) {
      case "init":
        // "auto" is a choice among models, not one that has a price.
        model = read.model === "auto" ? null : (read.model ?? null);
        return [];
      case "message":
        return read.role === "assistant" ? [{ kind: "activity" }] : [];
      case "tool_use":
        if (using) return [{ kind: "activity" }];
        using = true;
        turns += 1;
        return [{ kind: "usage", usage: usage(null) }];
      case "tool_result":
        using = false;
        return [{ kind: "activity" }];
      case "error":
        complaint = read.message;
        return [];
      case "result":
        turns += 1;
        model ??= Object.keys(read.stats?.models ?? {})[0] ?? null;
        return [{ kind: "usage", usage: usage(read.stats ?? null) }, endOf(read, complaint)];
    }
  };
}

function endOf(
  { status, error }: { status: string; error?: { type: string; message: string } | null | undefined },
  complaint: string,
): CliEvent {
  if (status === "success") return { kind: "end", ok: true };
  const message = (error?.message || complaint || `it ended with status ${status}`).slice(0, 1_000);
  if (error?.type === "FatalTurnLimitedError") return { kind: "end", ok: false, reason: "budget", message };
  // Its texts carry the server's answer as JSON: the status in it says more than the words around it.
  const code = /"code": ?(\d{3})\b/.exec(message)?.[1];
  const reason = failureOf(code === undefined || code === "400" ? null : Number(code), message) ?? "crash";
  return { kind: "end", ok: false, reason, message };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // not of the protocol: counted by the caller
  }
}
