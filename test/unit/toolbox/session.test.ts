import { describe, expect, test } from "vitest";
import type { ActionOutcome, AgentAction } from "../../../src/agents/adapter.ts";
import { callSession, goodSubmission } from "../../support/call-session.ts";

const read = (path: string) => ({ path });

/** What is settled by now; a session that goes on has not ended. */
async function endOf(session: { ended: Promise<unknown> }): Promise<unknown> {
  return Promise.race([session.ended, Promise.resolve("goes on")]);
}

describe("a call", () => {
  test("is performed as the action it stands for, and answered with what came of it", async () => {
    const { session, toolbox } = callSession({}, () => ({ stdout: "a b\n", exit: 0 }));
    expect(await session.call("run", { command: "ls" })).toEqual({ text: "exit 0\na b\n", isError: false });
    expect(toolbox.actions).toEqual([{ kind: "run", command: "ls" }]);
    expect(await endOf(session)).toBe("goes on");
  });

  test("with arguments that do not fit is not performed, and every argument is named", async () => {
    const { session, toolbox } = callSession();
    const answer = await session.call("edit_file", { path: 1, old_string: "", new: "x" });
    expect(answer.isError).toBe(true);
    for (const name of ["path", "old_string", "new_string", '"new"']) expect(answer.text).toContain(name);
    expect(toolbox.actions).toEqual([]);
  });

  test("of a tool that is not offered is answered with those that are", async () => {
    const { session, toolbox } = callSession({ capabilities: ["read"] });
    const answer = await session.call("write_file", { path: "a", content: "b" });
    expect(answer).toMatchObject({ isError: true });
    expect(answer.text).toContain("read_file, list_files, search, submit");
    expect(toolbox.actions).toEqual([]);
  });

  test("that is denied is an answer, with the reason, and the pass goes on", async () => {
    const { session } = callSession({}, (_action, index) =>
      index === 0 ? { status: "denied", tier: "deny", reason: "tickets/ is written by Nimrod only" } : {},
    );
    const denied = await session.call("write_file", { path: "tickets/a.md", content: "x" });
    expect(denied.isError).toBe(false);
    expect(denied.text).toMatch(/^denied \(tier deny\): tickets\/ is written by Nimrod only/);
    expect(await session.call("write_file", { path: "a.md", content: "x" })).toEqual({
      text: "done",
      isError: false,
    });
    expect(await endOf(session)).toBe("goes on");
  });

  test("that a person is needed for ends the session, and the ones behind it are not performed", async () => {
    const { session, toolbox } = callSession({}, () => ({
      status: "parked",
      reason: "waits for approval A-1",
    }));
    const [first, second] = await Promise.all([
      session.call("run", { command: "systemctl restart x" }),
      session.call("write_file", { path: "a", content: "b" }),
    ]);
    expect(first.text).toContain("parked: waits for approval A-1");
    expect(first.text).toContain("end your turn");
    expect(second).toMatchObject({ isError: true });
    expect(toolbox.actions).toHaveLength(1);
    expect(await session.ended).toEqual({ kind: "parked" });
  });

  test("that a person is needed for is the end of a submission behind it as well", async () => {
    const { session } = callSession({}, () => ({ status: "parked", reason: "waits for approval A-1" }));
    const [, submitted] = await Promise.all([
      session.call("run", { command: "systemctl restart x" }),
      session.call("submit", goodSubmission),
    ]);
    expect(submitted?.text).toMatch(/^not done: a person is needed first/);
    expect(await session.ended).toEqual({ kind: "parked" });
  });

  test("whose toolbox throws ends the session as a crash, and the answer is no result", async () => {
    const { session } = callSession({}, () => {
      throw new Error("the ledger is gone");
    });
    expect(await session.call("read_file", read("a"))).toMatchObject({ isError: true });
    expect(await session.ended).toMatchObject({ kind: "failed", reason: "crash" });
    expect((await session.ended) as { message: string }).toMatchObject({
      message: expect.stringContaining("the ledger is gone"),
    });
  });
});

