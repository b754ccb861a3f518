import { randomBytes } from "node:crypto";

/** Time as a value that is handed in, so that a test can hold it still. */
export type Clock = { now(): Date };

export const systemClock: Clock = { now: () => new Date() };

/** `2026-11-22T07:12:40Z`: UTC, whole seconds. */
export function rfc3339(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

// Crockford's base 32: no I, L, O, U. 26 characters = 48 bits of milliseconds + 80 random bits (ulid/spec).
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const randomBits = 80n;

let lastMs = -1;
let lastRandom = 0n;

/**
 * A ULID. Within one process they only grow, also inside one millisecond and when the clock goes back:
 * evidence segments are read in the order of their names.
 */
export function ulid(clock: Clock): string {
  const ms = clock.now().getTime();
  if (ms > lastMs) {
    lastMs = ms;
    // The top bit stays free, so that counting up can never overflow into the time.
    lastRandom = BigInt(`0x${randomBytes(10).toString("hex")}`) >> 1n;
  } else {
    lastRandom += 1n;
  }
  let rest = (BigInt(lastMs) << randomBits) | lastRandom;
  let text = "";
  for (let i = 0; i < 26; i += 1) {
    text = crockford.charAt(Number(rest & 31n)) + text;
    rest >>= 5n;
  }
  return text;
}

const base36 = "0123456789abcdefghijklmnopqrstuvwxyz";

/** `length` characters of [0-9a-z], each equally likely. */
export function randomBase36(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length * 2)) {
      // 252 = 7 × 36: larger bytes would make the first four characters more likely.
      if (byte < 252 && text.length < length) text += base36.charAt(byte % 36);
    }
  }
  return text;
}
