import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { AgentAction } from "../../../src/agents/adapter.ts";
import { passToolboxWorld } from "../../support/pass-toolbox-world.ts";

/** Explicit wherever there is a sandbox or none: the file usually holds a secret. */
const secret: AgentAction = { kind: "write", path: ".env", content: "A=1\n" };
const other: AgentAction = { kind: "write", path: ".envrc", content: "A=2\n" };

describe("what needs a person, while one is at the terminal", () => {
  test("waits, is told with the command to type, and is done once it is approved", async () => {
    const world = await passToolboxWorld({ attended: true });
    const outcome = world.toolbox.attended.perform(secret);
    await expect.poll(() => world.said).toHaveLength(1);
    expect(world.said[0]).toMatch(/^waiting up to 1 min for A-1: write \.env .*: nimrod approve A-1$/);
    await expect.poll(() => world.toolbox.personMs?.() ?? 0).toBeGreaterThan(0);
    await world.approvals.approve("A-1", world.signer, "what was shown");
    expect(await outcome).toMatchObject({ status: "done", tier: "explicit" });
    expect(readFileSync(world.at("worktree/.env"), "utf8")).toBe("A=1\n");
    expect((await world.approvals.get("A-1")).state).toBe("spent");
    expect(world.toolbox.waits).toEqual([]);
    // The clock of the wait stands still again.
    const waited = world.toolbox.personMs?.();
    expect(waited).toBeGreaterThan(0);
    expect(await world.toolbox.attended.perform({ kind: "read", path: "app.conf" })).toMatchObject({
      status: "done",
    });
    expect(world.toolbox.personMs?.()).toBe(waited);
  });

  test("is denied with the person's own words, and the agent goes on", async () => {
    const world = await passToolboxWorld({ attended: true });
    const outcome = world.toolbox.attended.perform(secret);
    await expect.poll(() => world.said).toHaveLength(1);
    await world.approvals.deny("A-1", "not on this machine");
    expect(await outcome).toMatchObject({ status: "denied", reason: "A-1 was denied: not on this machine" });
    expect(world.toolbox.waits).toEqual([]);
  });

  test("is parked when nobody answers in time", async () => {
    const world = await passToolboxWorld({ attended: true, waitMs: 50 });
    expect(await world.toolbox.attended.perform(secret)).toMatchObject({ status: "parked" });
    expect(world.toolbox.waits).toMatchObject([{ kind: "approval", id: "A-1" }]);
    expect((await world.approvals.get("A-1")).state).toBe("pending");
  });

  test("is parked without a word where the configuration waits for nobody", async () => {
    const world = await passToolboxWorld({ attended: true, waitMs: 0 });
    expect(await world.toolbox.attended.perform(secret)).toMatchObject({ status: "parked" });
    expect(world.said).toEqual([]);
  });

  test("is parked at once when the run is interrupted", async () => {
    const world = await passToolboxWorld({ attended: true, waitMs: 600_000 });
    const outcome = world.toolbox.attended.perform(secret);
    await expect.poll(() => world.said).toHaveLength(1);
    world.abort();
    expect(await outcome).toMatchObject({ status: "parked" });
  });

  test("is asked about one at a time: two at once do not void each other", async () => {
    const world = await passToolboxWorld({ attended: true });
    const outcomes = [world.toolbox.attended.perform(secret), world.toolbox.attended.perform(other)];
    await expect.poll(() => world.said).toHaveLength(1);
    await world.approvals.approve("A-1", world.signer, "shown");
    await expect.poll(() => world.said).toHaveLength(2);
    await world.approvals.approve("A-2", world.signer, "shown");
    expect((await Promise.all(outcomes)).map(({ status }) => status)).toEqual(["done", "done"]);
  });

  test("parks at once for an agent that cannot wait", async () => {
    const world = await passToolboxWorld({ attended: true });
    expect(await world.toolbox.perform(secret)).toMatchObject({ status: "parked" });
    expect(world.said).toEqual([]);
  });
});

test("an approved read is not done before somebody asks: its approval is still there when they do", async () => {
  const read: AgentAction = { kind: "read", path: ".env", offset: 1, limit: 2000 };
  const world = await passToolboxWorld({ files: { "worktree/.env": "A=1\nB=2\n" } });
  expect(await world.toolbox.perform(read)).toMatchObject({ status: "parked" });
  await world.approvals.approve("A-1", world.signer, "shown");
  await world.toolbox.performApproved({ ...read, target: "worktree" });
  expect((await world.approvals.get("A-1")).state).toBe("approved");
  expect(await world.toolbox.perform(read)).toMatchObject({
    status: "done",
    stdout: "A=1\nB=2\n",
    lines: { from: 1, to: 2, of: 2 },
  });
});

test("a secret that a cut would hide from the redactor is redacted before the cut", async () => {
  const key = `-----BEGIN OPENSSH PRIVATE KEY-----\n${"b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE".repeat(3)}\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n`;
  const world = await passToolboxWorld({ files: { "worktree/notes.txt": `before\n${key}after\n` } });
  const outcome = await world.toolbox.perform({ kind: "read", path: "notes.txt", offset: 3, limit: 1 });
  expect(outcome.status).toBe("done");
  expect(outcome.stdout).not.toContain("b3BlbnNz");
});

test("calls that overlap leave a whole journal and a whole chain of evidence", async () => {
  const world = await passToolboxWorld();
  const writes = Array.from(
    { length: 10 },
    (_, index): AgentAction => ({ kind: "write", path: `f${index}.txt`, content: "x" }),
  );
  const looks = writes.map((): AgentAction => ({ kind: "read", path: "app.conf" }));
  const outcomes = await Promise.all([...writes, ...looks].map((action) => world.toolbox.perform(action)));
  expect(outcomes.every(({ status }) => status === "done")).toBe(true);
  expect(world.journal.records.map(({ seq }) => seq)).toEqual(world.journal.records.map((_, index) => index));
  expect((await world.evidence()).filter(({ type }) => type === "outcome")).toHaveLength(20);
});
