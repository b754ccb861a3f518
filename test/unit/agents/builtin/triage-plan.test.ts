import { describe, expect, test } from "vitest";
import type { AgentAction } from "../../../../src/agents/adapter.ts";
import { plan } from "../../../../src/agents/adapters/builtin/plan.ts";
import { triage } from "../../../../src/agents/adapters/builtin/triage.ts";
import type { Card } from "../../../../src/agents/pass-input.ts";
import { planSchema, triageSchema } from "../../../../src/agents/roles.ts";
import {
  criterion,
  plannerInput,
  researchOf,
  runbookStep,
  ticketView,
} from "../../../support/pass-inputs.ts";

function card(id: string, given: Partial<Card> = {}): Card {
  return {
    id,
    title: id,
    status: "open",
    type: "task",
    priority: 2,
    labels: [],
    created: "2026-01-01T00:00:00Z",
    unblocks: 0,
    processOnly: false,
    conflictsWith: [],
    ...given,
  };
}

describe("the built-in triager", () => {
  test.each<[string, Card[], string[]]>([
    [
      "in progress before priority",
      [card("a", { priority: 0 }), card("b", { status: "in_progress" })],
      ["b", "a"],
    ],
    ["then priority", [card("a"), card("b", { priority: 1 })], ["b", "a"]],
    ["then what unblocks most", [card("a"), card("b", { unblocks: 2 })], ["b", "a"]],
    ["then age", [card("a"), card("b", { created: "2025-01-01T00:00:00Z" })], ["b", "a"]],
    ["no date counts as young", [card("a", { created: null }), card("b")], ["b", "a"]],
    ["then the id", [card("b"), card("a")], ["a", "b"]],
    [
      "process comes last, whatever its priority",
      [card("a", { processOnly: true, priority: 0 }), card("b", { priority: 4 })],
      ["b", "a"],
    ],
  ])("%s", (_, cards, ids) => {
    const result = triageSchema.parse(triage({ role: "triager", cards }));
    expect(result.order.map(({ id }) => id)).toEqual(ids);
    expect(result.pick).toBe(ids[0]);
  });

  test("names each declared conflict once", () => {
    const cards = [
      card("a", { conflictsWith: ["b"] }),
      card("b", { conflictsWith: ["a"] }),
      card("c", { conflictsWith: ["x"] }),
    ];
    expect(triage({ role: "triager", cards }).conflicts).toMatchObject([{ a: "a", b: "b" }]);
  });
});

/** Answers no question, as when nobody is at the terminal: Nimrod would end the pass there. */
async function questionsOf(input: Parameters<typeof plan>[0]): Promise<{ id: string; text: string }[]> {
  const asked: AgentAction[] = [];
  const act = async (actions: AgentAction[]) => {
    asked.push(...actions);
    return actions.map(({ kind }) => ({ kind, status: "parked" as const, tier: "none" }));
  };
  await expect(plan(input, act)).rejects.toThrow(/cannot go on without an answer/);
  return asked.flatMap((action) => (action.kind === "ask" ? action.questions : []));
}

const noAction = () => Promise.reject(new Error("the planner sent an action"));

