import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Action, Decision } from "../../../src/authorization/action.ts";
import { type Place, perform } from "../../../src/toolbox/perform.ts";
import { probeSandbox } from "../../../src/workspace/sandbox.ts";

const bwrap = await probeSandbox({});
const allowed: Decision = { tier: "brief", rule: "x.y", reason: "because", effects: [] };

function world() {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "nimrod-contested-")));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  for (const folder of ["worktree", "home", "tmp", "ann"]) mkdirSync(join(top, folder));
  const root = join(top, "worktree");
  const place: Place = {
    root,
    sandbox: bwrap,
    writable: true,
    contested: true,
    home: join(top, "home"),
    tmp: join(top, "tmp"),
    readable: [],
    mounts: [],
    env: { PATH: "/usr/bin:/bin" },
    commandTimeoutMs: 20_000,
  };
  const act = (action: Action) => perform(action, allowed, place, new AbortController().signal);
  return { top, root, act };
}

describe.skipIf(bwrap.kind === "none")("beside an agent with hands of its own (needs bubblewrap)", () => {
  test("files are read, written and edited as without it, and a script stays executable", async () => {
    const { root, act } = world();
    expect((await act({ kind: "write", path: "a/b.sh", content: "echo ä\n" })).status).toBe("done");
    writeFileSync(join(root, "run.sh"), "one\n", { mode: 0o755 });
    expect((await act({ kind: "edit", path: "run.sh", old: "one", new: "two" })).status).toBe("done");
    expect(await act({ kind: "read", path: "a/b.sh" })).toMatchObject({ status: "done", stdout: "echo ä\n" });
    expect(readFileSync(join(root, "run.sh"), "utf8")).toBe("two\n");
    expect(statSync(join(root, "run.sh")).mode & 0o777).toBe(0o755);
  });

  test("a link swapped in at any moment leads no write out of the worktree", async () => {
    const { top, root, act } = world();
    mkdirSync(join(root, "d"));
    const swap = `const { renameSync: mv, symlinkSync: ln, unlinkSync: rm } = require("node:fs");
      process.chdir(${JSON.stringify(root)});
      for (;;) { try { mv("d", "real"); ln(${JSON.stringify(join(top, "ann"))}, "d"); rm("d"); mv("real", "d"); } catch {} }`;
    const swapper = spawn(process.execPath, ["-e", swap], { stdio: "ignore" });
    onTestFinished(() => void swapper.kill("SIGKILL"));
    const outcomes = new Set<string>();
    for (let tries = 0; tries < 60; tries++) {
      outcomes.add((await act({ kind: "write", path: "d/pwned", content: "x" })).status);
    }
    expect(outcomes.size).toBeGreaterThan(0);
    expect(existsSync(join(top, "ann/pwned"))).toBe(false);
  });
});
