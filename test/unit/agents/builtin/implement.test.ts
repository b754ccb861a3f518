import { describe, expect, test } from "vitest";
import type { ActionOutcome, AgentAction } from "../../../../src/agents/adapter.ts";
import { implement } from "../../../../src/agents/adapters/builtin/implement.ts";
import { implementSchema } from "../../../../src/agents/roles.ts";
import { implementerInput, planOf, planStep, ticketView } from "../../../support/pass-inputs.ts";

function hands(answer: (action: AgentAction) => Partial<ActionOutcome> = () => ({})) {
  const actions: AgentAction[] = [];
  const act = async (sent: AgentAction[]): Promise<ActionOutcome[]> => {
    actions.push(...sent);
    return sent.map((action) => ({ kind: action.kind, status: "done", tier: "brief", ...answer(action) }));
  };
  return { actions, act };
}

const verified = planStep({ verify: "test -s greeting.txt" });
const second = planStep({ id: "S2", do: { edit: { path: "README.md", old: "a", new: "b" } } });
const onHost = planStep({
  id: "S3",
  target: "host",
  do: { run: { argv: ["systemctl", "reload", "nginx"] } },
});
const plan = planOf({ steps: [verified, second, onHost] });

describe("the built-in implementer", () => {
  test("does exactly the worktree steps, in order, each followed by its verification", async () => {
    const { actions, act } = hands();
    const result = implementSchema.parse(await implement(implementerInput({ plan }), act));
    expect(actions).toEqual([
      { kind: "write", path: "greeting.txt", content: "hello\n" },
      { kind: "run", command: "test -s greeting.txt" },
      { kind: "edit", path: "README.md", old: "a", new: "b" },
    ]);
    expect(result).toEqual({
      steps: [
        { id: "S1", status: "done" },
        { id: "S2", status: "done" },
      ],
      deviations: [],
    });
  });

  test("does not do again what an earlier attempt finished, but verifies it", async () => {
    const { actions, act } = hands();
    const outcomes = [{ step: "S1", action: "write greeting.txt", status: "done" as const, tier: "brief" }];
    const result = await implement(implementerInput({ plan, outcomes }), act);
    expect(actions).toMatchObject([{ kind: "run" }, { kind: "edit" }]);
    expect(result.steps[0]).toMatchObject({ id: "S1", status: "done" });
  });

  test("does again what was done and then failed", async () => {
    const { actions, act } = hands();
    const outcome = { step: "S1", action: "write greeting.txt", tier: "brief" };
    const outcomes = [
      { ...outcome, status: "done" as const },
      { ...outcome, status: "failed" as const },
    ];
    await implement(implementerInput({ plan, outcomes }), act);
    expect(actions[0]).toMatchObject({ kind: "write" });
  });

  test.each<[string, (action: AgentAction) => Partial<ActionOutcome>, RegExp]>([
    [
      "a denied write",
      ({ kind }) => (kind === "write" ? { status: "denied", reason: "protected path" } : {}),
      /was denied: protected path/,
    ],
    [
      "a failed write",
      ({ kind }) => (kind === "write" ? { status: "failed", reason: "disk full" } : {}),
      /not successful: disk full/,
    ],
    [
      "a red verification",
      ({ kind }) => (kind === "run" ? { status: "failed", exit: 1, stderr: "no such file" } : {}),
      /verification .*exit 1\nno such file/,
    ],
    ["a verification that is done with exit 2", ({ kind }) => (kind === "run" ? { exit: 2 } : {}), /exit 2/],
  ])("%s ends the work, and is reported as what it is", async (_, answer, why) => {
    const { actions, act } = hands(answer);
    const result = await implement(implementerInput({ plan }), act);
    expect(result.steps).toMatchObject([
      { id: "S1", status: "skipped" },
      { id: "S2", status: "skipped" },
    ]);
    expect(result.deviations[0]!.why).toMatch(why);
    expect(result.deviations[1]).toEqual({ step: "S2", why: "not started, because S1 failed" });
    expect(actions.some(({ kind }) => kind === "edit")).toBe(false);
  });

  const free = planOf({ steps: [planStep({ do: { agent: { paths: ["src/**"], commands: [] } } })] });
  const finding = { id: "RV1", severity: "major" as const, text: "wrong port", status: "open" as const };
  const done = [{ step: "S1", action: "write", status: "done" as const, tier: "brief" }];
  test.each([
    ["free work", implementerInput({ plan: free }), /S1 .*cannot do/],
    [
      "findings that its steps do not repair",
      implementerInput({ outcomes: done, findings: [finding] }),
      /RV1: wrong port/,
    ],
  ])("asks before it does anything, on %s", async (_, input, text) => {
    const { actions, act } = hands(() => ({ status: "parked" }));
    await expect(implement(input, act)).rejects.toThrow(/cannot go on/);
    expect(actions).toMatchObject([{ kind: "ask", questions: [{ text: expect.stringMatching(text) }] }]);
  });

  test("a minor finding does not stop it", async () => {
    const { actions, act } = hands();
    await implement(implementerInput({ outcomes: done, findings: [{ ...finding, severity: "minor" }] }), act);
    expect(actions).toEqual([]);
  });

  test("after an answer it reports what it left undone, and does not ask again", async () => {
    const asked = hands(() => ({ status: "parked" }));
    await implement(implementerInput({ plan: free }), asked.act).catch(() => undefined);
    const [ask] = asked.actions;
    const answers =
      ask?.kind === "ask" ? ask.questions.map((question) => ({ ...question, answer: "skip it" })) : [];
    const { actions, act } = hands();
    const result = await implement(implementerInput({ plan: free, ticket: ticketView({ answers }) }), act);
    expect(actions).toEqual([]);
    expect(result.steps).toMatchObject([{ id: "S1", status: "skipped" }]);
  });
});
