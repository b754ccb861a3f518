import { expect, test } from "vitest";
import type { AgentAction } from "../../src/agents/adapter.ts";
import {
  answers,
  canary,
  describeSandboxed,
  honest,
  obedient,
  type Scene,
  sayCanary,
  scene,
} from "../support/scripted-roles.ts";

/** Sub-passes with real processes: the same program answers the question of the pass that asks. */

const slow = 60_000;
const question = "Which files hold a greeting?";
const delegate: AgentAction = { kind: "delegate", question, paths: ["README.md"] };

/** As the pass: sends `asks` in one round, and says in a finding what came of it. As the sub-pass: `body`. */
function asking(asks: readonly AgentAction[], body: string): string {
  return `if (role === "delegate") { ${body} } else {
    const outcomes = await act(${JSON.stringify(asks)});
    const claim = JSON.stringify(outcomes.map(({ kind, status, reason, stdout }) => ({ kind, status, reason, stdout }))).slice(0, 15_000);
    const sources = [{ path: "README.md" }];
    await finish({ ...${JSON.stringify(honest.researcher)}, findings: [{ id: "F1", claim, sources }] });
  }`;
}

/** Tries each action in a round of its own and says in its answer what became of it. */
const trying = (actions: readonly AgentAction[]) => `
  const tried = [];
  for (const action of ${JSON.stringify(actions)}) tried.push(...(await act([action])));
  const answer = JSON.stringify(tried.map(({ kind, status, tier }) => [kind, status, tier].join(" ")));
  await finish({ answer, findings: [], unknowns: tried.map(({ reason }) => reason ?? "-") });`;

const answering = `await finish(${JSON.stringify(honest.delegate)});`;

const research = (lab: Scene) => lab.evidence().filter(({ pass }) => pass === "research");

function resultOf(lab: Scene, role: string): Record<string, unknown> {
  const record = lab.evidence().find(({ type, data }) => type === "result" && data["role"] === role);
  return (record?.data["result"] ?? {}) as Record<string, unknown>;
}

/** What the pass that asked was told, in its own words of it. */
function told(lab: Scene): { kind: string; status: string; reason?: string; stdout?: string }[] {
  const { findings } = resultOf(lab, "researcher") as typeof honest.researcher;
  return JSON.parse(findings[0]?.claim ?? "[]");
}

