import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ActionOutcome, AgentAction, Toolbox } from "../../src/agents/adapter.ts";
import { createBuiltinAdapter } from "../../src/agents/adapters/builtin.ts";
import type { PassInput } from "../../src/agents/pass-input.ts";
import { exec } from "../../src/platform/exec.ts";
import { probeSandbox } from "../../src/workspace/sandbox.ts";
import {
  closerInput,
  criterion,
  implementerInput,
  plannerInput,
  researcherInput,
  reviewerInput,
  ticketView,
} from "../support/pass-inputs.ts";
import { passWorld, recordingToolbox } from "../support/pass-request.ts";

const found = await probeSandbox();
const sandboxes = [found, { kind: "none", why: "the test says so" } as const];

/** Performs for real, in the worktree, without a gate. */
function performIn(root: string): Toolbox & { actions: AgentAction[] } {
  const actions: AgentAction[] = [];
  return {
    actions,
    async perform(action): Promise<ActionOutcome> {
      actions.push(action);
      const outcome = { kind: action.kind, status: "done" as const, tier: "none" };
      switch (action.kind) {
        case "run": {
          const [file, ...args] = "argv" in action ? action.argv : ["bash", "-c", action.command];
          const request = {
            cwd: root,
            env: { PATH: process.env["PATH"]! },
            timeoutMs: 5_000,
            maxOutputBytes: 65_536,
          };
          const ran = await exec({ ...request, file: file!, args });
          if (ran.kind !== "exited") return { ...outcome, status: "failed", reason: ran.kind };
          return {
            ...outcome,
            status: ran.code === 0 ? "done" : "failed",
            exit: ran.code,
            stdout: ran.stdout.text,
            stderr: ran.stderr.text,
          };
        }
        case "write":
          await mkdir(dirname(join(root, action.path)), { recursive: true });
          await writeFile(join(root, action.path), action.content);
          return outcome;
        case "read":
          return readFile(join(root, action.path), "utf8").then(
            (stdout) => ({ ...outcome, stdout }),
            () => ({ ...outcome, status: "failed", reason: "no such file" }),
          );
        default:
          return { ...outcome, status: "parked" };
      }
    },
  };
}

async function run(
  input: PassInput,
  sandbox: (typeof sandboxes)[number],
  files: Record<string, string> = {},
) {
  const world = await passWorld({ input, sandbox });
  const toolbox = performIn(world.request.worktree);
  for (const [path, content] of Object.entries(files)) {
    await toolbox.perform({ kind: "write", path, content });
  }
  const outcome = await createBuiltinAdapter().run(world.request, toolbox);
  return { outcome, worktree: world.request.worktree, actions: toolbox.actions };
}

describe.each(sandboxes)("the built-in agent as a subprocess, sandbox $kind", (sandbox) => {
  test("triages", async () => {
    const card = {
      id: "nim-000001",
      title: "x",
      status: "open",
      type: "task" as const,
      priority: 2,
      labels: [],
      created: null,
      unblocks: 0,
      processOnly: false,
      conflictsWith: [],
    };
    const { outcome } = await run({ role: "triager", cards: [card] }, sandbox);
    expect(outcome).toMatchObject({ kind: "finished", rounds: 1, result: { pick: "nim-000001" } });
  });

  test("researches with real searches", async () => {
    const input: PassInput = researcherInput();
    const files = {
      "docs/pages.md": "# Pages\n\ngreeting.txt greets the visitor\n",
      "tickets/active/nim-000002-x.md": "---\nid: nim-000002\n---\nchanges greeting.txt\n",
      ".nimrod/evidence/x.jsonl": "greeting.txt\n",
    };
    const { outcome } = await run(input, sandbox, files);
    expect(outcome).toMatchObject({
      kind: "finished",
      result: {
        findings: [
          { id: "F1", claim: expect.stringMatching(/greeting\.txt, which is not there/) },
          { id: "F2", sources: [{ path: "docs/pages.md", lines: "3" }] },
        ],
        links: [{ to: "nim-000002" }],
      },
    });
  });

  test("plans", async () => {
    expect((await run(plannerInput(), sandbox)).outcome).toMatchObject({
      kind: "finished",
      rounds: 1,
      result: { steps: [{ id: "S1", do: { write: { path: "greeting.txt" } } }] },
    });
  });

  test("parks a ticket that needs judgement, saying what is missing", async () => {
    const ticket = ticketView({ criteria: [criterion({ verify: null })], runbook: [] });
    const { outcome, actions } = await run(plannerInput({ ticket }), sandbox);
    expect(outcome).toMatchObject({ kind: "parked", rounds: 1 });
    expect(actions).toMatchObject([
      { kind: "ask", questions: [{ id: "Q1" }, { id: "Q2", neededFor: ["AC1"] }] },
    ]);
  });

  test("implements", async () => {
    const { outcome, worktree } = await run(implementerInput(), sandbox);
    expect(outcome).toMatchObject({ kind: "finished", result: { steps: [{ id: "S1", status: "done" }] } });
    expect(await readFile(join(worktree, "greeting.txt"), "utf8")).toBe("hello\n");
  });

  test.each([
    ["hello\n", "approve"],
    ["goodbye\n", "changes"],
  ])("reviews in a checkout that holds %j: %s", async (content, verdict) => {
    const { outcome } = await run(reviewerInput(), sandbox, { "greeting.txt": content });
    expect(outcome).toMatchObject({ kind: "finished", result: { verdict } });
  });

  test("closes", async () => {
    expect((await run(closerInput(), sandbox)).outcome).toMatchObject({
      kind: "finished",
      result: { summary: expect.stringMatching(/AC1 passed/) },
    });
  });
});

test("the built-in agent that cannot go on says why on its way out", async () => {
  const { request } = await passWorld({ input: { role: "triager", cards: [] } });
  expect(await createBuiltinAdapter().run(request, recordingToolbox())).toMatchObject({
    kind: "failed",
    reason: "crash",
    message: expect.stringMatching(/exit 1: there is no card to choose from/),
  });
});
