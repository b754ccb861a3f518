import { expect, test } from "vitest";
import { type Clock, randomBase36, rfc3339, ulid } from "../../../src/platform/clock.ts";

const at = (text: string): Clock => ({ now: () => new Date(text) });

test("times are UTC in whole seconds", () => {
  expect(rfc3339(new Date("2026-11-22T08:12:40.999+01:00"))).toBe("2026-11-22T07:12:40Z");
});

test("a ULID carries its time and only ever grows, also when the clock stands still or goes back", () => {
  const late = at("2200-01-01T00:00:00Z");
  const made = [ulid(late), ulid(late), ulid(at("2190-01-01T00:00:00Z")), ulid(late)];
  expect(made).toEqual([...made].sort());
  expect(new Set(made).size).toBe(4);
  for (const id of made) expect(id).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  const ms = [...made[0]!.slice(0, 10)].reduce(
    (sum, letter) => sum * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".indexOf(letter),
    0,
  );
  expect(new Date(ms).toISOString()).toBe("2200-01-01T00:00:00.000Z");
});

test("random ids use all 36 characters about equally", () => {
  const text = randomBase36(36_000);
  expect(text).toMatch(/^[0-9a-z]{36000}$/);
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  expect(counts.size).toBe(36);
  // 1000 expected, standard deviation 31: six of them are an accident once in a billion.
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(190);
});
