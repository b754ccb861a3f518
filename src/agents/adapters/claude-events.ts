import { z } from "zod";
import type { Usage } from "../adapter.ts";
import type { CliEvent } from "./cli-session.ts";
import { failureOf } from "./failure-words.ts";

/** Reads `claude -p --output-format stream-json`. Fields that are not needed are not looked at. */

const tokens = z.object({
  input_tokens: z.number().optional(),
  output_tokens: z.number().optional(),
  cache_creation_input_tokens: z.number().nullish(),
  cache_read_input_tokens: z.number().nullish(),
});

const initSchema = z.object({
  type: z.literal("system"),
  subtype: z.literal("init"),
  tools: z.array(z.string()),
});
const retrySchema = z.object({
  type: z.literal("system"),
  subtype: z.literal("api_retry"),
  attempt: z.number(),
  error_status: z.number().nullish(),
  error: z.string().optional(),
});
const assistantSchema = z.object({
  type: z.literal("assistant"),
  message: z.object({ id: z.string(), model: z.string().optional(), usage: tokens.optional() }),
});
const resultSchema = z.object({
  type: z.literal("result"),
  subtype: z.string(),
  is_error: z.boolean(),
  num_turns: z.number().optional(),
  result: z.string().optional(),
  errors: z.array(z.string()).optional(),
  stop_reason: z.string().nullish(),
  api_error_status: z.number().nullish(),
  total_cost_usd: z.number().optional(),
  usage: tokens.optional(),
});
const otherSchema = z.object({ type: z.string() });

/** Failures that waiting a little does not mend; of the others the CLI's own retries are given this many. */
const patience = 3;

/** For one pass: it adds up what the CLI tells by message. */
export function claudeEvents(): (line: string) => CliEvent[] | null {
  const messages = new Map<string, { input: number; cached: number; output: number }>();
  let model: string | null = null;

  function soFar(): Usage {
    const sum = { input: 0, cached: 0, output: 0 };
    for (const { input, cached, output } of messages.values()) {
      sum.input += input;
      sum.cached += cached;
      sum.output += output;
    }
    return {
      model,
      inputTokens: sum.input,
      cachedTokens: sum.cached,
      outputTokens: sum.output,
      usd: null,
      turns: messages.size,
    };
  }

  return (line) => {
    const value = parse(line);
    const kind = otherSchema.safeParse(value).data?.type;
    if (kind === undefined) return null;
    if (kind === "stream_event") return [{ kind: "activity", chatter: true }];

    const init = initSchema.safeParse(value).data;
    if (init) return [{ kind: "tools", names: init.tools }];

    const retry = retrySchema.safeParse(value).data;
    if (retry) return retried(retry);

    const said = assistantSchema.safeParse(value).data;
    // What the CLI says itself, such as "not logged in", comes as a message of a synthetic model.
    if (said && said.message.model !== "<synthetic>") {
      model = said.message.model ?? model;
      messages.set(said.message.id, counted(said.message.usage));
      return [{ kind: "usage", usage: soFar() }];
    }
    const result = resultSchema.safeParse(value).data;
    if (result === undefined) return kind === "user" ? [{ kind: "activity" }] : [];
    const { input, cached, output } = counted(result.usage);
    const before = soFar();
    // The last word leaves out what some messages told: figures that go down would be doubted.
    const usage: Usage = {
      model,
      inputTokens: Math.max(input, before.inputTokens),
      cachedTokens: Math.max(cached, before.cachedTokens),
      outputTokens: Math.max(output, before.outputTokens),
      usd: result.total_cost_usd ?? null,
      turns: result.num_turns ?? messages.size,
    };
    return [{ kind: "usage", usage }, endOf(result)];
  };
}

function counted(usage: z.infer<typeof tokens> | undefined): {
  input: number;
  cached: number;
  output: number;
} {
  const cached = usage?.cache_read_input_tokens ?? 0;
  return {
    input: (usage?.input_tokens ?? 0) + (usage?.cache_creation_input_tokens ?? 0) + cached,
    cached,
    output: usage?.output_tokens ?? 0,
  };
}

function retried({ attempt, error_status: status, error = "" }: z.infer<typeof retrySchema>): CliEvent[] {
  const reason = failureOf(status ?? null, error) ?? "network";
  if (reason === "network" && attempt <= patience) return [];
  if (reason === "quota" && attempt <= 1) return [];
  const what = error === "" || error === "unknown" ? "" : ` (${error})`;
  const answers = typeof status === "number" ? `answers ${status}` : "does not answer";
  return [{ kind: "end", ok: false, reason, message: `its model's server ${answers}${what}` }];
}

/** `subtype` says "success" of many failures; `is_error` does not. */
function endOf(result: z.infer<typeof resultSchema>): CliEvent {
  if (result.stop_reason === "refusal")
    return { kind: "end", ok: false, reason: "refusal", message: "the model refused" };
  if (!result.is_error && result.subtype === "success") return { kind: "end", ok: true };
  const words = [result.result, ...(result.errors ?? [])].filter(Boolean).join("; ").slice(0, 1_000);
  const reason = limitOf[result.subtype] ?? failureOf(result.api_error_status ?? null, words) ?? "crash";
  return { kind: "end", ok: false, reason, message: words === "" ? result.subtype : words };
}

const limitOf: Readonly<Record<string, "budget" | "schema">> = {
  error_max_turns: "budget",
  error_max_budget_usd: "budget",
  error_max_structured_output_retries: "schema",
};

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // not of the protocol: counted by the caller
  }
}
