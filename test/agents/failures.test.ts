import { expect, test } from "vitest";
import { noneLeft, start, until } from "../support/kill.ts";
import type { Turn } from "../support/model-server.ts";
import { allowing, cliScene, describeCli, honestly } from "./cli-scene.ts";

/** A model's server that fails, and runs that are stopped: each ends as what it is, in time, with nothing left. */

const failures: [what: string, turn: Turn, reason: string][] = [
  ["a refused key", { status: 401, message: "invalid x-api-key" }, "auth"],
  ["a rate limit", { status: 429, message: "rate limited", retryAfter: 1 }, "quota"],
  ["a server that fails and fails", { status: 500, message: "boom" }, "network"],
  ["a server that takes the request and is silent", { fault: "hang" }, "idle"],
  ["an answer that begins and stalls", { fault: "stall" }, "idle"],
];

describeCli("fails as what it is:", (cli) => {
  test.each(failures)("%s", { timeout: allowing(cli, 120_000) }, async (_what, turn, reason) => {
    const lab = await cliScene(cli, () => turn, {
      only: ["researcher"],
      limits: { idleSeconds: allowing(cli, 5) },
    });
    const next = await lab.run("next");
    const end = lab.evidence().find(({ pass, data }) => pass === "research" && data["what"] === "failed");
    // opencode tries again in silence for longer than anybody waits.
    const expected = cli.name === "opencode" && reason === "network" ? "idle" : reason;
    expect(end?.data["reason"], next.stderr).toBe(expected);
    expect(next.exitCode).not.toBe(0);
    expect(lab.status()).toBe("in_progress");
    await noneLeft(lab.project);
  });

  test("a turn that ends without a result", { timeout: allowing(cli, 120_000) }, async () => {
    const lab = await cliScene(cli, () => ({ say: "All done, trust me." }), { only: ["researcher"] });
    await lab.run("next");
    const end = lab.evidence().find(({ data }) => data["what"] === "failed");
    expect(end?.data["reason"]).toBe("schema");
  });
});

// Codex and the others tell their tokens only at the end of a turn.
describeCli(
  "is stopped in the middle by",
  (cli) => {
    test("more tokens than the pass may have", { timeout: allowing(cli, 120_000) }, async () => {
      const reads = Array.from({ length: 3 }, () => ({ name: "read_file", args: { path: "README.md" } }));
      const lab = await cliScene(cli, honestly({ researcher: reads }), {
        only: ["researcher"],
        limits: { tokens: 250 },
      });
      await lab.run("next");
      const end = lab.evidence().find(({ data }) => data["what"] === "failed");
      expect(end?.data["reason"]).toBe("budget");
    });
  },
  ["claude"],
);

describeCli("leaves nothing behind", (cli) => {
  test.each(["SIGINT", "SIGKILL"] as const)(
    "when nimrod is ended by %s",
    { timeout: allowing(cli, 120_000) },
    async (signal) => {
      const lab = await cliScene(cli, () => ({ fault: "hang" }), { only: ["researcher"] });
      const started = start(lab.project, ["next"]);
      const seen = await until(started, () => lab.model.requests.length > 0);
      expect(seen, seen ? "" : (await started.ended).stderr).toBe(true);
      started.child.kill(signal);
      const end = await started.ended;
      expect(signal === "SIGINT" ? end.exitCode : end.signal).toBe(signal === "SIGINT" ? 130 : "SIGKILL");
      await noneLeft(lab.project);
    },
  );
});
