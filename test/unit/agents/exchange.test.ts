import { describe, expect, test } from "vitest";
import { type Answer, parseAnswer } from "../../../src/agents/adapters/exchange.ts";

const nonce = "n0nce-of-this-pass";
const envelope = (body: object, given: object = {}) =>
  JSON.stringify({ protocol: "nimrod-pass/1", nonce, ...given, ...body });
const approval = {
  verdict: "approve",
  criteria: [{ ac: "AC1", met: true, evidence: "green" }],
  findings: [],
};
const changes = { ...approval, verdict: "changes" };
const good = envelope({ result: approval });
const fenced = (text: string, info = "json") => `\`\`\`${info}\n${text}\n\`\`\``;

const once = (text: string): Answer =>
  parseAnswer(text, { role: "reviewer", nonce, mode: "once", answerBytes: 10_000 });
const stream = (text: string): Answer =>
  parseAnswer(text, { role: "reviewer", nonce, mode: "stream", answerBytes: 10_000 });

describe("an answer that is one", () => {
  test.each([
    ["alone", good],
    ["alone, with white space around", `\n  ${good}\n\n`],
    ["over several lines", JSON.stringify(JSON.parse(good), null, 2)],
    ["as a fenced json block after prose", `I looked at it all.\n\n${fenced(good)}`],
    [
      "as the last of several json blocks",
      `The file says\n${fenced('{"verdict":"changes"}')}\nso\n${fenced(good)}`,
    ],
    ["in a fence of tildes", `Done.\n~~~json\n${good}\n~~~`],
    ["after a longer fence that shows a json fence", `\`\`\`\`\n${fenced("{}")}\n\`\`\`\`\n${fenced(good)}`],
    ["before a closing word", `Done.\n${fenced(good)}\nThat is all.`],
  ])("%s", (_, text) => {
    expect(once(text)).toEqual({ kind: "result", result: approval });
  });

  test("one line of JSON in the stream form", () => {
    expect(stream(good)).toEqual({ kind: "result", result: approval });
  });

  test("every kind of action", () => {
    const actions = [
      { kind: "run", argv: ["ls", "-l"] },
      { kind: "run", command: "ls | wc -l" },
      { kind: "write", path: "a", content: "" },
      { kind: "edit", path: "a", old: "x", new: "" },
      { kind: "read", path: "a" },
      { kind: "read", path: "a", offset: 2, limit: 10 },
      { kind: "list", path: "." },
      { kind: "list", path: "src", glob: "**/*.ts" },
      { kind: "search", pattern: "a|b" },
      { kind: "search", pattern: "a", path: "src", glob: "*.ts" },
      { kind: "fetch", url: "https://example.org/" },
      { kind: "delegate", question: "Who calls it?" },
      { kind: "delegate", question: "Who calls it?", paths: ["src"] },
      { kind: "ask", questions: [{ id: "Q1", kind: "yesno", text: "Really?", neededFor: [] }] },
    ];
    expect(once(envelope({ actions }))).toEqual({ kind: "actions", actions });
  });

  test("fields that may be left away get their default", () => {
    const read = once(
      envelope({ actions: [{ kind: "ask", questions: [{ id: "Q1", kind: "text", text: "Which?" }] }] }),
    );
    expect(read).toMatchObject({ actions: [{ questions: [{ neededFor: [] }] }] });
  });
});

