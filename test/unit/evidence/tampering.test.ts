import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAnchor } from "../../../src/evidence/anchor.ts";
import { lineHash } from "../../../src/evidence/chain.ts";
import { attacks, nth } from "./attacks.ts";
import {
  addSegment,
  copyWorld,
  evidenceOf,
  fixAnchor,
  forgersKey,
  makeLedger,
  otherTicket,
  publishKey,
  readLines,
  removeWorld,
  segmentFiles,
  startSegment,
  verifyWorld,
  type World,
  writeLines,
} from "./ledger-fixture.ts";

let ledger: World;
beforeAll(async () => {
  ledger = await makeLedger();
});
afterAll(() => removeWorld(ledger));

async function inCopy<T>(work: (world: World) => Promise<T>): Promise<T> {
  const world = copyWorld(ledger);
  try {
    return await work(world);
  } finally {
    removeWorld(world);
  }
}

describe("tampering is found", () => {
  test.each(attacks)("$name", async ({ attack, found, at }) => {
    await inCopy(async (world) => {
      const place = at?.(world);
      await attack(world);
      const result = await verifyWorld(world);
      expect(result.ok).toBe(false);
      expect(result.problems.map((problem) => problem.kind)).toEqual(expect.arrayContaining(found));
      expect(result.problems.every((problem) => problem.file !== "" && problem.message !== "")).toBe(true);
      if (place !== undefined) {
        expect(result.problems.map((problem) => `${problem.file}:${problem.line}`)).toContain(place);
      }
    });
  });

  test("a forged segment is not let through by calling it live", async () => {
    await inCopy(async (world) => {
      const path = await addSegment({ ...world, key: forgersKey() }, "review");
      await fixAnchor(world);
      const { problems } = await verifyWorld(world, { live: [path] });
      expect(problems.map((problem) => problem.kind)).toEqual(["unknown-key"]);
    });
  });

  test("any single byte changed in any segment", async () => {
    await inCopy(async (world) => {
      const files = segmentFiles(world).map((path) => ({ path, bytes: readFileSync(path) }));
      await fc.assert(
        fc.asyncProperty(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), async (which, where, flip) => {
          const { path, bytes } = files[which % files.length]!;
          const changed = Buffer.from(bytes);
          const offset = where % bytes.length;
          changed[offset] = bytes[offset]! ^ flip;
          writeFileSync(path, changed);
          const { ok } = await verifyWorld(world, { withoutWitness: true });
          writeFileSync(path, bytes);
          expect(ok).toBe(false);
        }),
        { numRuns: 120 },
      );
    });
  });

  test("any single line deleted from any segment", async () => {
    await inCopy(async (world) => {
      for (const path of segmentFiles(world)) {
        const lines = readLines(path);
        for (const index of lines.keys()) {
          writeLines(path, lines.toSpliced(index, 1));
          expect((await verifyWorld(world, { withoutWitness: true })).ok, `${path}:${index + 1}`).toBe(false);
        }
        writeLines(path, lines);
      }
    });
  });
});

describe("honest evidence is not accused", () => {
  test("five segments, two of them in parallel, joined by the last", async () => {
    const result = await verifyWorld(ledger);
    expect(result.problems).toEqual([]);
    expect(result).toMatchObject({ ok: true, count: 5 });
    expect(result.heads).toEqual([lineHash(readLines(nth(ledger, -1)).at(-2)!)]);
    expect(result.segments.map((segment) => segment.state)).toEqual(Array(5).fill("sealed"));
  });

  test("two heads after a merge, before anything joins them", async () => {
    await inCopy(async (world) => {
      rmSync(nth(world, -1));
      await fixAnchor(world);
      const result = await verifyWorld(world, { withoutWitness: true });
      expect(result.problems).toEqual([]);
      expect(result.heads).toHaveLength(2);
      expect(parseAnchor(world.anchor!)).toEqual({ count: 4, heads: result.heads });
    });
  });

  test("a live segment may be open and torn, and the anchor one behind", async () => {
    await inCopy(async (world) => {
      await addSegment(world, "review");
      const { path } = await startSegment(world, "verify");
      writeFileSync(join(world.root, path), '{"actor":"nim', { flag: "a" });
      const live = await verifyWorld(world, { live: [path] });
      expect(live.problems).toEqual([]);
      expect(live.segments.at(-1)).toMatchObject({ state: "live", records: 1 });
      const abandoned = await verifyWorld(world);
      expect(abandoned.problems.map((problem) => problem.kind)).toEqual(["torn", "unsealed", "anchor"]);
    });
  });

  test("a key of another machine is fine once the operator trusts it", async () => {
    await inCopy(async (world) => {
      const colleague = forgersKey();
      publishKey(world, colleague);
      await addSegment({ ...world, key: colleague }, "review");
      await fixAnchor(world);
      const before = await verifyWorld(world);
      expect(before.problems.map((problem) => problem.kind)).toEqual(["untrusted-key"]);
      expect((await verifyWorld(world, { trusted: [colleague] })).problems).toEqual([]);
    });
  });

  test("a ticket without evidence, anchor or history", async () => {
    await inCopy(async (world) => {
      rmSync(evidenceOf(world), { recursive: true });
      const result = await verifyWorld({ ...world, anchor: null, trailers: [] }, { withoutWitness: true });
      expect(result).toEqual({ ok: true, count: 0, heads: [], segments: [], problems: [] });
    });
  });

  test("trailers of other tickets and files of editors are passed over", async () => {
    await inCopy(async (world) => {
      world.trailers.push(`${otherTicket} 1 ${"0".repeat(64)}`);
      writeFileSync(join(evidenceOf(world), ".swp"), "x");
      expect((await verifyWorld(world)).problems).toEqual([]);
    });
  });
});
