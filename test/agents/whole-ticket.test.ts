import { expect, test } from "vitest";
import { id } from "../support/scripted-roles.ts";
import { allowing, cliScene, describeCli, honestly, writeGreeting } from "./cli-scene.ts";

describeCli("in all six roles", (cli) => {
  test("takes a ticket to review, and it closes", { timeout: allowing(cli, 120_000) }, async () => {
    const lab = await cliScene(
      cli,
      honestly({
        researcher: [
          { name: "read_file", args: { path: "README.md" } },
          { name: "run", args: { command: "git log --oneline" } },
        ],
        implementer: [writeGreeting],
      }),
    );
    const next = await lab.run("next");
    expect([next.exitCode, lab.status()], next.stderr).toEqual([0, "in_review"]);
    expect(lab.evidence().filter(({ type }) => type === "result")).toHaveLength(6);
    const actors = new Set(
      lab
        .evidence()
        .filter(({ type }) => type === "result")
        .map(({ actor }) => actor),
    );
    expect([...actors]).toEqual([`agent:${cli.agent}`]);
    const close = await lab.run("close", id);
    expect([close.exitCode, lab.status()], close.stderr).toEqual([0, "closed"]);
    expect(lab.project.read("greeting.txt")).toBe("hello\n");
    expect((await lab.run("verify", id)).exitCode).toBe(0);
  });
});
