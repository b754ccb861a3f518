import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startChildClocks } from "../../../src/platform/child-clocks.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Clocks of 10 s of silence and 60 s in all, and what they told, with the second in which they did. */
function clocks(given: { idleMs?: number | null; isBusy?: () => boolean; excusedMs?: () => number } = {}) {
  const told: string[] = [];
  const began = Date.now();
  const { moved, stop } = startChildClocks({
    idleMs: given.idleMs === undefined ? 10_000 : given.idleMs,
    wallMs: 60_000,
    excuse: { isBusy: given.isBusy ?? (() => false), excusedMs: given.excusedMs ?? (() => 0) },
    over: (which) => told.push(`${which} after ${(Date.now() - began) / 1000} s`),
  });
  return { told, moved, stop };
}

describe("the clocks of a child", () => {
  test("silence is told once, and then nothing more", () => {
    const { told } = clocks();
    vi.advanceTimersByTime(200_000);
    expect(told).toEqual(["idle after 10 s"]);
  });

  test("what moves is not silent, but the clock in all goes on", () => {
    const { told, moved } = clocks();
    const moving = setInterval(moved, 5_000);
    vi.advanceTimersByTime(200_000);
    clearInterval(moving);
    expect(told).toEqual(["timeout after 60 s"]);
  });

  test("while Nimrod works for it, its silence does not count", () => {
    let busy = true;
    const { told } = clocks({ isBusy: () => busy });
    vi.advanceTimersByTime(25_000);
    expect(told).toEqual([]);
    busy = false;
    vi.advanceTimersByTime(25_000);
    expect(told).toEqual(["idle after 30 s"]);
  });

  test("time that a person was waited for is added, each bit once", () => {
    let excused = 0;
    const { told } = clocks({ idleMs: null, excusedMs: () => excused });
    excused = 30_000;
    vi.advanceTimersByTime(70_000); // at 60 s: 30 more
    expect(told).toEqual([]);
    excused = 45_000;
    vi.advanceTimersByTime(200_000); // at 90 s: 15 more
    expect(told).toEqual(["timeout after 105 s"]);
  });

  test("stopped clocks tell nothing", () => {
    const { told, stop } = clocks();
    stop();
    vi.advanceTimersByTime(200_000);
    expect(told).toEqual([]);
  });
});
