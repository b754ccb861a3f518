import { describe, expect, test } from "vitest";
import { startClocks } from "../../../src/agents/adapters/pass-clocks.ts";

const limits = {
  startSeconds: 10,
  idleSeconds: 20,
  wallSeconds: 60,
  turns: 1,
  tokens: 1,
  usd: 1,
  answerBytes: 1,
};

function clocks() {
  const world = { now: 0, personMs: 0, activity: { calls: 0, inFlight: 0, lastMs: 0 } };
  const passed = startClocks(
    limits,
    { toolbox: { personMs: () => world.personMs }, session: { activity: () => world.activity } },
    () => world.now,
  );
  return { world, ...passed };
}

describe("the clocks of a pass", () => {
  test("run out: the start, then silence, then the wall", () => {
    const { world, begun, moved, left, overdue } = clocks();
    expect(left()).toEqual({ idleMs: 20_000, deadlineMs: 10_000 });
    world.now = 10_000;
    expect(overdue()?.reason).toBe("timeout");
    begun();
    expect(overdue()).toBeNull();
    world.now = 20_000;
    expect(overdue()?.reason).toBe("idle");
    moved();
    expect(left()).toEqual({ idleMs: 20_000, deadlineMs: 40_000 });
    world.now = 60_000;
    expect(overdue()).toMatchObject({ reason: "timeout", message: "the pass took longer than 60 s" });
  });

  test("the toolbox at work is no silence, and its first call is a sign of the model", () => {
    const { world, overdue } = clocks();
    world.activity = { calls: 1, inFlight: 1, lastMs: 5_000 };
    world.now = 50_000;
    expect(overdue()).toBeNull();
    world.activity = { calls: 1, inFlight: 0, lastMs: 45_000 };
    expect(overdue()).toBeNull();
    world.activity.lastMs = 20_000;
    expect(overdue()?.reason).toBe("idle");
  });

  test("a person's time does not count", () => {
    const { world, begun, moved, overdue } = clocks();
    begun();
    world.personMs = 50_000;
    world.now = 100_000;
    moved();
    expect(overdue()).toBeNull();
    world.now = 110_000;
    expect(overdue()?.reason).toBe("timeout");
  });
});
