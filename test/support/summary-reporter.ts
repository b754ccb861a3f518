import type { Reporter, TestModule } from "vitest/node";

/** Prints the closing line that CI reads: "N passed, N failed, N skipped". A file that did not load counts as failed. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) count.failed++;
      for (const test of module.children.allTests()) count[test.result().state]++;
    }
    // After the default reporter's own summary, so that this is the last line.
    process.once("exit", () => {
      if (process.env["CI"] === undefined && process.env["NIMROD_TEST"] === undefined) {
        process.stderr.write(
          "Left out: test/**/*.slow.test.ts, which CI runs. All of them: npm test -- --all\n",
        );
      }
      process.stdout.write(
        `${count.passed} passed, ${count.failed + count.pending} failed, ${count.skipped} skipped\n`,
      );
    });
  }
}
