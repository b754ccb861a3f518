import { expect, test } from "vitest";
import { instantOf, isWrittenTime } from "../../../src/tickets/written-time.ts";

test.each([
  ["2026-11-22T07:12:40Z", "2026-11-22T07:12:40.000Z"],
  ["2026-11-22T07:12:40.5+02:00", "2026-11-22T05:12:40.500Z"],
  ["2026-11-22 07:12", "2026-11-22T07:12:00.000Z"],
  ["2026-11-22T07:12:40", "2026-11-22T07:12:40.000Z"],
  ["2026-11-22", "2026-11-22T00:00:00.000Z"],
])("%s is the instant %s, in every time zone", (text, instant) => {
  const zone = process.env["TZ"];
  process.env["TZ"] = "America/New_York";
  try {
    expect(isWrittenTime(text)).toBe(true);
    expect(instantOf(text).toISOString()).toBe(instant);
  } finally {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  }
});

test.each(["", "yesterday", "2026-13-01", "2026-11-22T25:00:00Z", "1", "2026-11-22 ", "2026", "07:12"])(
  "%j is no time",
  (text) => {
    expect(isWrittenTime(text)).toBe(false);
  },
);
