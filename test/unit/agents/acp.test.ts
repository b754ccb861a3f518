import { describe, expect, test } from "vitest";
import { type AskedCall, choosePermission, readAsked } from "../../../src/agents/adapters/acp-permission.ts";
import { foldUsage } from "../../../src/agents/adapters/acp-usage.ts";

describe("what a request for permission is about", () => {
  const byName = (call: AskedCall) => readAsked(call, { byTitle: false });

  test.each([
    [
      { kind: "execute", rawInput: { command: "ls -l" } },
      { kind: "run", command: "ls -l" },
    ],
    [
      { kind: "execute", rawInput: { command: ["ls", "-l"] } },
      { kind: "run", argv: ["ls", "-l"] },
    ],
    [
      { kind: "read", rawInput: { file_path: "a.ts" } },
      { kind: "read", path: "a.ts" },
    ],
    [
      { kind: "read", locations: [{ path: "a.ts" }] },
      { kind: "read", path: "a.ts" },
    ],
    [
      { kind: "search", rawInput: { pattern: "x", path: "src" } },
      { kind: "search", pattern: "x", path: "src" },
    ],
    [
      { kind: "fetch", rawInput: { url: "https://x.org" } },
      { kind: "fetch", url: "https://x.org" },
    ],
  ])("%j is an action", (call, action) => {
    expect(byName(call)).toEqual({ kind: "own", action });
  });

  test.each([
    [{ kind: "edit", rawInput: { file_path: "a.ts", content: "x" } }],
    [{ kind: "delete", rawInput: { path: "a.ts" } }],
    [{ kind: "other", title: "something" }],
    [{ kind: "switch_mode", rawInput: {} }],
    [{ title: "no kind" }],
    [{ kind: "execute", rawInput: { command: "" } }],
    [{ kind: "execute", rawInput: { command: ["ls", 3] } }],
    [{ kind: "read", rawInput: { file_path: "a.ts", command: "rm -rf /" } }],
    [{ kind: "fetch", rawInput: "https://x.org" }],
  ])("%j is not one that could be allowed", (call) => {
    expect(byName(call).kind).toBe("unknown");
  });

  test("Nimrod's tools are known by their name; by a title only where the sandbox ties all hands", () => {
    expect(byName({ name: "mcp__nimrod__run", rawInput: { command: "x" } })).toEqual({
      kind: "toolbox",
      tool: "run",
    });
    for (const title of ["mcp__nimrod__run", "nimrod_run", "mcp_nimrod_run"]) {
      expect(byName({ title, kind: "other" }).kind).toBe("unknown");
      expect(readAsked({ title, kind: "other" }, { byTitle: true })).toEqual({
        kind: "toolbox",
        tool: "run",
      });
      expect(readAsked({ title, kind: "execute" }, { byTitle: true }).kind).toBe("unknown");
      expect(readAsked({ title, name: "Bash" }, { byTitle: true }).kind).toBe("unknown");
    }
    expect(byName({ name: "mcp__nimrod__shutdown" }).kind).toBe("unknown");
    expect(byName({ name: "mcp__evil__nimrod_run" }).kind).toBe("unknown");
  });
});

describe("the option that is chosen", () => {
  const option = (kind: string, optionId = kind) => ({ kind, optionId });
  const all = ["allow_always", "reject_always", "allow_once", "reject_once"].map((kind) => option(kind));

  test("lasts for this once", () => {
    expect(choosePermission(all, true)).toEqual({ outcome: "selected", optionId: "allow_once" });
    expect(choosePermission(all, false)).toEqual({ outcome: "selected", optionId: "reject_once" });
  });

  test("is none where there is none for this once, or its id is not its own", () => {
    expect(choosePermission(all.slice(0, 2), true)).toEqual({ outcome: "cancelled" });
    expect(choosePermission([], false)).toEqual({ outcome: "cancelled" });
    const twins = [option("allow_once", "x"), option("allow_always", "x")];
    expect(choosePermission(twins, true)).toEqual({ outcome: "cancelled" });
  });
});

describe("figures of an agent behind ACP", () => {
  test("the largest context stands for the input until the end of the turn tells it", () => {
    const usage = foldUsage("m");
    expect(usage.update({ sessionUpdate: "usage_update", used: 900, size: 1 })?.inputTokens).toBe(900);
    expect(usage.update({ sessionUpdate: "usage_update", used: 300, size: 1 })?.inputTokens).toBe(900);
    const answer = {
      stopReason: "end_turn",
      usage: { inputTokens: 50, outputTokens: 7, cachedReadTokens: 1_000 },
    };
    expect(usage.answered(answer)).toMatchObject({
      inputTokens: 1_050,
      cachedTokens: 1_000,
      outputTokens: 7,
    });
  });

  test("a turn is a run of calls that begin before one ends", () => {
    const usage = foldUsage(null);
    const call = (status?: string) =>
      usage.update({ sessionUpdate: status ? "tool_call_update" : "tool_call", toolCallId: "1", status });
    call();
    expect(call()?.turns).toBe(1);
    call("completed");
    call("completed");
    expect(call()?.turns).toBe(2);
    expect(usage.answered({}).turns).toBe(3);
  });

  test("nonsense counts as nothing, and only dollars are dollars", () => {
    const usage = foldUsage(null);
    expect(usage.update({ sessionUpdate: "usage_update", used: -5 })?.inputTokens).toBe(0);
    expect(usage.update("x")).toBeNull();
    const cost = (amount: number, currency: string) =>
      usage.update({ sessionUpdate: "usage_update", used: 1, cost: { amount, currency } })?.usd;
    expect(cost(5, "EUR")).toBeNull();
    expect(cost(0.5, "USD")).toBe(0.5);
    expect(cost(0.1, "USD")).toBe(0.5);
    expect(usage.answered({ usage: { inputTokens: "many" } }).inputTokens).toBe(1);
  });
});
