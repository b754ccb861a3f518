import { expect, test } from "vitest";
import { countTests, weakRun } from "../../../src/pipeline/test-counts.ts";

// The closing lines as the runners print them without colour.
const outputs: [runner: string, output: string, count: { ran: number; skipped: number } | null][] = [
  [
    "node --test, tap",
    "1..3\n# tests 28\n# suites 0\n# pass 26\n# fail 0\n# cancelled 0\n# skipped 2\n# todo 0\n# duration_ms 71.2\n",
    { ran: 26, skipped: 2 },
  ],
  [
    "node --test, spec",
    "✔ greets (0.5ms)\nℹ tests 1\nℹ suites 0\nℹ pass 1\nℹ fail 0\nℹ cancelled 0\nℹ skipped 0\nℹ todo 0\nℹ duration_ms 60\n",
    { ran: 1, skipped: 0 },
  ],
  [
    "node --test with nothing to run",
    "TAP version 13\n1..0\n# tests 0\n# suites 0\n# pass 0\n# fail 0\n# cancelled 0\n# skipped 0\n# todo 0\n",
    { ran: 0, skipped: 0 },
  ],
  [
    "vitest",
    " Test Files  1 passed (1)\n      Tests  3 passed (3)\n   Start at  08:00:00\n",
    { ran: 3, skipped: 0 },
  ],
  [
    "vitest with a failure and skips",
    " Test Files  1 failed | 1 passed (2)\n      Tests  1 failed | 2 passed | 4 skipped | 1 todo (8)\n",
    { ran: 3, skipped: 5 },
  ],
  ["vitest with nothing to run", "No test files found, exiting with code 0\n", { ran: 0, skipped: 0 }],
  [
    "jest",
    "Test Suites: 1 passed, 1 total\nTests:       1 skipped, 2 passed, 3 total\nSnapshots:   0 total\nTime:        0.5 s\n",
    { ran: 2, skipped: 1 },
  ],
  ["jest with nothing to run", "No tests found, exiting with code 0\n", { ran: 0, skipped: 0 }],
  [
    "pytest",
    "....s\n========================= 4 passed, 1 skipped in 0.03s =========================\n",
    { ran: 4, skipped: 1 },
  ],
  ["pytest with failures", "===== 1 failed, 2 passed, 1 error in 1.20s =====\n", { ran: 4, skipped: 0 }],
  ["pytest that took minutes", "===== 12 passed in 75.30s (0:01:15) =====\n", { ran: 12, skipped: 0 }],
  [
    "pytest with nothing to run",
    "============================ no tests ran in 0.00s =============================\n",
    { ran: 0, skipped: 0 },
  ],
  [
    "mocha",
    "\n  greeting\n    ✔ greets\n\n\n  5 passing (8ms)\n  2 pending\n  1 failing\n",
    { ran: 6, skipped: 2 },
  ],
  ["mocha with nothing to run", "\n\n  0 passing (1ms)\n\n", { ran: 0, skipped: 0 }],
  [
    "cargo test, several binaries",
    "running 2 tests\ntest a ... ok\ntest result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\nrunning 1 test\ntest result: ok. 0 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n",
    { ran: 2, skipped: 1 },
  ],
  ["a plain closing line", "ok\n12 passed, 1 failed, 2 skipped\n", { ran: 13, skipped: 2 }],
  ["a runner that nobody knows", "all good\n", null],
  ["silence", "", null],
];

test.each(outputs)("%s", (_, output, count) => {
  expect(countTests(output)).toEqual(count);
});

test("a runner's closing line is not found in the middle of somebody's sentence", () => {
  expect(countTests("the old log said: 12 passed, 0 failed\n")).toBeNull();
});

test.each([
  ["nothing counted", null, null, null],
  ["no test", { ran: 0, skipped: 0 }, null, "it ran no test"],
  ["all skipped", { ran: 0, skipped: 28 }, { ran: 28, skipped: 0 }, "it ran no test"],
  [
    "1 of 28",
    { ran: 1, skipped: 0 },
    { ran: 28, skipped: 0 },
    "it ran 1 of the 28 tests that ran before the change",
  ],
  [
    "one more skipped",
    { ran: 28, skipped: 1 },
    { ran: 28, skipped: 0 },
    "it skips 1 tests; 0 before the change",
  ],
  ["the same", { ran: 28, skipped: 1 }, { ran: 28, skipped: 1 }, null],
  ["more", { ran: 30, skipped: 0 }, { ran: 28, skipped: 1 }, null],
  ["no count on the base", { ran: 1, skipped: 0 }, null, null],
] as const)("a green run with %s", (_, count, base, why) => {
  expect(weakRun(count, base)).toBe(why);
});