describe("a submission", () => {
  test("that does not fit is told what is wrong, and the next one counts", async () => {
    const { session } = callSession();
    const wrong = await session.call("submit", {
      nonce: "n0nce",
      result: { ...goodSubmission.result, summary: 1, extra: 2 },
    });
    expect(wrong.isError).toBe(true);
    expect(wrong.text).toContain("result.summary");
    expect(wrong.text).toContain("extra");
    expect(await endOf(session)).toBe("goes on");
    expect((await session.call("submit", goodSubmission)).text).toMatch(/^accepted/);
    expect(await session.ended).toEqual({ kind: "submitted", result: goodSubmission.result });
  });

  test("may come as text, as some models send objects", async () => {
    const { session } = callSession();
    await session.call("submit", { nonce: "n0nce", result: JSON.stringify(goodSubmission.result) });
    expect(await session.ended).toMatchObject({ kind: "submitted" });
  });

  test("with another pass's nonce ends the session, however good it is", async () => {
    const { session } = callSession();
    const answer = await session.call("submit", { ...goodSubmission, nonce: "other" });
    expect(answer.isError).toBe(true);
    expect(await session.ended).toMatchObject({ kind: "failed", reason: "nonce" });
    expect(await session.call("submit", goodSubmission)).toMatchObject({ isError: true });
  });

  test("without a nonce is one try of five, like any other that does not fit", async () => {
    const { session } = callSession();
    for (let count = 1; count <= 4; count += 1) {
      const { text } = await session.call("submit", { result: goodSubmission.result });
      expect(text).toContain("nonce: is missing");
      expect(await endOf(session)).toBe("goes on");
    }
    await session.call("submit", undefined);
    expect(await session.ended).toMatchObject({ kind: "failed", reason: "schema" });
  });

  test("that contradicts what Nimrod saw is told so in the same turn", async () => {
    const said = [null, "the verdict is approve, but its check is red"];
    const { session } = callSession({ check: () => said.pop() ?? null });
    expect((await session.call("submit", goodSubmission)).text).toContain("its check is red");
    expect((await session.call("submit", goodSubmission)).text).toMatch(/^accepted/);
  });

  test("is a tool only where the result comes that way", async () => {
    const { session } = callSession({ submit: false });
    expect(session.list().map(({ name }) => name)).not.toContain("submit");
    expect((await session.call("submit", goodSubmission)).text).toContain("there is no tool");
    expect(await endOf(session)).toBe("goes on");
  });

  test("waits for the calls before it", async () => {
    const order: string[] = [];
    let finish: () => void = () => undefined;
    const toolbox = {
      perform: async (action: AgentAction): Promise<ActionOutcome> => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        order.push(action.kind);
        return { kind: action.kind, status: "done", tier: "brief" };
      },
    };
    const { session } = callSession({ toolbox });
    const written = session.call("write_file", { path: "a", content: "b" });
    const submitted = session.call("submit", goodSubmission).then(() => order.push("submit"));
    await expect.poll(() => session.activity().inFlight).toBe(2);
    expect(await endOf(session)).toBe("goes on");
    finish();
    await Promise.all([written, submitted]);
    expect(order).toEqual(["write", "submit"]);
  });
});

describe("after the end", () => {
  test.each(["read_file", "write_file", "run", "submit", "delegate", "nothing"])(
    "%s is refused",
    async (name) => {
      const { session, toolbox } = callSession();
      await session.call("submit", goodSubmission);
      const args = { path: "a", content: "b", command: "ls", question: "why" };
      const answer = await session.call(name, args);
      expect(answer.isError).toBe(true);
      expect(answer.text).toContain("end your turn");
      expect(toolbox.actions).toEqual([]);
    },
  );
});

describe("an agent that does not get on", () => {
  test("is ended when it repeats a denied call", async () => {
    const { session } = callSession({}, () => ({ status: "denied", tier: "deny", reason: "no" }));
    for (let count = 0; count < 3; count += 1) await session.call("run", { command: "rm -rf /" });
    expect(await session.ended).toMatchObject({ kind: "failed", reason: "policy" });
  });

  test("is ended when nothing changes any more", async () => {
    const { session } = callSession({}, () => ({ stdout: "same" }));
    for (let count = 0; count < 5; count += 1) await session.call("read_file", read("a"));
    expect(await session.ended).toMatchObject({ kind: "failed", reason: "stuck" });
  });

  test("is ended by the number of its calls, whichever they are", async () => {
    const { session, toolbox } = callSession({ maxCalls: 3 });
    for (let count = 0; count < 4; count += 1) await session.call("no_such_tool", {});
    expect(await session.ended).toMatchObject({ kind: "failed", reason: "budget" });
    expect(toolbox.actions).toEqual([]);
  });

  test("may not have more than sixteen calls in the air, and is told to wait", async () => {
    const toolbox = { perform: () => new Promise<ActionOutcome>(() => undefined) };
    const { session } = callSession({ toolbox });
    for (let count = 0; count < 16; count += 1) void session.call("delegate", { question: `q${count}` });
    expect((await session.call("read_file", read("a"))).text).toContain("wait for their answers");
    expect(await endOf(session)).toBe("goes on");
  });
});

test("stopping tells what is being performed, waits for it, and is the end", async () => {
  let performing = true;
  const toolbox = {
    perform: (action: AgentAction, signal?: AbortSignal) =>
      new Promise<ActionOutcome>((resolve) => {
        signal?.addEventListener("abort", () => {
          performing = false;
          resolve({ kind: action.kind, status: "failed", tier: "brief", reason: "cancelled" });
        });
      }),
  };
  const { session } = callSession({ toolbox });
  const call = session.call("run", { command: "sleep 60" });
  await expect.poll(() => session.activity().inFlight).toBe(1);
  await session.stop();
  expect(performing).toBe(false);
  expect(session.activity()).toMatchObject({ calls: 1, inFlight: 0 });
  await call;
  expect(await session.ended).toMatchObject({ kind: "failed", reason: "crash" });
});
