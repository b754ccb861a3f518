import { describe, expect, test } from "vitest";
import type { Action } from "../../../src/authorization/action.ts";
import {
  declaredDocs,
  declaredPaths,
  isInPlan,
  plannedAction,
  promisedContent,
  stepOf,
} from "../../../src/pipeline/plan-scope.ts";
import { planOf, planStep } from "../../support/pass-inputs.ts";
import { hostStep } from "./run-records.ts";

const free = planStep({
  id: "S3",
  do: { agent: { paths: ["src/**", "docs/greeting.md"], commands: ["npm test", "npm run build"] } },
});
const edit = planStep({ id: "S4", do: { edit: { path: "app.conf", old: "a", new: "b" } } });
const make = planStep({ id: "S5", do: { run: { argv: ["make", "all docs"] } } });
const hostWrite = hostStep({ id: "S6", do: { write: { path: "/etc/caddy/Caddyfile", content: "lan\n" } } });
const plan = planOf({
  steps: [planStep({ verify: "grep -q hello greeting.txt" }), hostStep(), free, edit, make, hostWrite],
  criteria: [{ ac: "AC1", verify: "sh check.sh", target: "worktree" }],
  docs: [{ path: "docs/greeting.md" }, { none: true, reason: "x" }],
});

const rows: [what: string, action: Action, step: string | null][] = [
  ["the very write", { kind: "write", path: "greeting.txt", content: "hello\n" }, "S1"],
  // A worktree step's path is its scope; whether it is the exact step is told by `exact` below.
  ["a write one byte off, to the same path", { kind: "write", path: "greeting.txt", content: "hello" }, "S1"],
  ["a write to a path nobody named", { kind: "write", path: "greeting.txt.bak", content: "hello\n" }, null],
  [
    "a planned write on the host",
    { kind: "write", path: "/etc/caddy/Caddyfile", content: "lan\n", target: "host" },
    "S6",
  ],
  [
    "a planned host write one byte off",
    { kind: "write", path: "/etc/caddy/Caddyfile", content: "lan", target: "host" },
    null,
  ],
  [
    "a planned host write, in the worktree",
    { kind: "write", path: "/etc/caddy/Caddyfile", content: "lan\n" },
    null,
  ],
  [
    "a planned worktree write, on the host",
    { kind: "write", path: "greeting.txt", content: "hello\n", target: "host" },
    null,
  ],
  ["the very edit", { kind: "edit", path: "app.conf", old: "a", new: "b" }, "S4"],
  ["the host's command", { kind: "run", argv: ["systemctl", "reload", "caddy"], target: "host" }, "S2"],
  ["the host's command in the worktree", { kind: "run", argv: ["systemctl", "reload", "caddy"] }, null],
  ["the host's command as text", { kind: "run", command: "systemctl reload caddy", target: "host" }, "S2"],
  [
    "the host's command with one byte more",
    { kind: "run", argv: ["systemctl", "reload", "caddy2"], target: "host" },
    null,
  ],
  ["a planned argv", { kind: "run", argv: ["make", "all docs"] }, "S5"],
  ["a planned argv cut into other words", { kind: "run", argv: ["make", "all", "docs"] }, null],
  ["a planned argv in another folder", { kind: "run", argv: ["make", "all docs"], cwd: "vendor" }, null],
  ["a planned argv in the same folder, said", { kind: "run", argv: ["make", "all docs"], cwd: "." }, "S5"],
  ["a path in a scope", { kind: "write", path: "src/deep/a.ts", content: "x" }, "S3"],
  ["an edit in a scope", { kind: "edit", path: "docs/greeting.md", old: "x", new: "y" }, "S3"],
  ["a path beside a scope", { kind: "write", path: "docs/other.md", content: "x" }, null],
  ["a path that climbs out of a scope", { kind: "write", path: "src/../package.json", content: "x" }, null],
  ["a scope's path on the host", { kind: "write", path: "src/a.ts", content: "x", target: "host" }, null],
  ["a shape", { kind: "run", command: "npm test" }, "S3"],
  ["a shape with more words", { kind: "run", argv: ["npm", "test", "--", "a.test.ts"] }, "S3"],
  ["a shape whose output is cut", { kind: "run", command: "npm test 2>&1 | tail -5" }, "S3"],
  ["two shapes", { kind: "run", command: "npm run build && npm test" }, "S3"],
  ["a shape that is only the beginning of a word", { kind: "run", command: "npm testify" }, null],
  ["a shape, then something else", { kind: "run", command: "npm test ; rm notes.txt" }, null],
  ["a shape, and something else", { kind: "run", command: "npm test && touch notes.txt" }, null],
  [
    "a shape, and something else on the next line",
    { kind: "run", command: "npm test --\ntouch notes.txt" },
    null,
  ],
  ["a shape with something else inside", { kind: "run", command: "npm test $(touch notes.txt)" }, null],
  ["a shape that writes beside the scope", { kind: "run", command: "npm test > notes.txt" }, null],
  ["a shape that writes into the scope", { kind: "run", command: "npm test > src/report.txt" }, "S3"],
  ["a shape with a variable set for it", { kind: "run", command: "NODE_OPTIONS=-rx npm test" }, null],
  ["a shape with an unfinished quote", { kind: "run", command: "npm test '" }, null],
  ["a read", { kind: "read", path: "greeting.txt" }, null],
];

