import { z } from "zod";
import type { Usage } from "../adapter.ts";

/** Figures of one pass, folded from what an ACP agent reports of them. Pure. */
export type UsageFold = {
  /** Told every `session/update`; the new figures where they changed. */
  update: (update: unknown) => Usage | null;
  /** Told the answer to each `session/prompt`. */
  answered: (response: unknown) => Usage;
};

const count = z.number().nonnegative().catch(0);

const updateSchema = z.discriminatedUnion("sessionUpdate", [
  z.object({
    sessionUpdate: z.literal("usage_update"),
    used: count,
    cost: z.object({ amount: z.number().nonnegative(), currency: z.string() }).nullish().catch(null),
  }),
  z.object({ sessionUpdate: z.literal("tool_call") }),
  z.object({ sessionUpdate: z.literal("tool_call_update"), status: z.string().nullish().catch(null) }),
]);

/** Of the answer to a prompt: an extension that the agents at hand agree on. */
const answerSchema = z.object({
  usage: z
    .object({
      inputTokens: count,
      outputTokens: count,
      cachedReadTokens: count.nullish(),
      cachedWriteTokens: count.nullish(),
    })
    .nullish()
    .catch(null),
});

/**
 * The protocol tells the size of the context and the cost so far, and some agents the tokens of a whole prompt at its
 * end. Until then the largest context counts as input. A turn of the model is a run of tool calls that are begun before
 * one of them ends, which is as near as the protocol gets.
 */
export function foldUsage(model: string | null): UsageFold {
  const sum = { input: 0, cached: 0, output: 0, context: 0, usd: null as number | null, turns: 0 };
  let calling = false;
  const figures = (): Usage => ({
    model,
    inputTokens: Math.max(sum.input, sum.context),
    cachedTokens: sum.cached,
    outputTokens: sum.output,
    usd: sum.usd,
    turns: sum.turns,
  });
  return {
    update(given) {
      const read = updateSchema.safeParse(given);
      if (!read.success) return null;
      const update = read.data;
      switch (update.sessionUpdate) {
        case "usage_update":
          sum.context = Math.max(sum.context, update.used);
          if (update.cost?.currency === "USD") sum.usd = Math.max(sum.usd ?? 0, update.cost.amount);
          return figures();
        case "tool_call":
          if (!calling) sum.turns += 1;
          calling = true;
          return figures();
        case "tool_call_update":
          if (update.status === "completed" || update.status === "failed") calling = false;
          return null;
      }
    },
    answered(response) {
      const usage = answerSchema.safeParse(response).data?.usage;
      sum.turns += 1;
      calling = false;
      if (usage != null) {
        const cached = usage.cachedReadTokens ?? 0;
        // Cache figures stand beside the input here; Nimrod's count them within it.
        sum.input += usage.inputTokens + cached + (usage.cachedWriteTokens ?? 0);
        sum.cached += cached;
        sum.output += usage.outputTokens;
      }
      return figures();
    },
  };
}