describe("the built-in planner", () => {
  test("turns the Runbook into steps, each criterion into its own verification, and covers every id", async () => {
    const input = plannerInput({
      ticket: ticketView({
        criteria: [
          criterion(),
          criterion({ id: "AC2", verify: null, attest: "sara" }),
          criterion({ id: "AC3", verify: null, waived: "moved to nim-2" }),
        ],
        runbook: [
          runbookStep({
            do: { kind: "write", path: "./docs/greeting.md", content: "hi\n" },
            verify: "test -s docs/greeting.md",
          }),
          runbookStep({ do: { kind: "run", argv: ["sed", "-i", "s/a/b/", "conf/site.conf"] } }),
          runbookStep({
            do: { kind: "run", command: "cp docs/greeting.md /srv/www/" },
            target: "host",
            resources: ["www"],
          }),
        ],
      }),
      research: researchOf({
        findings: [
          { id: "F1", claim: "it is there", sources: [{ path: "docs/greeting.md" }] },
          { id: "F2", claim: "another names it", sources: [{ path: "src/x.ts", lines: "3" }] },
        ],
      }),
    });
    const made = planSchema.parse(await plan(input, noAction));
    expect(made.steps).toMatchObject([
      {
        id: "S1",
        undo: "git revert",
        verify: "test -s docs/greeting.md",
        do: { write: { content: "hi\n" } },
      },
      {
        id: "S2",
        undo: "git revert",
        inputs: ["conf/site.conf"],
        do: { run: { argv: ["sed", "-i", "s/a/b/", "conf/site.conf"] } },
      },
      { id: "S3", target: "host", inputs: ["docs/greeting.md"], resources: ["www"] },
    ]);
    expect(made.steps[2]).not.toHaveProperty("undo");
    expect(made.criteria).toEqual([
      { ac: "AC1", verify: "grep -q hello greeting.txt", target: "worktree" },
      { ac: "AC2", attest: "sara", target: "worktree" },
      { ac: "AC3", target: "worktree" },
    ]);
    expect(made.covers.map(({ ref }) => ref)).toEqual(["AC1", "AC2", "AC3", "F1", "F2"]);
    expect(made.covers[3]!.by).toMatch(/^S1 changes it/);
    expect(made.covers[4]!.by).toMatch(/^not done because/);
    expect(made.docs).toEqual([{ path: "docs/greeting.md" }]);
    expect(made.risks).toMatchObject([
      { id: "R1", text: expect.stringMatching(/S3 .*on host; and names no undo/) },
    ]);
  });

  test("says honestly why no document is touched, and which ones name the change", async () => {
    const research = researchOf({
      findings: [{ id: "F1", claim: "x", sources: [{ path: "docs/proxy.md" }] }],
    });
    const made = await plan(plannerInput({ research }), noAction);
    expect(made.docs).toMatchObject([{ none: true, reason: expect.stringMatching(/docs\/proxy\.md/) }]);
  });

  const limits = { files: 20, steps: 1 };
  test.each([
    ["no Runbook", plannerInput({ ticket: ticketView({ runbook: [] }) }), /no `## Runbook`/],
    ["no criteria", plannerInput({ ticket: ticketView({ criteria: [] }) }), /no acceptance criteria/],
    [
      "a criterion without proof",
      plannerInput({ ticket: ticketView({ criteria: [criterion({ verify: null })] }) }),
      /AC1 .*neither/,
    ],
    [
      "more steps than a slice has",
      plannerInput({ limits, ticket: ticketView({ runbook: [runbookStep(), runbookStep()] }) }),
      /2 steps/,
    ],
    [
      "a plan that was refused",
      plannerInput({ problems: ["step S1 can never be allowed"] }),
      /S1 can never be allowed/,
    ],
  ])("asks, and plans nothing, on %s", async (_, input, text) => {
    const questions = await questionsOf(input);
    expect(questions.map((question) => question.text).join("\n")).toMatch(text);
    expect(questions[0]!.id).toBe("Q1");
  });

  test("uses what a person answered, and asks nothing twice", async () => {
    const ticket = ticketView({
      criteria: [criterion({ verify: null }), criterion({ id: "AC2", text: "it is nice", verify: null })],
    });
    const questions = await questionsOf(plannerInput({ ticket }));
    expect(questions.length).toBe(2);
    const answers = questions.map((question, index) => ({
      ...question,
      answer: ["`test -f greeting.txt`", "attest: sara"][index]!,
    }));
    const made = await plan(plannerInput({ ticket: { ...ticket, answers } }), noAction);
    expect(made.criteria).toEqual([
      { ac: "AC1", verify: "test -f greeting.txt", target: "worktree" },
      { ac: "AC2", attest: "sara", target: "worktree" },
    ]);
  });

  test("cuts the slice where a person says, and leaves the rest as out of scope", async () => {
    const ticket = ticketView({ runbook: [runbookStep({ title: "one" }), runbookStep({ title: "two" })] });
    const [question] = await questionsOf(plannerInput({ limits, ticket }));
    const made = await plan(
      plannerInput({ limits, ticket: { ...ticket, answers: [{ ...question!, answer: "1" }] } }),
      noAction,
    );
    expect(made.steps.map(({ title }) => title)).toEqual(["one"]);
    expect(made.outOfScope).toEqual(["Runbook step 2: two"]);
  });

  test("an answer in words does not stand in for a missing Runbook", async () => {
    const ticket = ticketView({ runbook: [] });
    const [question] = await questionsOf(plannerInput({ ticket }));
    const answers = [{ ...question!, answer: "just do it" }];
    const [again] = await questionsOf(plannerInput({ ticket: { ...ticket, answers } }));
    expect(again!.text).toMatch(/An answer in words is not enough/);
    expect(again!.id).toBe("Q2");
  });

  test("goes on when somebody at the terminal answers at once", async () => {
    const ticket = ticketView({ criteria: [criterion({ verify: null })] });
    const act = async () => [
      { kind: "ask" as const, status: "done" as const, tier: "none", stdout: "Q1: test -f greeting.txt" },
    ];
    const made = await plan(plannerInput({ ticket }), act);
    expect(made.criteria).toMatchObject([{ ac: "AC1", verify: "test -f greeting.txt" }]);
  });
});
