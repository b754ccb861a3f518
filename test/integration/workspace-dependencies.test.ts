import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exec } from "../../src/platform/exec.ts";
import { cleanCheckout } from "../../src/workspace/checkout.ts";
import { ensureMountPoints, prepareDependencies } from "../../src/workspace/dependencies.ts";
import { openOperatorRepository } from "../../src/workspace/repository.ts";
import { probeSandbox, wrapCommand } from "../../src/workspace/sandbox.ts";
import { createWorkspace } from "../../src/workspace/worktree.ts";
import { operatorRepository, tempFolder } from "../support/operator-repository.ts";

async function world(setup: string[]) {
  const repo = operatorRepository({
    "package-lock.json": "{}\n",
    "src/a.js": "a\n",
    ".gitignore": "node_modules/\n",
  });
  const operator = await openOperatorRepository(repo.root);
  const workspace = await createWorkspace({
    operator,
    folder: repo.stateFolder,
    branch: "nimrod/x",
    base: repo.head(),
  });
  const sandbox = await probeSandbox({});
  const options = {
    workspace,
    commit: repo.head(),
    setup,
    cacheFolder: join(repo.base, "cache"),
    sandbox,
    env: {},
  };
  return { repo, workspace, sandbox, options };
}

test("set-up runs once for each state of the lockfiles, and what it made is shown read-only", async () => {
  const { repo, workspace, sandbox, options } = await world([
    "mkdir -p node_modules/tool && echo installed > node_modules/tool/index.js && echo x >> src/a.js",
    "mkdir -p packages/p/node_modules/q && echo q > packages/p/node_modules/q/q.js",
  ]);
  const first = await prepareDependencies(options);
  expect(first).toMatchObject({ kind: "ready", cached: false });
  if (first.kind !== "ready") return;
  expect(first.mounts.map(({ to }) => to)).toEqual(["node_modules", "packages"]);
  expect(await prepareDependencies(options)).toEqual({ ...first, cached: true });

  const { path, objectFolders } = await cleanCheckout({
    workspace,
    commit: repo.head(),
    folder: join(repo.base, "checkout"),
  });
  await ensureMountPoints(path, first.mounts);
  const home = tempFolder();
  const wrapped = wrapCommand(sandbox, {
    file: "sh",
    args: ["-c", "cat node_modules/tool/index.js src/a.js; echo no > node_modules/tool/index.js"],
    cwd: path,
    env: {},
    writable: [path],
    readable: objectFolders,
    home,
    network: false,
    mounts: first.mounts.map(({ from, to }) => ({ from, to: join(path, to) })),
  });
  const ran = await exec({ ...wrapped, cwd: path, timeoutMs: 10_000, maxOutputBytes: 4_096 });
  expect(ran).toMatchObject({ kind: "exited", stdout: { text: "installed\na\n" } });
  expect(readFileSync(join(first.mounts[0]!.from, "tool/index.js"), "utf8")).toBe("installed\n");

  writeFileSync(join(workspace.path, "package-lock.json"), '{"changed":true}\n');
  const commit = await workspace.commitAll({ message: "Lock" });
  const second = await prepareDependencies({ ...options, commit: commit! });
  expect(second).toMatchObject({ kind: "ready", cached: false });
  writeFileSync(join(workspace.path, "src/a.js"), "other\n");
  const third = await workspace.commitAll({ message: "Not a lockfile" });
  expect(await prepareDependencies({ ...options, commit: third! })).toMatchObject({
    kind: "ready",
    cached: true,
  });
});

test("without set-up there is nothing, and a failing one says which command and leaves nothing", async () => {
  const { options } = await world(["true", "echo broken >&2; exit 7"]);
  expect(await prepareDependencies({ ...options, setup: [] })).toEqual({ kind: "none" });
  expect(await prepareDependencies(options)).toEqual({
    kind: "failed",
    command: "echo broken >&2; exit 7",
    reason: "exit 7",
    output: "broken\n",
  });
  expect(existsSync(options.cacheFolder) ? readdirSync(options.cacheFolder) : []).toEqual([]);
});
