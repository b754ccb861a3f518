import { expect, test } from "vitest";
import type { AgentAction } from "../../../src/agents/adapter.ts";
import { appServerTalk } from "../../../src/agents/adapters/codex-app-server.ts";

/** What is answered to a request for approval, and what the gate was asked about it; the gate would allow everything. */
async function asked(params: Record<string, unknown>, method = "item/commandExecution/requestApproval") {
  const judged: AgentAction[] = [];
  const toolbox = {
    perform: async () => ({ kind: "run" as const, status: "denied" as const, tier: "deny" }),
    judge: async (action: AgentAction) => {
      judged.push(action);
      return { allowed: true, reason: "the test says so" };
    },
  };
  const talk = appServerTalk({ prompt: "go", tmp: "/pass/tmp" }, toolbox, null);
  const events = await talk.readEvent(JSON.stringify({ method, id: 7, params }));
  const reply = events?.find((event) => event.kind === "reply");
  return { answer: reply && "line" in reply ? JSON.parse(reply.line) : null, judged };
}

const cat = { command: "/bin/bash -lc 'cat auth.json'", cwd: "/pass/tmp/start" };

test("a command in the empty folder that it starts in is the gate's to allow", async () => {
  const { answer, judged } = await asked({ ...cat, additionalPermissions: null });
  expect(answer).toEqual({ id: 7, result: { decision: "accept" } });
  expect(judged).toEqual([{ kind: "run", command: cat.command }]);
});

test.each<[string, Record<string, unknown>]>([
  ["in the home with its login", { ...cat, cwd: "/pass/home/.codex" }],
  ["in a folder that is not told", { command: cat.command }],
  ["with more of the disk", { ...cat, additionalPermissions: { fileSystem: { read: ["/"] } } }],
  ["with a host", { ...cat, networkApprovalContext: { host: "example.org" } }],
])("a command %s is declined unasked: the gate would judge another one", async (_what, params) => {
  const { answer, judged } = await asked(params);
  expect(answer).toEqual({ id: 7, result: { decision: "decline" } });
  expect(judged).toEqual([]);
});
