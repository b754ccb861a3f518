import { describe, expect, test } from "vitest";
import type { Plan, Research } from "../../../src/agents/roles.ts";
import type { Decision } from "../../../src/authorization/action.ts";
import { checkPlan } from "../../../src/pipeline/check-plan.ts";
import type { Criterion } from "../../../src/tickets/ticket.ts";
import { criterion, planOf, planStep, researchOf } from "../../support/pass-inputs.ts";
import { hostStep, question } from "./run-records.ts";

const decision = (tier: Decision["tier"], reason = "because"): Decision => ({
  tier,
  rule: "x.y",
  reason,
  effects: [],
});

function problems(
  plan: Plan,
  more: {
    criteria?: Criterion[];
    research?: Research;
    limits?: { files: number; steps: number };
    decisions?: [string, Decision][];
  } = {},
): string[] {
  return checkPlan(plan, {
    body: { description: "", criteria: more.criteria ?? [criterion()], runbook: [] },
    research: more.research ?? researchOf(),
    limits: more.limits ?? { files: 20, steps: 12 },
    decisions: new Map(more.decisions ?? []),
  });
}

const finding = { id: "F1", claim: "the port is taken", sources: [] };

describe("a plan stands", () => {
  test.each<[string, Plan, Parameters<typeof problems>[1]]>([
    ["with every criterion and finding accounted for", planOf(), {}],
    [
      "with a finding that is left out for a reason",
      planOf({
        covers: [
          { ref: "AC1", by: "S1" },
          { ref: "F1", by: "won't do: harmless" },
        ],
      }),
      { research: researchOf({ findings: [finding] }) },
    ],
    [
      "with a verification where the ticket has none",
      planOf(),
      { criteria: [criterion({ verify: null, attest: null })] },
    ],
    [
      "with a person who attests where the ticket has no command",
      planOf({ criteria: [{ ac: "AC1", attest: "ann", target: "worktree" }] }),
      { criteria: [criterion({ verify: null })] },
    ],
    [
      "with exact steps on the host, also after landing",
      planOf({ steps: [planStep(), hostStep({ after: "land" })] }),
      {},
    ],
    ["with as many files and steps as allowed", planOf(), { limits: { files: 1, steps: 1 } }],
    ["with steps that a person has to approve", planOf(), { decisions: [["S1", decision("explicit")]] }],
    [
      "with a host step that verifies itself by a read",
      planOf(),
      { decisions: [["S1.verify", decision("none")]] },
    ],
  ])("%s", (_, plan, more) => {
    expect(problems(plan, more)).toEqual([]);
  });
});

describe("a plan does not stand", () => {
  test.each<[string, Plan, Parameters<typeof problems>[1], string]>([
    [
      "with a criterion it omits",
      planOf({ criteria: [] }),
      {},
      "criterion AC1 has no verification in the plan",
    ],
    [
      "with a criterion that nothing covers",
      planOf({ covers: [] }),
      {},
      "criterion AC1 is covered by no step and no reason why not",
    ],
    [
      "with another verification than the ticket's",
      planOf({ criteria: [{ ac: "AC1", verify: "true", target: "worktree" }] }),
      {},
      "criterion AC1 is verified by `grep -q hello greeting.txt` in the ticket, by something else in the plan",
    ],
    [
      "with the ticket's verification left out",
      planOf({ criteria: [{ ac: "AC1", attest: "ann", target: "worktree" }] }),
      {},
      "criterion AC1 is verified by `grep -q hello greeting.txt` in the ticket, by something else in the plan",
    ],
    [
      "with neither command nor person",
      planOf({ criteria: [{ ac: "AC1", target: "worktree" }] }),
      { criteria: [criterion({ verify: null })] },
      "criterion AC1 has neither a command nor a person who attests",
    ],
    [
      "with a finding it forgets",
      planOf(),
      { research: researchOf({ findings: [finding] }) },
      "finding F1 is neither covered by a step nor said to be left out",
    ],
    ["with an id used twice", planOf({ steps: [planStep(), planStep()] }), {}, "the id S1 is used twice"],
    [
      "with one id for a step and a question",
      planOf({ questions: [question("S1")] }),
      {},
      "the id S1 is used twice",
    ],
    [
      "with one id for a step and a risk",
      planOf({ risks: [{ id: "S1", text: "x" }] }),
      {},
      "the id S1 is used twice",
    ],
    [
      "with a target nobody knows",
      planOf({ steps: [planStep({ target: "production" })] }),
      {},
      "step S1 has the target production; known are worktree and host",
    ],
    [
      "with a change of the host left to an agent",
      planOf({ steps: [planStep(), hostStep({ do: { agent: { paths: [], commands: ["systemctl"] } } })] }),
      {},
      "step S2 leaves a change of host to an agent; host steps must be exact actions",
    ],
    [
      "with a worktree change after the review",
      planOf({ steps: [planStep({ after: "land" })] }),
      {},
      "step S1 would change the worktree after the review; only host steps run after landing is decided",
    ],
    [
      "with more steps than a slice holds",
      planOf({ steps: [planStep(), hostStep()] }),
      { limits: { files: 20, steps: 1 } },
      "2 steps are more than limits.slice.steps (1)",
    ],
    [
      "with more files than a slice holds",
      planOf({ steps: [planStep({ do: { agent: { paths: ["a", "b"], commands: [] } } })] }),
      { limits: { files: 1, steps: 12 } },
      "2 files are more than limits.slice.files (1)",
    ],
    [
      "without a word about docs",
      planOf({ docs: [] }),
      {},
      "the plan says neither which docs it updates nor why none is needed",
    ],
    [
      "with a step that can never be allowed",
      planOf(),
      { decisions: [["S1", decision("deny", "it is Nimrod's own")]] },
      "step S1 (write the greeting) can never be allowed: it is Nimrod's own",
    ],
    [
      "with a step in the worktree that has git write",
      planOf(),
      {
        decisions: [
          ["S1", { ...decision("brief"), effects: [{ kind: "write", target: "git.rm", scope: "repo" }] }],
        ],
      },
      "step S1 (write the greeting) would have git write, which it cannot in the worktree: Nimrod commits what the steps change, so rm and mv do",
    ],
    [
      "with a host step that verifies itself by more than a read",
      planOf({ steps: [planStep(), hostStep({ verify: "systemctl restart caddy" })] }),
      { decisions: [["S2.verify", decision("explicit", "restarts a service")]] },
      "step S2 would verify itself on the host by more than a read: restarts a service",
    ],
  ])("%s", (_, plan, more, problem) => {
    expect(problems(plan, more)).toEqual([problem]);
  });
});

test("one file that two steps touch is one file", () => {
  const steps = [
    planStep(),
    planStep({ id: "S2", do: { edit: { path: "greeting.txt", old: "a", new: "b" } } }),
  ];
  expect(problems(planOf({ steps }), { limits: { files: 1, steps: 2 } })).toEqual([]);
});
