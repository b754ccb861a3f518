/** What test runners print about themselves: an exit code of 0 from a run of nothing proves nothing. */

export type TestCount = { ran: number; skipped: number };

type Reader = { name: string; read: (output: string) => TestCount | null };

const sum = (matches: Iterable<RegExpMatchArray>) =>
  [...matches].reduce((total, match) => total + Number(match[1]), 0);

/** One row a runner; the patterns are the closing lines that each prints without colour. */
const readers: readonly Reader[] = [
  {
    name: "node --test",
    read: (output) => {
      const tests = /^(?:#|ℹ) tests (\d+)$/m.exec(output)?.[1];
      const skipped = /^(?:#|ℹ) skipped (\d+)$/m.exec(output)?.[1];
      if (tests === undefined || skipped === undefined) return null;
      return { ran: Number(tests) - Number(skipped), skipped: Number(skipped) };
    },
  },
  {
    name: "vitest, jest",
    read: (output) => {
      const line = /^\s*Tests:?\s+(.*\d+ (?:passed|failed|skipped|todo|total).*)$/m.exec(output)?.[1];
      if (line === undefined)
        return /^No test(?:s| files) found/m.test(output) ? { ran: 0, skipped: 0 } : null;
      const skipped = sum(line.matchAll(/(\d+) (?:skipped|todo)/g));
      return { ran: sum(line.matchAll(/(\d+) (?:passed|failed)/g)), skipped };
    },
  },
  {
    name: "pytest",
    read: (output) => {
      if (/^=+ no tests ran/m.test(output)) return { ran: 0, skipped: 0 };
      const line = /^=+ (.*\d+ (?:passed|failed|skipped|error).*) in [\d.]+s.*=+$/m.exec(output)?.[1];
      if (line === undefined) return null;
      return {
        ran: sum(line.matchAll(/(\d+) (?:passed|failed|error)/g)),
        skipped: sum(line.matchAll(/(\d+) skipped/g)),
      };
    },
  },
  {
    name: "mocha",
    read: (output) => {
      const passing = /^\s*(\d+) passing\b/m.exec(output)?.[1];
      if (passing === undefined) return null;
      return {
        ran: Number(passing) + sum(output.matchAll(/^\s*(\d+) failing\b/gm)),
        skipped: sum(output.matchAll(/^\s*(\d+) pending\b/gm)),
      };
    },
  },
  {
    name: "cargo test",
    read: (output) => {
      const results = [...output.matchAll(/^test result: .*?(\d+) passed; (\d+) failed; (\d+) ignored/gm)];
      if (results.length === 0) return null;
      return {
        ran: results.reduce((total, row) => total + Number(row[1]) + Number(row[2]), 0),
        skipped: results.reduce((total, row) => total + Number(row[3]), 0),
      };
    },
  },
  {
    name: "plain closing line",
    read: (output) => {
      const match = /^(?:\w+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/m.exec(output);
      return match ? { ran: Number(match[1]) + Number(match[2]), skipped: Number(match[3] ?? 0) } : null;
    },
  },
];

export function countTests(output: string): TestCount | null {
  for (const reader of readers) {
    const count = reader.read(output);
    if (count) return count;
  }
  return null;
}

/** Why a green run proves nothing, or null. `base` is the same command's count before the change. */
export function weakRun(count: TestCount | null, base: TestCount | null): string | null {
  if (count === null) return null;
  if (count.ran === 0) return "it ran no test";
  if (base !== null && count.ran < base.ran)
    return `it ran ${count.ran} of the ${base.ran} tests that ran before the change`;
  if (base !== null && count.skipped > base.skipped)
    return `it skips ${count.skipped} tests; ${base.skipped} before the change`;
  return null;
}
