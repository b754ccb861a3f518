import { expect, test } from "vitest";
import { decisionToJson, describeDecision } from "../../../src/authorization/explain.ts";
import { run } from "./context.ts";

test("a decision is explained with exactly the promised fields", () => {
  const explained = decisionToJson(run("ss -tln"));
  expect(Object.keys(explained)).toEqual(["tier", "rule", "reason", "effects"]);
  expect(explained.effects.every((effect) => Object.keys(effect).join() === "kind,target,scope")).toBe(true);
});

test("a person reads what it does, where, and what it needs", () => {
  const lines = describeDecision(run("curl https://example.org -o src/a")).join("\n");
  expect(lines).toMatch(/^brief: /);
  expect(lines).toContain("effect write src/a (worktree)");
  expect(lines).toContain("needs the network for example.org");
});