describeSandboxed("a sub-pass", () => {
  test("answers a question of the researcher, and both are in the evidence", { timeout: slow }, async () => {
    const lab = await scene({ researcher: { mode: "stream", body: asking([delegate], answering) } });
    const run = await lab.run("next", "--until", "research");
    expect(run.exitCode, run.stderr).toBe(0);
    const [outcome] = told(lab);
    expect(outcome).toMatchObject({ kind: "delegate", status: "done" });
    expect(outcome?.stdout).toContain("Another agent wrote this");
    expect(outcome?.stdout).toContain(honest.delegate.answer);

    const records = research(lab);
    const asked = records.find(({ data }) => data["kind"] === "delegate");
    const sub = asked?.data["sub"];
    expect(asked?.data).toMatchObject({ answer: "go", tier: "none", paths: ["README.md"] });
    const own = records.filter(({ data }) => data["sub"] === sub).map(({ type }) => type);
    expect(own).toEqual(["action", "prompt", "result", "note"]);
    const [parent, prompt] = records.filter(({ type }) => type === "prompt").map(({ data }) => data);
    expect(prompt).toMatchObject({ role: "delegate", prompt: "nimrod-delegate" });
    expect(prompt?.["manifest"]).not.toEqual(parent?.["manifest"]);
    expect((await lab.run("verify", "nim-aaaaaa")).exitCode).toBe(0);
  });

  test("may look and nothing else, asks nobody and delegates nothing", { timeout: slow }, async () => {
    const tries: AgentAction[] = [
      { kind: "read", path: "README.md" },
      { kind: "run", argv: ["git", "ls-files"] },
      { kind: "write", path: "greeting.txt", content: "hello\n" },
      { kind: "edit", path: "README.md", old: "Lab", new: "Lair" },
      { kind: "run", command: "echo hello > greeting.txt" },
      { kind: "run", argv: ["systemctl", "restart", "nginx"] },
      { kind: "read", path: "vault.pem" },
      { kind: "ask", questions: [{ id: "Q1", kind: "text", text: "May I?", neededFor: [] }] },
      delegate,
    ];
    const lab = await scene(
      { researcher: { mode: "stream", body: asking([delegate], trying(tries)) } },
      { files: { "vault.pem": "not for everybody\n" } },
    );
    const run = await lab.run("next", "--until", "research");
    expect(run.exitCode, run.stderr).toBe(0);
    const { answer } = resultOf(lab, "delegate");
    const [read, list, ...rest] = JSON.parse(String(answer)) as string[];
    expect([read, list]).toEqual(["read done none", "run done none"]);
    expect(rest.map((line) => line.split(" ")[1])).toEqual(Array(rest.length).fill("denied"));
    // Nothing of it waits for a person, and nothing of it happened.
    expect(JSON.parse((await lab.run("--json", "approvals")).stdout)).toMatchObject({ approvals: [] });
    expect(lab.ticket().status).toBe("in_progress");
    expect(lab.project.read("README.md")).toBe("# Lab\n");
  });

  test("is one of eight at most, several of them side by side", { timeout: slow }, async () => {
    const asks = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((nth) => ({
      kind: "delegate" as const,
      question: `Where is ${nth}?`,
    }));
    const lab = await scene({ researcher: { mode: "stream", body: asking(asks, answering) } });
    const run = await lab.run("next", "--until", "research");
    expect(run.exitCode, run.stderr).toBe(0);
    expect(told(lab).map(({ status }) => status)).toEqual([...Array(8).fill("done"), "denied"]);
    // A second one was told its task before the first one had its result.
    const types = research(lab)
      .filter(({ data }) => data["role"] === "delegate")
      .map(({ type }) => type);
    expect(types.slice(0, 2)).toEqual(["prompt", "prompt"]);
    expect(types).toHaveLength(16);
  });

  test("that crashes is an answer too, and the pass goes on", { timeout: slow }, async () => {
    const lab = await scene({
      researcher: { mode: "stream", body: asking([delegate], "process.exit(3);") },
    });
    expect((await lab.run("next", "--until", "research")).exitCode).toBe(0);
    expect(told(lab)[0]).toMatchObject({ status: "failed", reason: expect.stringContaining("crash") });
  });

  test("of the reviewer stands in the reviewer's checkout and knows nothing of the implementer", {
    timeout: slow,
  }, async () => {
    const body = `if (role === "delegate") {
        const [seen] = await act([{ kind: "run", argv: ["git", "log", "--oneline", "--all"] }]);
        const answer = JSON.stringify([worktree, prompt.includes(${sayCanary}), seen.stdout.includes(${sayCanary})]);
        await finish({ answer, findings: [], unknowns: [] });
      } else {
        await act([${JSON.stringify(delegate)}]);
        await finish(${JSON.stringify(honest.reviewer)});
      }`;
    const note = [{ id: "S1", status: "done", note: canary }];
    const lab = await scene(
      {
        researcher: answers("researcher"),
        planner: answers("planner"),
        implementer: {
          ...obedient(),
          body: obedient().body.replace(
            JSON.stringify(honest.implementer),
            JSON.stringify({ ...honest.implementer, steps: note }),
          ),
        },
        reviewer: { mode: "stream", body },
      },
      { runbook: null },
    );
    const run = await lab.run("next", "--until", "review");
    expect(run.exitCode, run.stderr).toBe(0);
    const { answer } = resultOf(lab, "delegate");
    expect(JSON.parse(String(answer))).toEqual([expect.stringMatching(/\/checkouts\/review$/), false, false]);
  });
});
