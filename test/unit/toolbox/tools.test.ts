import { describe, expect, test } from "vitest";
import type { AgentAction } from "../../../src/agents/adapter.ts";
import { actionTable } from "../../../src/agents/how-to-answer.ts";
import { loadRole } from "../../../src/agents/role-file.ts";
import { type Role, roles } from "../../../src/agents/role-names.ts";
import { openCallSession } from "../../../src/toolbox/session.ts";
import { offeredTools, tools } from "../../../src/toolbox/tools.ts";
import { sessionOptions } from "../../support/call-session.ts";

const named = (name: string) => {
  const found = tools.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no tool ${name}`);
  return found;
};

describe("arguments as models write them", () => {
  const question = { id: "Q1", kind: "yesno", text: "Really?" };
  test.each<[string, unknown, AgentAction]>([
    ["read_file", { path: "a" }, { kind: "read", path: "a", offset: 1, limit: 2000 }],
    ["read_file", { file_path: "a", offset: 3, limit: 4 }, { kind: "read", path: "a", offset: 3, limit: 4 }],
    ["list_files", undefined, { kind: "list", path: "." }],
    ["list_files", { pattern: "*.ts" }, { kind: "list", path: ".", glob: "*.ts" }],
    ["search", { pattern: "x" }, { kind: "search", pattern: "x" }],
    [
      "search",
      { query: "x", path: "src", include: "*.ts" },
      { kind: "search", pattern: "x", path: "src", glob: "*.ts" },
    ],
    ["run", { command: "ls -l", description: "Lists files" }, { kind: "run", command: "ls -l" }],
    ["run", { command: ["ls", "-l"] }, { kind: "run", argv: ["ls", "-l"] }],
    ["run", { cmd: ["bash", "-lc", "ls"] }, { kind: "run", argv: ["bash", "-lc", "ls"] }],
    ["write_file", { file_path: "a", content: "" }, { kind: "write", path: "a", content: "" }],
    ["edit_file", { path: "a", old_str: "x", new_str: "" }, { kind: "edit", path: "a", old: "x", new: "" }],
    ["fetch", { url: "https://example.org/" }, { kind: "fetch", url: "https://example.org/" }],
    [
      "ask_operator",
      { questions: [question] },
      { kind: "ask", questions: [{ ...question, kind: "yesno", neededFor: [] }] },
    ],
    ["delegate", { prompt: "why?", paths: ["src"] }, { kind: "delegate", question: "why?", paths: ["src"] }],
  ])("%s %j", (name, given, action) => {
    expect(named(name).read(given)).toEqual({ ok: true, action });
  });

  test.each<[string, unknown, string]>([
    ["read_file", {}, "path"],
    ["read_file", { path: "a", offset: 0 }, "offset"],
    ["read_file", { path: "a\0b" }, "NUL"],
    ["read_file", { path: "a", encoding: "utf8" }, "encoding"],
    ["read_file", { path: "a", file_path: "b" }, "file_path"],
    ["run", { command: "" }, "command"],
    ["run", { command: [] }, "command"],
    ["run", { command: "ls", cwd: "/" }, "cwd"],
    ["run", { command: "ls", run_in_background: true }, "run_in_background"],
    ["write_file", { path: "a" }, "content"],
    ["write_file", { path: "a", content: "x".repeat(1_000_001) }, "content"],
    ["edit_file", { path: "a", old_string: "", new_string: "x" }, "old_string"],
    ["ask_operator", { questions: [] }, "questions"],
    ["ask_operator", { questions: [{ text: "?" }] }, "questions.0.id"],
    ["fetch", { url: 7 }, "url"],
    ["run", "ls", "object"],
    ["run", ["ls"], "object"],
    ["read_file", { __proto__: null, constructor: "x", path: "a" }, "constructor"],
  ])("%s %j is refused, naming %s", (name, given, word) => {
    const read = named(name).read(given);
    expect(read.ok).toBe(false);
    if (!read.ok) expect(read.problems.join("\n")).toContain(word);
  });
});

describe("what is offered", () => {
  test.each<[Role, string[]]>([
    ["triager", ["read_file", "list_files", "search"]],
    ["closer", []],
    ["reviewer", ["read_file", "list_files", "search", "run", "fetch"]],
    [
      "implementer",
      ["read_file", "list_files", "search", "run", "write_file", "edit_file", "fetch", "ask_operator"],
    ],
  ])("to a %s, beside delegate", async (role, expected) => {
    const { capabilities } = await loadRole(role);
    expect(
      offeredTools(capabilities)
        .map(({ name }) => name)
        .filter((name) => name !== "delegate"),
    ).toEqual(expected);
  });

  test("agrees with what the prompt says can be asked for", () => {
    const told = actionTable.map(({ kind, tool, needs }) => ({ kind, tool, needs: needs.toSorted() }));
    const known = tools.map((tool) => ({ tool: tool.name, needs: tool.needs.toSorted() }));
    expect(known.toSorted((a, b) => (a.tool < b.tool ? -1 : 1))).toEqual(
      told.map(({ tool, needs }) => ({ tool, needs })).toSorted((a, b) => (a.tool < b.tool ? -1 : 1)),
    );
  });

  test.each(roles)("to a %s is described by schemas of objects, submit with its own result", (role) => {
    const { options } = sessionOptions({ role });
    const listed = openCallSession(options).list();
    for (const { inputSchema } of listed) {
      expect(inputSchema).toMatchObject({ type: "object", properties: expect.any(Object) });
      expect(JSON.stringify(inputSchema)).not.toContain("$schema");
    }
    const submit = listed.find(({ name }) => name === "submit");
    expect(submit?.inputSchema).toMatchObject({ required: ["nonce", "result"] });
  });
});