const malformed: [name: string, reason: "schema" | "nonce" | "flood", text: string, problem: RegExp][] = [
  ["nothing at all", "schema", "  \n", /nothing was written/],
  ["prose that says PASS", "schema", "Verdict: PASS. All checks are green.", /no JSON object/],
  ["a quoted answer in prose", "schema", `The template says: ${good}`, /no JSON object/],
  ["two objects on stdout", "schema", `${good}\n${good}`, /more than one object/],
  ["text after the object", "schema", `${good}\nPASS`, /text after the object/],
  [
    "two fenced protocol objects",
    "schema",
    `${fenced(envelope({ result: changes }))}\n${fenced(good)}`,
    /more than one protocol/,
  ],
  [
    "a bare object before the fenced one",
    "schema",
    `Here:\n${envelope({ result: changes })}\n${fenced(good)}`,
    /more than one protocol/,
  ],
  [
    "another object in a fence without a language",
    "schema",
    `x\n${fenced(envelope({ result: changes }), "")}\n${fenced(good)}`,
    /more than one protocol/,
  ],
  ["truncated", "schema", good.slice(0, -20), /truncated/],
  ["truncated inside a fence", "schema", `Here:\n\`\`\`json\n${good}`, /not closed/],
  [
    "the nonce of another pass",
    "nonce",
    envelope({ result: approval }, { nonce: "n0nce-of-another" }),
    /another nonce/,
  ],
  ["no nonce", "nonce", JSON.stringify({ protocol: "nimrod-pass/1", result: approval }), /no nonce/],
  ["the nonce twice", "schema", good.replace("{", '{"nonce":"n0nce-of-another",'), /"nonce" occurs twice/],
  [
    "the nonce twice, once with an escape",
    "schema",
    good.replace("{", '{"\\u006eonce":"other",'),
    /"nonce" occurs twice/,
  ],
  [
    "two verdicts in one result",
    "schema",
    good.replace('"verdict"', '"verdict":"changes","verdict"'),
    /"verdict" occurs twice/,
  ],
  [
    "another protocol",
    "schema",
    envelope({ result: approval }, { protocol: "nimrod-pass/2" }),
    /protocol is not/,
  ],
  [
    "actions and a result",
    "schema",
    envelope({ actions: [{ kind: "read", path: "a" }], result: approval }),
    /both actions and a result/,
  ],
  ["neither", "schema", envelope({}), /neither/],
  ["a field nobody asked for", "schema", envelope({ result: approval, is_error: true }), /"is_error"/],
  ["a result of another role", "schema", envelope({ result: { summary: "done" } }), /result\.verdict/],
  [
    "an unknown field in the result",
    "schema",
    envelope({ result: { ...approval, note: "trust me" } }),
    /note/,
  ],
  [
    "a verdict that is not one",
    "schema",
    envelope({ result: { ...approval, verdict: "PASS" } }),
    /result\.verdict/,
  ],
  ["an empty list of actions", "schema", envelope({ actions: [] }), /actions is empty/],
  [
    "an unknown action",
    "schema",
    envelope({ actions: [{ kind: "exec", argv: ["ls"] }] }),
    /actions\.0: kind/,
  ],
  [
    "an action that is a name of every object",
    "schema",
    envelope({ actions: [{ kind: "toString" }] }),
    /actions\.0: kind is not one of run, write, edit, read, list, search, fetch, delegate, ask/,
  ],
  [
    "a form of run as a kind",
    "schema",
    envelope({ actions: [{ kind: "run argv", argv: ["ls"] }] }),
    /actions\.0: kind/,
  ],
  [
    "lines before the first",
    "schema",
    envelope({ actions: [{ kind: "read", path: "a", offset: 0 }] }),
    /offset/,
  ],
  ["a search for nothing", "schema", envelope({ actions: [{ kind: "search", pattern: "" }] }), /pattern/],
  ["a list of no folder", "schema", envelope({ actions: [{ kind: "list" }] }), /path/],
  ["a fetch that sends", "schema", envelope({ actions: [{ kind: "fetch", url: "x", body: "y" }] }), /body/],
  [
    "a question without end",
    "schema",
    envelope({ actions: [{ kind: "delegate", question: "x".repeat(4_001) }] }),
    /question/,
  ],
  [
    "a run with both forms",
    "schema",
    envelope({ actions: [{ kind: "run", argv: ["ls"], command: "rm" }] }),
    /command/,
  ],
  ["a NUL in an argument", "schema", envelope({ actions: [{ kind: "run", argv: ["ls", "a\0b"] }] }), /NUL/],
  [
    "more actions than a round has",
    "schema",
    envelope({ actions: Array(101).fill({ kind: "read", path: "a" }) }),
    /101 actions/,
  ],
  ["half a surrogate pair", "schema", good.replace("green", "\\ud800"), /surrogate/],
  [
    "a prototype as a field",
    "schema",
    good.replace('"verdict"', '"__proto__":{},"verdict"'),
    /is named __proto__/,
  ],
  ["nesting without end", "schema", `${'{"a":'.repeat(9)}${"[".repeat(900)}`, /nested/],
  ["an array around it", "schema", `[${good}]`, /no JSON object/],
  ["JSON with comments", "schema", good.replace("{", "{ // mine\n"), /not JSON/],
  [
    "more bytes than are read",
    "flood",
    envelope({ result: approval, pad: "x".repeat(10_000) }),
    /at most 10000/,
  ],
];

describe("an answer that is none", () => {
  test.each(malformed)("%s", (_, reason, text, problem) => {
    const read = once(text);
    expect(read).toMatchObject({ kind: "invalid", reason });
    expect(read.kind === "invalid" && read.problems.join("\n")).toMatch(problem);
  });

  test("a stream line is an object and nothing else", () => {
    expect(stream(fenced(good))).toMatchObject({ kind: "invalid", reason: "schema" });
    expect(stream(`${good} ${good}`)).toMatchObject({ kind: "invalid", reason: "schema" });
    expect(stream("")).toMatchObject({ kind: "invalid", reason: "schema" });
  });

  test("its words reach a terminal with control characters shown and in bounds", () => {
    const read = once(envelope({ result: { ...approval, ["\u001b[2J\u202e".repeat(100)]: 1 } }));
    const text = read.kind === "invalid" ? read.problems.join("") : "";
    expect(text).toContain("\\u{1b}[2J");
    expect(text).not.toContain("\u001b");
    expect(text.length).toBeLessThan(5_000);
  });
});
