import { describe, expect, test } from "vitest";
import { claudeEvents } from "../../../src/agents/adapters/claude-events.ts";
import { codexEvents } from "../../../src/agents/adapters/codex-events.ts";
import { withoutOwnTools } from "../../../src/agents/adapters/codex-models.ts";
import { openMeter } from "../../../src/pipeline/meter.ts";

const line = (value: unknown): string => JSON.stringify(value);

describe("claude's stream", () => {
  const said = (id: string, more: object = {}) => {
    const usage = { input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 2 };
    return line({ type: "assistant", message: { id, model: "opus", usage, ...more } });
  };

  test("tells its tools at the start", () => {
    const init = line({ type: "system", subtype: "init", tools: ["Bash", "mcp__nimrod__run"] });
    expect(claudeEvents()(init)).toEqual([{ kind: "tools", names: ["Bash", "mcp__nimrod__run"] }]);
  });

  test("adds up messages, each once, and takes the end's sum where it is more", () => {
    const read = claudeEvents();
    read(said("a"));
    read(said("b"));
    expect(read(said("b"))).toEqual([
      {
        kind: "usage",
        usage: { model: "opus", inputTokens: 30, cachedTokens: 10, outputTokens: 4, usd: null, turns: 2 },
      },
    ]);
    const usage = { input_tokens: 100, output_tokens: 9 };
    const end = {
      type: "result",
      subtype: "success",
      is_error: false,
      num_turns: 3,
      total_cost_usd: 0.5,
      usage,
    };
    expect(read(line(end))).toEqual([
      {
        kind: "usage",
        usage: { model: "opus", inputTokens: 100, cachedTokens: 10, outputTokens: 9, usd: 0.5, turns: 3 },
      },
      { kind: "end", ok: true },
    ]);
  });

  test.each([
    [
      "a success that is an error",
      { subtype: "success", is_error: true, api_error_status: 401, result: "no" },
      "auth",
    ],
    ["too many turns", { subtype: "error_max_turns", is_error: true }, "budget"],
    ["too much money", { subtype: "error_max_budget_usd", is_error: true }, "budget"],
    ["a refusal", { subtype: "success", is_error: false, stop_reason: "refusal" }, "refusal"],
    ["something else", { subtype: "error_during_execution", is_error: true, errors: ["boom"] }, "crash"],
  ])("ends with %s", (_what, fields, reason) => {
    const events = claudeEvents()(line({ type: "result", ...fields }));
    expect(events?.at(-1)).toMatchObject({ kind: "end", ok: false, reason });
  });

  test.each([
    [401, 1, ["auth"]],
    [429, 1, []],
    [429, 2, ["quota"]],
    [500, 3, []],
    [500, 4, ["network"]],
  ])("after %s its try %s is %s", (status, attempt, reasons) => {
    const retry = { type: "system", subtype: "api_retry", attempt, error_status: status, error: "x" };
    const events = claudeEvents()(line(retry)) ?? [];
    expect(events.map((event) => "reason" in event && event.reason)).toEqual(reasons);
  });

  test("leaves the transcript without the pieces of an answer", () => {
    expect(claudeEvents()(line({ type: "stream_event", event: {} }))).toEqual([
      { kind: "activity", chatter: true },
    ]);
  });

  test.each(["", "hello", "[]", '{"no":"type"}', "null"])("%j is not of its protocol", (text) => {
    expect(claudeEvents()(text)).toBeNull();
  });

  test("a kind that nobody knows yet means nothing", () => {
    expect(claudeEvents()(line({ type: "brand_new" }))).toEqual([]);
  });
});

describe("codex's stream", () => {
  test("counts what it does while it does it: it would tell what it used only at its end", () => {
    const read = codexEvents("gpt");
    const told = [1, 2, 3].map(() => read(line({ type: "item.started", item: { type: "mcp_tool_call" } })));
    const meter = openMeter({
      limits: { usd: 2, tokens: 1_000, turns: 2 },
      reserved: 2,
      prices: {},
      model: "gpt",
      tell: () => undefined,
    });
    const answers = told.flatMap((events) =>
      (events ?? []).map((event) => (event.kind === "usage" ? meter.report(event.usage) : event.kind)),
    );
    expect(answers).toEqual(["go", "stop", "stop"]);
    expect(meter.charge()).toMatchObject({ usd: 2, known: false });
  });

  test("ends with its tokens", () => {
    const read = codexEvents("gpt");
    read(line({ type: "item.started", item: { type: "mcp_tool_call" } }));
    const usage = { input_tokens: 300, cached_input_tokens: 80, output_tokens: 30 };
    expect(read(line({ type: "turn.completed", usage }))).toEqual([
      {
        kind: "usage",
        usage: { model: "gpt", inputTokens: 300, cachedTokens: 80, outputTokens: 30, usd: null, turns: 2 },
      },
      { kind: "end", ok: true },
    ]);
  });

  test.each([
    ["Reconnecting... 1/5 (unexpected status 401 Unauthorized: x)", ["auth"]],
    ["Reconnecting... 1/5 (exceeded retry limit, last status: 429 Too Many Requests)", ["quota"]],
    ["Reconnecting... 2/5 (We’re currently experiencing high demand)", []],
    ["Reconnecting... 4/5 (We’re currently experiencing high demand)", ["network"]],
  ])("%s", (message, reasons) => {
    const events = codexEvents(null)(line({ type: "error", message })) ?? [];
    expect(events.map((event) => "reason" in event && event.reason)).toEqual(reasons);
  });

  test("a turn that fails for no known reason is a crash", () => {
    const events = codexEvents(null)(line({ type: "turn.failed", error: { message: "bad" } }));
    expect(events).toEqual([{ kind: "end", ok: false, reason: "crash", message: "bad" }]);
  });
});

test("codex's list of models is given back without what gives them hands", () => {
  const models = [
    {
      slug: "m",
      tool_mode: "code_mode_only",
      multi_agent_version: "v2",
      shell_type: "unified_exec",
      other: 1,
    },
  ];
  const given = JSON.parse(withoutOwnTools(JSON.stringify({ models })) ?? "null");
  expect(given.models).toMatchObject([
    { slug: "m", tool_mode: null, multi_agent_version: null, shell_type: "disabled", other: 1 },
  ]);
  expect(withoutOwnTools("error: no such command")).toBeNull();
  expect(withoutOwnTools('{"models":[]}')).toBeNull();
});
