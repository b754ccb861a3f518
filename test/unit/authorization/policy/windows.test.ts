import { describe, expect, test } from "vitest";
import { holdsAt, isOpen, isTimeZone } from "../../../../src/authorization/policy/windows.ts";

const berlin = {
  zone: "Europe/Berlin",
  days: ["mon", "tue", "wed", "thu", "fri"] as ("mon" | "tue" | "wed" | "thu" | "fri")[],
  from: "22:00",
  to: "06:00",
};
const daily = { ...berlin, days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as never };

describe("a window is read from the clock on the wall of its zone", () => {
  test.each([
    ["Monday, a minute before it begins", "2026-11-23T20:59:59Z", false],
    ["Monday, as it begins", "2026-11-23T21:00:00Z", true],
    ["Tuesday, a minute before it ends", "2026-11-24T04:59:59Z", true],
    ["Tuesday, as it ends", "2026-11-24T05:00:00Z", false],
    ["Saturday morning belongs to Friday's night", "2026-11-28T03:00:00Z", true],
    ["Saturday evening is not among its days", "2026-11-28T21:30:00Z", false],
    ["Monday morning belongs to Sunday's night, which is not among its days", "2026-11-23T03:00:00Z", false],
    ["in summer it begins an hour earlier for the world", "2026-07-06T20:00:00Z", true],
    ["and not yet a minute before", "2026-07-06T19:59:59Z", false],
  ])("%s", (_, at, open) => {
    expect(isOpen(berlin, new Date(at))).toBe(open);
  });

  test("the hour that is skipped in spring never comes, and the rest of the night does", () => {
    const gap = { ...daily, from: "02:15", to: "02:45" };
    const night = (at: string) => isOpen({ ...daily, from: "01:30", to: "03:30" }, new Date(at));
    // 2026-03-29: 01:59:59 is followed by 03:00:00.
    for (let minute = 0; minute < 24 * 60; minute += 1)
      expect(isOpen(gap, new Date(Date.UTC(2026, 2, 29, 0, minute)))).toBe(false);
    expect([night("2026-03-29T00:59:59Z"), night("2026-03-29T01:00:00Z")]).toEqual([true, true]);
    expect(night("2026-03-29T01:30:00Z")).toBe(false);
  });

  test("the hour that comes twice in autumn counts twice", () => {
    const window = { ...daily, from: "02:15", to: "02:45" };
    // 2026-10-25: 03:00 summer time is 02:00 winter time.
    const open = ["00:14", "00:15", "00:44", "00:45", "01:14", "01:15", "01:44", "01:45"].filter((at) =>
      isOpen(window, new Date(`2026-10-25T${at}:00Z`)),
    );
    expect(open).toEqual(["00:15", "00:44", "01:15", "01:44"]);
  });

  test("24:00 is the end of the day, and midnight its beginning", () => {
    const window = { ...berlin, zone: "UTC", from: "00:00", to: "24:00" };
    expect(isOpen(window, new Date("2026-11-23T00:00:00Z"))).toBe(true);
    expect(isOpen(window, new Date("2026-11-27T23:59:59Z"))).toBe(true);
    expect(isOpen(window, new Date("2026-11-28T00:00:00Z"))).toBe(false);
  });
});

test("zones are names, not offsets", () => {
  expect(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"].filter(isTimeZone)).toHaveLength(3);
  expect(["+02:00", "Mars/Olympus", "", "CEST5", "europe/../etc"].filter(isTimeZone)).toEqual([]);
});

test("a rule's time is unknown where nobody tells the time, and `outside` is the rest of it", () => {
  const windows = { night: berlin };
  const night = new Date("2026-11-23T22:00:00Z");
  const noon = new Date("2026-11-23T11:00:00Z");
  expect(holdsAt({}, windows, null)).toBe(true);
  expect(holdsAt({ during: "night" }, windows, null)).toBe("unknown");
  expect(holdsAt({ during: "night" }, windows, new Date("never"))).toBe("unknown");
  expect([night, noon].map((now) => holdsAt({ during: "night" }, windows, now))).toEqual([true, false]);
  expect([night, noon].map((now) => holdsAt({ outside: "night" }, windows, now))).toEqual([false, true]);
});
