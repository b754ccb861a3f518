import { expect, test } from "vitest";
import {
  answers,
  describeSandboxed,
  greeting,
  honest,
  id,
  type Mode,
  obedient,
  scene,
} from "../support/scripted-roles.ts";

/** The same scaffolding as in the tests of misbehaving agents, behaving: a false alarm fails here. */

const slow = 60_000;

describeSandboxed("honest agents", () => {
  test.each<Mode>(["once", "stream"])(
    "in all six roles take a ticket to review, and it closes (%s)",
    { timeout: slow },
    async (mode) => {
      const roles = ["triager", "researcher", "planner", "reviewer", "closer"] as const;
      const scripts = Object.fromEntries(roles.map((role) => [role, answers(role, mode)]));
      const lab = await scene({ ...scripts, implementer: obedient(mode) }, { runbook: null });
      const next = await lab.run("next");
      expect([next.exitCode, lab.ticket().status]).toEqual([0, "in_review"]);
      const agents = lab.evidence().filter(({ type }) => type === "result");
      expect(agents).toHaveLength(6);
      const close = await lab.run("close", id);
      expect([close.exitCode, lab.ticket().status]).toEqual([0, "closed"]);
      expect(lab.project.read("greeting.txt")).toBe("hello\n");
      expect((await lab.run("verify", id)).exitCode).toBe(0);
    },
  );

  test("settle a finding in a second round", { timeout: slow }, async () => {
    const finding = { id: "F1", severity: "major", text: "the greeting has no name" };
    const changes = { ...honest.reviewer, verdict: "changes", findings: [{ ...finding, status: "new" }] };
    const approve = { ...honest.reviewer, findings: [{ ...finding, status: "closed" }] };
    const body = `await finish(reviewRound === 1 ? ${JSON.stringify(changes)} : ${JSON.stringify(approve)});`;
    const edit = { kind: "edit", path: "greeting.txt", old: "hello\n", new: "hello Sara\n" };
    const lab = await scene(
      {
        researcher: answers("researcher"),
        planner: answers("planner"),
        implementer: {
          mode: "stream",
          body: `await act(reviewRound === 1 ? [${JSON.stringify(greeting)}] : [${JSON.stringify(edit)}]);
            if (reviewRound === 2 && !prompt.includes("the greeting has no name")) throw new Error("not told what to repair");
            await finish(${JSON.stringify(honest.implementer)});`,
        },
        reviewer: { mode: "stream", body },
      },
      { runbook: null },
    );
    const next = await lab.run("next");
    expect([next.exitCode, lab.ticket().status]).toEqual([0, "in_review"]);
    expect((await lab.run("close", id)).exitCode).toBe(0);
    expect(lab.project.read("greeting.txt")).toBe("hello Sara\n");
  });
});
