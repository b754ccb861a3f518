import { expect, test } from "vitest";
import { failureOf, naming } from "../../../src/agents/adapters/failure-words.ts";

test.each<[status: number | null, words: string, reason: string | null]>([
  [401, "", "auth"],
  [403, "forbidden", "auth"],
  [403, "your organisation has reached its usage limit", "quota"],
  [403, "violates our usage policy", "refusal"],
  [402, "", "quota"],
  [429, "", "quota"],
  [500, "", "network"],
  [503, "overloaded", "network"],
  [529, "overloaded_error", "network"],
  [400, "prompt is too long", null],
  [400, "Your credit balance is too low", "quota"],
  [null, "unexpected status 401 Unauthorized: invalid x-api-key", "auth"],
  [null, "exceeded retry limit, last status: 429 Too Many Requests", "quota"],
  [null, "Rate limit reached for your API key", "quota"],
  [null, "Invalid API key · Fix external API key", "auth"],
  [null, "Not logged in · Please run /login", "auth"],
  [null, "We’re currently experiencing high demand", "network"],
  [null, "connect ECONNREFUSED 127.0.0.1:443", "network"],
  [null, "stream disconnected before completion", "network"],
  [null, "Segmentation fault", null],
])("%s %s is %s", (status, words, reason) => {
  expect(failureOf(status, words)).toBe(reason);
});

test("what could not be reached is named where that explains the failure", () => {
  const network = { kind: "failed", reason: "network", message: "it answers 502" } as const;
  expect(naming(network, ["a:1: refused"]).message).toBe("it answers 502 (not reached: a:1: refused)");
  expect(naming(network, [])).toBe(network);
  const other = { ...network, reason: "schema" } as const;
  expect(naming(other, ["a:1: refused"])).toBe(other);
  const finished: { kind: string; reason?: "network" } = { kind: "finished" };
  expect(naming(finished, ["a:1: refused"])).toBe(finished);
});
