import { expect, test } from "vitest";
import { describeSandboxed, honest, scene } from "../support/scripted-roles.ts";

describeSandboxed("limits of a role file", () => {
  // Its own file gives the triager 20 turns, whatever the configuration gives to all.
  test("hold where the configuration allows more", { timeout: 60_000 }, async () => {
    const body = `for (let nth = 0; nth < 30; nth += 1) await act([{ kind: "read", path: "none" + nth }]);
      await finish(${JSON.stringify(honest.triager)});`;
    const lab = await scene({ triager: { mode: "stream", body } });
    lab.limit({ turns: 60, tries: 1 });
    const run = await lab.run("next", "--until", "triage");
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain("no result in 20 rounds");
  });

  test("give way where the configuration allows less", { timeout: 60_000 }, async () => {
    const body = `for (let nth = 0; nth < 30; nth += 1) await act([{ kind: "read", path: "none" + nth }]);`;
    const lab = await scene({ triager: { mode: "stream", body } });
    lab.limit({ turns: 5, tries: 1 });
    expect((await lab.run("next", "--until", "triage")).stderr).toContain("no result in 5 rounds");
  });
});
