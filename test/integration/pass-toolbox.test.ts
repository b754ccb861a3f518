import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Gate } from "../../src/authorization/gate.ts";
import { openOperatorRepository } from "../../src/workspace/repository.ts";
import { createWorkspace } from "../../src/workspace/worktree.ts";
import { childrenFromNow } from "../support/children.ts";
import { operatorRepository } from "../support/operator-repository.ts";
import { machineSandbox, passToolboxWorld } from "../support/pass-toolbox-world.ts";

/** An implementer's toolbox over a real worktree. */
async function implementing(given: { gate?: Gate } = {}) {
  const repo = operatorRepository({ "app.conf": "listen 80\n" });
  const workspace = await createWorkspace({
    operator: await openOperatorRepository(repo.root),
    folder: repo.stateFolder,
    branch: "nimrod/7k3f9q",
    base: repo.head(),
  });
  const plain = await passToolboxWorld();
  const world = await passToolboxWorld({
    options: {
      workspace,
      ...(given.gate && { gate: given.gate }),
      place: {
        root: workspace.path,
        sandbox: machineSandbox,
        writable: true,
        home: plain.at("pass-home"),
        tmp: plain.at("pass-tmp"),
        readable: [...workspace.objectFolders, workspace.gitDir],
        mounts: [],
        env: {
          PATH: process.env["PATH"] ?? "/usr/bin:/bin",
          HOME: plain.at("pass-home"),
          ...workspace.gitEnv,
        },
        commandTimeoutMs: 20_000,
      },
    },
  });
  return { ...world, workspace };
}

test("a write is answered while it is committed; what runs next finds the commit, and the journal its outcome", async () => {
  const children = childrenFromNow();
  const { toolbox, workspace, journal } = await implementing();
  const before = await workspace.head();
  expect(await toolbox.perform({ kind: "write", path: "app.conf", content: "listen 81\n" })).toMatchObject({
    status: "done",
  });
  expect(await toolbox.perform({ kind: "run", argv: ["git", "log", "-1", "--format=%s"] })).toMatchObject({
    stdout: expect.stringContaining("write app.conf"),
  });
  await toolbox.perform({ kind: "edit", path: "app.conf", old: "81", new: "82" });
  await toolbox.finish();
  expect(children(), "what was kept at the ready for the next command").toEqual([]);
  const head = await workspace.head();
  expect(head).not.toBe(before);
  expect(journal.records.at(-1)).toMatchObject({ phase: "outcome", value: { commit: head, status: "done" } });
});

test("a write that cannot be committed fails the pass, although its agent was told that it is done", async () => {
  const { toolbox, workspace } = await implementing();
  renameSync(join(workspace.gitDir, "objects"), join(workspace.gitDir, "gone"));
  expect(await toolbox.perform({ kind: "write", path: "app.conf", content: "listen 81\n" })).toMatchObject({
    status: "done",
  });
  await expect(toolbox.perform({ kind: "run", argv: ["ls"] })).rejects.toThrow();
  await expect(toolbox.finish()).rejects.toThrow();
});

test.skipIf(machineSandbox.kind === "none")(
  "a command that is taken for a look cannot write, were the tables wrong about it",
  async () => {
    const wrong = { tier: "none" as const, rule: "test", reason: "a hole in the tables", effects: [] };
    const gate: Gate = {
      decide: async () => ({ kind: "go", decision: wrong, digest: "d", approval: null, assumption: null }),
      judge: async () => wrong,
    };
    const { toolbox, workspace } = await implementing({ gate });
    expect(await toolbox.perform({ kind: "run", argv: ["touch", "new.txt"] })).toMatchObject({
      status: "failed",
      stderr: expect.stringContaining("Read-only"),
    });
    expect(existsSync(join(workspace.path, "new.txt"))).toBe(false);
  },
);

test("what needs a person, or is refused, is answered with a safer command where one is known", async () => {
  const { toolbox } = await passToolboxWorld();
  const parked = await toolbox.perform({ kind: "run", command: "git clean -fd" });
  expect(parked).toMatchObject({
    status: "parked",
    reason: expect.stringContaining("; safer: git clean -nd"),
  });
  const looking = await passToolboxWorld({ mayWrite: false });
  const unknown = await looking.toolbox.perform({ kind: "run", command: "frobnicate" });
  expect(unknown.reason).not.toContain("safer");
});
