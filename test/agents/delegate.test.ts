import { expect, test } from "vitest";
import { honest } from "../support/scripted-roles.ts";
import { allowing, cliScene, describeCli, honestly, type PassScript } from "./cli-scene.ts";

/** As the sub-pass: looks, tries to do more, answers. As the pass: asks twice in one turn, then hands in its result. */
const script: PassScript = (pass) => {
  const { text, nonce, results, role } = pass;
  if (!text.includes("You answer one question for another agent")) {
    if (role !== "researcher" || results.length > 1)
      return honestly()({ ...pass, results: results.slice(2) });
    const ask = (question: string) => ({ name: "delegate", args: { question, paths: ["README.md"] } });
    return results.length === 0
      ? { calls: [ask("Where is a greeting?"), ask("Who greets?")] }
      : { say: "waiting" };
  }
  const calls = [
    { name: "read_file", args: { path: "README.md" } },
    { name: "write_file", args: { path: "greeting.txt", content: "hello\n" } },
    { name: "submit", args: { nonce, result: honest.delegate } },
  ];
  const call = calls[results.length];
  return call === undefined ? { say: "done" } : { calls: [call] };
};

describeCli("as a sub-pass", (cli) => {
  test("looks and answers over the same tools, and changes nothing", {
    timeout: allowing(cli, 120_000),
  }, async () => {
    const lab = await cliScene(cli, script, { only: ["researcher"] });
    const run = await lab.run("next", "--until", "research");
    expect(run.exitCode, run.stderr).toBe(0);
    const research = lab.evidence().filter(({ pass }) => pass === "research");
    const asked = research.filter(({ data }) => data["kind"] === "delegate");
    expect(asked.map(({ data }) => data["answer"])).toEqual(["go", "go"]);
    const subs = asked.map(({ data }) => data["sub"]);
    expect(new Set(subs).size).toBe(2);
    for (const sub of subs) {
      const own = research.filter(({ data, type }) => data["sub"] === sub && type !== "note");
      const reads = own.filter(({ data }) => data["kind"] === "read");
      expect(reads.map(({ data }) => data["answer"])).toEqual(["go"]);
      expect(own.some(({ type, data }) => type === "result" && data["role"] === "delegate")).toBe(true);
    }
    // What it is not given is not even a tool, so nothing was asked of the gate.
    expect(research.some(({ data }) => data["kind"] === "write")).toBe(false);
    expect(lab.model.requests.some(({ body }) => body.includes("Another agent wrote this"))).toBe(true);
  });
});
