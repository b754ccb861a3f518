import { expect, test } from "vitest";
import { type Lane, openLanes } from "../../../src/toolbox/lanes.ts";

/** Work that ends when it is told to, and writes down when it began and ended. */
function works() {
  const inLane = openLanes();
  const log: string[] = [];
  const doors = new Map<string, () => void>();
  const start = (lane: Lane, name: string) =>
    inLane(lane, async () => {
      log.push(`+${name}`);
      await new Promise<void>((resolve) => doors.set(name, resolve));
      log.push(`-${name}`);
    });
  const end = async (name: string, work: Promise<unknown>) => {
    doors.get(name)?.();
    await work;
    // What waited for it begins in the turns of the loop that follow.
    await new Promise(setImmediate);
  };
  return { inLane, log, start, end };
}

test("looks overlap; a change waits for all of them, and what comes later waits for the change", async () => {
  const { log, start, end } = works();
  const [a, b] = [start("together", "a"), start("together", "b")];
  const change = start("alone", "change");
  const late = start("together", "late");
  await new Promise(setImmediate);
  expect(log).toEqual(["+a", "+b"]);
  await end("b", b);
  await end("a", a);
  expect(log).toEqual(["+a", "+b", "-b", "-a", "+change"]);
  await end("change", change);
  expect(log.slice(-2)).toEqual(["-change", "+late"]);
  await end("late", late);
});

test("changes are done one at a time, in the order in which they came", async () => {
  const { log, start, end } = works();
  const all = ["a", "b", "c"].map((name) => [name, start("alone", name)] as const);
  await new Promise(setImmediate);
  for (const [name, work] of all) await end(name, work);
  expect(log).toEqual(["+a", "-a", "+b", "-b", "+c", "-c"]);
});

test("what goes apart neither waits nor is waited for", async () => {
  const { log, start, end } = works();
  const change = start("alone", "change");
  const apart = start("apart", "apart");
  await new Promise(setImmediate);
  expect(log.toSorted()).toEqual(["+apart", "+change"]);
  await end("change", change);
  const next = start("alone", "next");
  await new Promise(setImmediate);
  expect(log.at(-1)).toBe("+next");
  await end("next", next);
  await end("apart", apart);
});

test("one that throws holds nobody up", async () => {
  const inLane = openLanes();
  const thrown = inLane("alone", async () => {
    throw new Error("no");
  });
  const after = inLane("together", async () => "done");
  await expect(thrown).rejects.toThrow("no");
  expect(await after).toBe("done");
  await expect(inLane("together", async () => Promise.reject(new Error("nor this")))).rejects.toThrow();
  expect(await inLane("alone", async () => "done")).toBe("done");
});
