import { expect, test } from "vitest";
import { type Gist, gistOf } from "../../../src/agents/gist.ts";

const submit = { nonce: "n", result: {} };
const called: Gist = { kind: "calls", text: `submit ${JSON.stringify(submit)}` };

test.each<[string, unknown, Gist[] | null]>([
  [
    "claude says and calls",
    {
      type: "assistant",
      message: {
        content: [
          { type: "text", text: "I look." },
          { type: "tool_use", name: "mcp__nimrod__submit", input: submit },
        ],
      },
    },
    [{ kind: "says", text: "I look." }, called],
  ],
  [
    "claude hears",
    {
      type: "user",
      message: { content: [{ type: "tool_result", content: [{ type: "text", text: "accepted" }] }] },
    },
    [{ kind: "hears", text: "accepted" }],
  ],
  ["claude ends", { type: "result", subtype: "success", result: "done" }, [{ kind: "ends", text: "done" }]],
  [
    "claude tries again",
    { type: "system", subtype: "api_retry", error: "rate_limit" },
    [{ kind: "ends", text: "rate_limit" }],
  ],
  ["claude keeps books", { type: "system", subtype: "init", tools: [] }, []],
  [
    "codex calls and hears",
    {
      type: "item.completed",
      item: {
        type: "mcp_tool_call",
        tool: "submit",
        arguments: submit,
        result: { content: [{ type: "text", text: "accepted" }] },
        error: null,
      },
    },
    [called, { kind: "hears", text: "accepted" }],
  ],
  [
    "codex says",
    { type: "item.completed", item: { type: "agent_message", text: "done" } },
    [{ kind: "says", text: "done" }],
  ],
  ["codex starts", { type: "item.started", item: { type: "mcp_tool_call" } }, []],
  ["codex fails", { type: "turn.failed", error: { message: "401" } }, [{ kind: "ends", text: "401" }]],
  ["gemini calls", { type: "tool_use", tool_name: "mcp_nimrod_submit", parameters: submit }, [called]],
  ["gemini hears", { type: "tool_result", output: "accepted" }, [{ kind: "hears", text: "accepted" }]],
  [
    "an ACP agent says",
    {
      jsonrpc: "2.0",
      method: "session/update",
      params: { update: { sessionUpdate: "agent_message_chunk", content: { type: "text", text: "done" } } },
    },
    [{ kind: "says", text: "done" }],
  ],
  [
    "an ACP agent calls",
    {
      jsonrpc: "2.0",
      method: "session/update",
      params: {
        update: {
          sessionUpdate: "tool_call_update",
          status: "in_progress",
          title: "nimrod_submit",
          rawInput: submit,
        },
      },
    },
    [called],
  ],
  ["an ACP agent keeps books", { jsonrpc: "2.0", id: 0, result: {} }, []],
  ["an answer of a plain agent", { protocol: "nimrod-pass/1", nonce: "n", actions: [] }, null],
  ["a type that nobody knows", { type: "surprise" }, null],
])("%s", (_, line, gist) => {
  expect(gistOf(JSON.stringify(line))).toEqual(gist);
});

test.each([
  "prose",
  "[1]",
  "{",
  "null",
  '{"type":"assistant"}',
  '{"type":"user","message":{"content":[7,null]}}',
])("%s does not trip it", (line) => {
  expect(() => gistOf(line)).not.toThrow();
});
