import { defineConfig } from "vitest/config";

// The slow files kill, race and starve real processes for minutes. CI runs them always; `npm test -- --all` anywhere.
const all = process.env["CI"] !== undefined || process.env["NIMROD_TEST"] === "all";

// Tests that need real agent CLIs, by `npm run test:agents` alone.
const agents = process.env["NIMROD_TEST"] === "agents";

export default defineConfig({
  test: {
    include: [agents ? "test/agents/**/*.test.ts" : "test/**/*.test.ts"],
    exclude: [
      "test/bench/**",
      ...(agents ? [] : ["test/agents/**"]),
      ...(all ? [] : ["test/**/*.slow.test.ts"]),
    ],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Most of the time a test waits for processes it started: one worker more than this machine class has cores.
    maxWorkers: 3,
    reporters: ["default", "./test/support/summary-reporter.ts"],
  },
});
