import { expect, test } from "vitest";
import { catalog } from "../../../src/agents/catalog.ts";
import { judgeFacts } from "../../../src/agents/probe.ts";
import { toolsIn } from "../../../src/agents/tool-listener.ts";

const row = catalog[0];
if (row === undefined) throw new Error("the catalog is empty");
const options = {
  name: "lab",
  row,
  command: ["x"],
  vendor: "v",
  model: null,
  baseUrl: null,
  hosts: [],
  env: [],
  operator: { env: {}, home: "/" },
};
const agent = {
  options,
  isNimrods: (tool: string) => tool.startsWith("mcp__nimrod"),
  harmless: ["ask_user"],
};
const facts = { version: row.tested[0] ?? "", tools: ["mcp__nimrod__submit"], why: "", asked: null };

test.each([
  ["nothing but Nimrod's tools", facts, { kind: "ready", tested: true, ownTools: [] }],
  ["an unknown version", { ...facts, version: "99.0.0" }, { kind: "ready", tested: false }],
  [
    "a harmless one",
    { ...facts, tools: [...facts.tools, "ask_user"] },
    { kind: "ready", ownTools: ["ask_user"] },
  ],
  ["hands", { ...facts, tools: [...facts.tools, "Bash"] }, { kind: "refused", hint: row.install }],
  ["no tool of Nimrod's", { ...facts, tools: ["ask_user"] }, { kind: "refused" }],
  [
    "no request at all",
    { ...facts, tools: null, why: "it asked no model" },
    { kind: "refused", why: "it asked no model" },
  ],
  ["no version", { ...facts, version: "" }, { kind: "refused", version: null }],
  ["use without asking", { ...facts, asked: false }, { kind: "refused" }],
])("with %s", (_what, found, expected) => {
  expect(judgeFacts(found, agent)).toMatchObject(expected);
});

test.each([
  [
    "Anthropic",
    { messages: [], tools: [{ name: "Read" }, { type: "web_search_20250305" }] },
    ["Read", "web_search_20250305"],
  ],
  ["OpenAI", { messages: [], tools: [{ type: "function", function: { name: "run" } }] }, ["run"]],
  [
    "codex",
    {
      input: [
        { type: "additional_tools", tools: [{ type: "namespace", name: "a", tools: [{ name: "b" }] }] },
      ],
    },
    ["a.b"],
  ],
  [
    "Google",
    { contents: [], tools: [{ functionDeclarations: [{ name: "ls" }] }, { googleSearch: {} }] },
    ["ls", "googleSearch"],
  ],
  ["nobody", { hello: 1 }, null],
])("tools in a request of %s", (_vendor, body, expected) => {
  expect(toolsIn(JSON.stringify(body))).toEqual(expected);
});
