import { expect, test } from "vitest";
import { runJson } from "../support/sample-work.ts";
import {
  answers,
  canary,
  describeSandboxed,
  honest,
  id,
  obedient,
  scene,
} from "../support/scripted-roles.ts";

describeSandboxed("the prompt command", () => {
  test("shows each later pass what it was really told", { timeout: 60_000 }, async () => {
    const steps = [{ id: "S1", status: "done", note: canary }];
    const implementer = obedient("stream");
    const lab = await scene(
      {
        researcher: answers("researcher"),
        planner: answers("planner"),
        implementer: {
          ...implementer,
          body: implementer.body.replace(
            JSON.stringify(honest.implementer),
            JSON.stringify({ ...honest.implementer, steps }),
          ),
        },
        reviewer: answers("reviewer"),
      },
      { runbook: null },
    );
    expect((await lab.run("next", "--until", "review")).exitCode).toBe(0);
    const prompts = lab.evidence().filter(({ type }) => type === "prompt");
    for (const { pass, data } of prompts.filter((each) => ["plan", "review"].includes(each.pass))) {
      const shown = await runJson(lab.project, "prompt", id, pass);
      expect(shown["manifest"], pass).toEqual(data["manifest"]);
      expect(String(shown["prompt"])).not.toContain(canary);
    }
    const closer = await lab.run("prompt", id, "closer");
    expect(closer.stdout).toContain("its check is green");
  });
});
