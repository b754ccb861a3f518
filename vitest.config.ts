import { defineConfig } from "vitest/config";

// The slow files kill, race and starve real processes for minutes. CI runs them always; `npm test -- --all` anywhere.
const all = process.env["CI"] !== undefined || process.env["NIMROD_TEST"] === "all";

// Tests that need real agent CLIs are run by `npm run test:agents` alone, figures by `npm run bench:agents`.
const alone: Record<string, string> = { agents: "test/agents", bench: "test/bench" };
const only = alone[process.env["NIMROD_TEST"] ?? ""];

export default defineConfig({
  test: {
    include: [`${only ?? "test"}/**/*.test.ts`],
    exclude: [
      ...(only === undefined ? Object.values(alone).map((folder) => `${folder}/**`) : []),
      ...(all ? [] : ["test/**/*.slow.test.ts"]),
    ],
    // Other people's programs: on a busy machine the sandbox that codex brings once did not start ("setting up uid map").
    retry: only === "test/agents" ? 1 : 0,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Most of the time a test waits for processes it started: one worker more than this machine class has cores.
    maxWorkers: 3,
    // Our modules keep nothing between calls, so files share a worker: a fifth of the whole run was loading them again.
    isolate: false,
    reporters: ["default", "./test/support/summary-reporter.ts"],
  },
});
