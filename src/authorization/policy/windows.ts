import type { Policy, Window } from "./schema.ts";

/**
 * Named windows of time, by the clock on the wall of a named zone. Each instant has exactly one reading there, so the
 * hour that is skipped in spring simply never comes, and the hour that comes twice in autumn counts twice.
 */

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const readers = new Map<string, Intl.DateTimeFormat>();

export function isTimeZone(zone: string): boolean {
  // An offset says nothing about when clocks change.
  if (!/^(UTC|[A-Z][A-Za-z]+(\/[A-Za-z0-9_+-]+)+)$/.test(zone)) return false;
  try {
    readerOf(zone);
    return true;
  } catch {
    return false; // Intl knows no such zone
  }
}

export function isOpen(window: Window, now: Date): boolean {
  const { day, minutes } = readWall(window.zone, now);
  const from = minutesOf(window.from);
  const to = minutesOf(window.to);
  const isDay = (index: number) => window.days.some((name) => weekdays.indexOf(name) === index);
  if (from < to) return isDay(day) && minutes >= from && minutes < to;
  // Over midnight: the morning belongs to the day on which it began.
  return (isDay(day) && minutes >= from) || (isDay((day + 6) % 7) && minutes < to);
}

/** Whether a rule holds now; `unknown` where nobody says what time it is. */
export function holdsAt(
  times: { during?: string | undefined; outside?: string | undefined },
  windows: Policy["windows"],
  now: Date | null,
): boolean | "unknown" {
  if (times.during === undefined && times.outside === undefined) return true;
  if (now === null || Number.isNaN(now.getTime())) return "unknown";
  const inside = times.during === undefined ? undefined : windows[times.during];
  const beyond = times.outside === undefined ? undefined : windows[times.outside];
  if (inside !== undefined && !isOpen(inside, now)) return false;
  return beyond === undefined || !isOpen(beyond, now);
}

function readWall(zone: string, now: Date): { day: number; minutes: number } {
  const parts = new Map(
    readerOf(zone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  const day = (weekdays as readonly string[]).indexOf(parts.get("weekday")?.toLowerCase() ?? "");
  return { day, minutes: Number(parts.get("hour")) * 60 + Number(parts.get("minute")) };
}

/** Making one costs more than asking it a hundred times. */
function readerOf(zone: string): Intl.DateTimeFormat {
  const known = readers.get(zone);
  if (known !== undefined) return known;
  const reader = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  readers.set(zone, reader);
  return reader;
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}
