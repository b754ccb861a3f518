import { describe, expect, test } from "vitest";
import { geminiEvents } from "../../../src/agents/adapters/gemini-events.ts";

const read = (...lines: object[]) => {
  const events = geminiEvents();
  return lines.map((line) => events(JSON.stringify(line)));
};
const stats = { input_tokens: 500, output_tokens: 50, cached: 25, models: { "gemini-2.5-pro": {} } };
const endOf = (result: object, ...before: object[]) =>
  read(...before, { type: "result", stats, ...result })
    .at(-1)
    ?.at(-1);

describe("what gemini says of a pass", () => {
  test("figures come with the end; turns are counted by runs of tools", () => {
    const said = read(
      { type: "init", model: "auto", session_id: "s" },
      { type: "message", role: "user", content: "…" },
      { type: "tool_use", tool_name: "mcp_nimrod_run", tool_id: "1", parameters: {} },
      { type: "tool_use", tool_name: "mcp_nimrod_run", tool_id: "2", parameters: {} },
      { type: "tool_result", tool_id: "1", status: "success" },
      { type: "tool_use", tool_name: "mcp_nimrod_submit", tool_id: "3", parameters: {} },
      { type: "message", role: "assistant", content: "done", delta: true },
      { type: "result", status: "success", stats },
    );
    expect(said[2]).toMatchObject([{ kind: "usage", usage: { turns: 1 } }]);
    expect(said[3]).toEqual([{ kind: "activity" }]);
    expect(said.at(-1)).toEqual([
      {
        kind: "usage",
        usage: {
          model: "gemini-2.5-pro",
          inputTokens: 500,
          cachedTokens: 25,
          outputTokens: 50,
          usd: null,
          turns: 3,
        },
      },
      { kind: "end", ok: true },
    ]);
  });

  test.each([
    ['[API Error: {"error":{"code":401,"message":"API key not valid.","status":"UNAUTHENTICATED"}}]', "auth"],
    [
      '[API Error: {"error":{"code":400,"message":"API key not valid. Please pass a valid API key."}}]',
      "auth",
    ],
    ["[API Error: You have exhausted your daily quota on this model.]", "quota"],
    ['[API Error: {"error":{"code":503,"message":"overloaded"}}]', "network"],
    ["something else", "crash"],
  ])("%s is a failure", (message, reason) => {
    expect(endOf({ status: "error", error: { type: "unknown", message } })).toMatchObject({
      ok: false,
      reason,
    });
  });

  test("its own limit of turns is a matter of budget, and a blocked answer a refusal", () => {
    const error = { type: "FatalTurnLimitedError", message: "Reached max session turns" };
    expect(endOf({ status: "error", error })).toMatchObject({ reason: "budget" });
    const blocked = {
      type: "error",
      severity: "error",
      message: "The model response was blocked due to safety settings.",
    };
    expect(endOf({ status: "error" }, blocked)).toMatchObject({ reason: "refusal" });
  });

  test("events it does not know are passed over; what is no event is said to be none", () => {
    expect(read({ type: "something-new", x: 1 })).toEqual([[]]);
    expect(geminiEvents()("[STARTUP] Phase ended")).toBeNull();
    expect(read({ type: "result" })).toEqual([[]]);
  });
});
