import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { honest } from "../support/scripted-roles.ts";
import { allowing, cliScene, describeCli, honestly } from "./cli-scene.ts";

/** Whatever the model asks for goes through the gate, and only what the gate allows happens. */

/** Written and touched by the implementer itself, within these paths and words. */
const plan = {
  ...honest.planner,
  steps: honest.planner.steps.map((step) => ({
    ...step,
    do: { agent: { paths: ["greeting.txt", "made.txt"], commands: ["touch made.txt"] } },
  })),
};

describeCli("has hands that are Nimrod's:", (cli) => {
  test("all eight calls are judged; what is denied is not done", {
    timeout: allowing(cli, 120_000),
  }, async () => {
    const outside = { path: "" };
    const calls = [
      { name: "run", args: { command: "ls" } },
      { name: "run", args: { command: "git status" } },
      { name: "read_file", args: { path: "README.md" } },
      { name: "read_file", args: outside },
      { name: "run", args: { command: "touch made.txt" } },
      { name: "write_file", args: { path: "../outside.txt", content: "x" } },
      { name: "write_file", args: { path: "greeting.txt", content: "hello\n" } },
      { name: "fetch", args: { url: "https://example.com/" } },
    ];
    const answers: string[][] = [];
    const lab = await cliScene(
      cli,
      (pass) => {
        const { role, nonce, results } = pass;
        if (role === "implementer") answers.push(results);
        if (role === "planner" && results.length === 0)
          return { calls: [{ name: "submit", args: { nonce, result: plan } }] };
        return honestly({ implementer: calls })(pass);
      },
      { only: ["researcher", "planner", "implementer"] },
    );
    outside.path = join(lab.project.home, "secret.txt");
    writeFileSync(outside.path, "operator-secret-5512\n");

    // To read outside needs a person, who says no; the pass begins anew and is told so.
    const first = await lab.run("next");
    expect([first.exitCode, lab.status()], first.stderr).toEqual([5, "in_progress"]);
    expect((await lab.run("deny", "A-1", "--reason", "not yours")).exitCode).toBe(0);
    const second = await lab.run("next");

    const judged = lab.evidence().filter(({ type, pass }) => type === "action" && pass === "implement");
    const seen = judged.map(({ data }) => `${data["tier"]} ${data["action"]}`);
    expect(new Set(seen).size, `${second.stderr}${seen.join("\n")}`).toBe(8);
    const told = answers.at(-1) ?? [];
    expect(told[0]).toContain("README.md");
    expect(told[2]).toContain("# Lab");
    expect(told[3]).toMatch(/denied/);
    expect(told[5]).toMatch(/denied/);
    expect(lab.model.requests.map(({ body }) => body).join()).not.toContain("operator-secret-5512");
    // The fetch waits for a person: the pass ended, the ticket stands.
    expect([second.exitCode, lab.status()]).toEqual([5, "in_progress"]);
  });

  test("a result that does not fit is corrected in the same turn", {
    timeout: allowing(cli, 120_000),
  }, async () => {
    const answer = honestly();
    const lab = await cliScene(
      cli,
      (pass) => {
        const { role, nonce, results } = pass;
        if (role !== "researcher") return answer(pass);
        if (results.length === 0)
          return { calls: [{ name: "submit", args: { nonce, result: { findings: 3 } } }] };
        if (results.length === 1 && !/result[./ ]/.test(results[0] ?? "")) return { say: "not told" };
        return answer({ ...pass, results: results.slice(1) });
      },
      { only: ["researcher"] },
    );
    await lab.run("next");
    const results = lab.evidence().filter(({ type, pass }) => type === "result" && pass === "research");
    expect(results).toHaveLength(1);
  });
});
