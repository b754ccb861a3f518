import type { FailureReason } from "../adapter.ts";

/**
 * What a vendor's refusal means for the pass, from an HTTP status or from the words of its CLI. One table for all of
 * them: their texts differ between releases, the statuses do not.
 */
export function failureOf(status: number | null, words: string): FailureReason | null {
  if (status !== null) {
    const row = byStatus.find(([from, to]) => status >= from && status <= to);
    if (row !== undefined) return row[2](words);
  }
  return byWords(words);
}

/**
 * The ending with the servers that took no connection. A CLI is told so by the proxy, as a 502, and would have its
 * operator look for the fault at the vendor's.
 */
export function naming<T extends { kind: string; reason?: FailureReason; message?: string }>(
  ending: T,
  unreached: readonly string[],
): T {
  if (unreached.length === 0 || (ending.reason !== "network" && ending.reason !== "idle")) return ending;
  return { ...ending, message: `${ending.message} (not reached: ${unreached.join("; ")})` };
}

const byStatus: readonly [from: number, to: number, reason: (words: string) => FailureReason | null][] = [
  [401, 401, () => "auth"],
  [402, 402, () => "quota"],
  // Also said of a request that the vendor's policy refuses.
  [403, 403, (words) => byWords(words) ?? "auth"],
  [408, 408, () => "network"],
  [429, 429, () => "quota"],
  [500, 599, () => "network"],
];

// In this order: "rate limit exceeded for your API key" is a matter of quota.
const phrases: readonly [RegExp, FailureReason][] = [
  [
    /\b(429|402)\b|rate.?limit|quota|usage limit|too many requests|insufficient.?(funds|credit)|credit balance|billing|resource.?exhausted|spend.?limit/i,
    "quota",
  ],
  [
    /\b401\b|unauthori[sz]ed|authenticat|invalid.{0,10}(api|x-api).?key|api.?key.{0,20}(invalid|not valid|missing|not set)|not logged in|log ?in again|please run \/login|token.{0,20}(expired|revoked)|missing environment variable/i,
    "auth",
  ],
  [
    /refusal|refused to answer|content.?policy|usage polic|violat.{0,20}polic|cyber_policy|safety/i,
    "refusal",
  ],
  [
    /\b(5\d\d)\b|overloaded|high demand|server.?error|service unavailable|connection|econn|enotfound|etimedout|socket|network|timed? ?out|fetch failed|dns|stream (closed|disconnected|error)|reconnecting|sending request|proxy/i,
    "network",
  ],
];

function byWords(words: string): FailureReason | null {
  return phrases.find(([pattern]) => pattern.test(words))?.[1] ?? null;
}
