import { describe, expect, test } from "vitest";
import type { Action } from "../../../src/authorization/action.ts";
import {
  decisionToJson,
  describeExplanation,
  explain,
  type Part,
} from "../../../src/authorization/explain.ts";
import { parsePolicy } from "../../../src/authorization/policy/parse.ts";
import { defaultPolicy } from "../../../src/authorization/policy.ts";
import { cpuMs } from "../../support/cpu-time.ts";
import { context, run } from "./context.ts";

const explained = (command: string) => explain({ kind: "run", command }, context(), defaultPolicy);
const lines = (command: string) => describeExplanation(explained(command));
const outline = (parts: readonly Part[]): unknown[] =>
  parts.map((part) => (part.parts.length === 0 ? part.command : [part.command, outline(part.parts)]));

test("a decision is explained with exactly the promised fields", () => {
  const answer = decisionToJson(run("ss -tln"));
  expect(Object.keys(answer)).toEqual(["tier", "rule", "reason", "effects"]);
  expect(answer.effects.every((effect) => Object.keys(effect).join() === "kind,target,scope")).toBe(true);
});

test("explaining decides nothing: the decision is the classifier's", () => {
  for (const command of ["ls", "sudo rm -rf /srv", "echo $(git push)", "ls '", "", "a() { rm x; }; a"]) {
    expect(explained(command).decision).toEqual(run(command));
  }
});

test("a person reads what it does, where, and what it needs", () => {
  const text = lines("curl https://example.org -o src/a").join("\n");
  expect(text).toMatch(/^brief: /);
  expect(text).toContain("effect write src/a (worktree)");
  expect(text).toContain("needs the network for example.org");
});

describe("the parts of a command line", () => {
  test.each<[string, unknown[]]>([
    ["ls | wc -l; date &", ["ls", "wc -l", "date"]],
    ["sudo nice -n 5 ls", [["sudo nice -n 5 ls", [["nice -n 5 ls", ["ls"]]]]]],
    ['echo "$(git log | head)" > a', [['echo "$(git log | head)" > a', ["git log", "head"]]]],
    ["A=$(date) npm test", [["A=$(date) npm test", ["date"]]]],
    ["bash -c 'ls; pwd'", [["bash -c 'ls; pwd'", ["ls", "pwd"]]]],
    ["for f in $(ls); do wc $f; done", ["ls", "wc $f"]],
    ["diff <(sort a) <(sort b)", [["diff <(sort a) <(sort b)", ["sort a", "sort b"]]]],
    ["find . -exec wc -l {} +", [["find . -exec wc -l {} +", ["wc -l {}"]]]],
    ["git status | xargs wc", ["git status", ["xargs wc", ["wc {}"]]]],
    ["cat <<E > a\nsome text\nE", ["cat << 10 characters > a"]],
    ["ls '", []],
  ])("%s", (command, expected) => {
    expect(outline(explained(command).parts)).toEqual(expected);
  });

  test("of an argv are quoted as a shell would need them", () => {
    const action: Action = { kind: "run", argv: ["grep", "a b", "", "x'y"] };
    expect(outline(explain(action, context(), defaultPolicy).parts)).toEqual(["grep 'a b' '' 'x'\\''y'"]);
  });

  test("each say which effects are theirs", () => {
    const [sudo] = explained("sudo systemctl restart nginx").parts;
    expect(sudo?.effects).toEqual([{ kind: "privilege", target: "root", scope: "host" }]);
    expect(sudo?.parts[0]?.effects.map(({ kind }) => kind)).toEqual(["service"]);
    expect(sudo?.parts[0]).toMatchObject({ tier: "explicit", rule: "systemctl.restart" });
  });

  test("and the whole keeps what none of them has alone", () => {
    expect(explained("LD_PRELOAD=./x.so; echo $API_TOKEN; ls").rest.length).toBeGreaterThan(0);
    expect(explained("cat a").rest).toEqual([]);
  });

  test("stand under the rule that decided, also where that is the policy's", () => {
    const policy = parsePolicy(
      { version: 1, rules: [{ match: { command: ["ls*"] }, tier: "deny", reason: "no looking" }] },
      "p",
    );
    const shown = describeExplanation(explain({ kind: "run", command: "ls" }, context(), policy));
    expect(shown.slice(0, 3)).toEqual([
      "deny: never, and nothing lifts it",
      "rule policy.1: no looking",
      "· ls: none by ls",
    ]);
  });

  test("stay on their lines, however long the text is", () => {
    const shown = lines(`bash -c 'ls\n${"x".repeat(5000)}'`);
    expect(shown.every((line) => !line.includes("\n") && line.length < 400)).toBe(true);
  });
});

test("a hostile line is explained as fast as it is judged", async () => {
  const hostile = [`${"sudo ".repeat(3000)}ls`, "echo $(".repeat(3000), "ls|".repeat(900)];
  expect(await cpuMs(() => hostile.forEach(explained))).toBeLessThan(2_000);
});
