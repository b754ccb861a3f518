import { join } from "node:path";
import { expect, test } from "vitest";
import { openApprovals } from "../../src/authorization/approvals.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { repositoryStateFolder, stateHome } from "../../src/platform/paths.ts";
import { nimrod, nimrodJson } from "../support/run-nimrod.ts";
import { tempProject } from "../support/temp-project.ts";

test("an approval's document is called approval, and says of which kind the request is", async () => {
  const project = tempProject({ git: false });
  const folder = join(repositoryStateFolder(project.env, project.root), "approvals");
  const approvals = openApprovals({ folder, stateHome: stateHome(project.env), clock: systemClock });
  const { id } = await approvals.request({
    kind: "consent",
    ticket: null,
    run: null,
    requester: "triager/1",
    items: [
      {
        digest: "d1",
        title: "Send this repository to a vendor",
        runs: ["claude"],
        where: "here",
        tier: "explicit",
        rule: "consent",
        reason: "its content leaves the machine",
        effects: [],
        undo: null,
      },
    ],
  });
  const at = { cwd: project.root, env: project.env };
  const listed = await nimrodJson(["approvals"], at);
  expect(listed).toMatchObject({ kind: "approvals", approvals: [{ id, kind: "consent", state: "pending" }] });
  const denied = await nimrodJson(["deny", id, "--reason", "not now"], at);
  expect(denied).toMatchObject({ exitCode: 0, kind: "approval", requestKind: "consent", denied: "not now" });
  expect(await nimrod(["approve", "A-9"], at)).toMatchObject({ exitCode: 4 });
});