test.each(rows)("%s", (_, action, step) => {
  expect(stepOf(plan, action)?.id ?? null).toBe(step);
  expect(isInPlan(plan, action)).toBe(step !== null);
});

test("of two steps that write one path, the exact one is meant", () => {
  const second = planStep({ id: "S2", do: { write: { path: "greeting.txt", content: "good morning\n" } } });
  const exact = stepOf(planOf({ steps: [planStep(), second] }), {
    kind: "write",
    path: "greeting.txt",
    content: "good morning\n",
  });
  expect(exact?.id).toBe("S2");
});

test.each([
  ["a step's verification", "grep -q hello greeting.txt", true],
  ["a criterion's verification", "sh check.sh", true],
  ["a verification with one word more", "sh check.sh --fix", false],
])("%s is in the plan without being a step", (_, command, expected) => {
  expect(stepOf(plan, { kind: "run", command })).toBeNull();
  expect(isInPlan(plan, { kind: "run", command })).toBe(expected);
});

test("free work is no exact action", () => {
  expect(plan.steps.map((step) => plannedAction(step)?.kind ?? null)).toEqual([
    "write",
    "run",
    null,
    "edit",
    "run",
    "write",
  ]);
  expect(plannedAction(hostStep())).toMatchObject({ target: "host" });
  expect(plannedAction(planStep({ target: "another-machine" }))).toMatchObject({ target: "host" });
});

test("the paths and docs that a plan declares", () => {
  expect(
    declaredPaths(planOf({ steps: [planStep(), free, edit, planStep({ ...make, inputs: ["Makefile"] })] })),
  ).toEqual(["greeting.txt", "src/**", "docs/greeting.md", "app.conf", "Makefile"]);
  expect(declaredDocs(plan)).toEqual(["docs/greeting.md"]);
});

describe("what a step may count on", () => {
  const second = planStep({ id: "S2", do: { write: { path: "b.txt", content: "b" } } });
  const host = hostStep({ id: "S3", do: { write: { path: "c.txt", content: "c" } } });
  const steps = [planStep(), second, host, hostStep({ id: "S4" })];

  test.each([
    ["S1", []],
    ["S2", [["greeting.txt", "hello\n"]]],
    [
      "S4",
      [
        ["greeting.txt", "hello\n"],
        ["b.txt", "b"],
      ],
    ],
  ])("for %s is the content of the worktree steps before it", (id, expected) => {
    const step = steps.find((each) => each.id === id)!;
    expect([...promisedContent(planOf({ steps }), step)]).toEqual(expected);
  });
});
