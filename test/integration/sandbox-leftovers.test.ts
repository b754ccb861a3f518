import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { exec } from "../../src/platform/exec.ts";
import { probeSandbox, wrapCommand } from "../../src/workspace/sandbox.ts";

function carrying(text: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "latin1").includes(text);
    } catch {
      return false; // ended, or somebody else's
    }
  });
}

test("a sandbox that is stopped while it is being set up leaves nothing behind", async () => {
  const sandbox = await probeSandbox({ ...process.env });
  const home = realpathSync(mkdtempSync(join(tmpdir(), "nimrod-leftovers-")));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", BYSTANDER_TO: home };
  // From before the first system call to well after the last: the worst moment is somewhere in between.
  for (let after = 0; after < 30; after++) {
    const command = {
      file: "sleep",
      args: ["60"],
      cwd: home,
      env,
      home,
      writable: [],
      readable: [],
      network: false,
    };
    const wrapped = wrapCommand(sandbox, command);
    const stop = new AbortController();
    const ending = exec({
      ...wrapped,
      cwd: home,
      timeoutMs: 30_000,
      maxOutputBytes: 1_000,
      signal: stop.signal,
    });
    setTimeout(() => stop.abort(), after / 2);
    expect((await ending).kind).toBe("cancelled");
  }
  expect(carrying(`BYSTANDER_TO=${home}`)).toEqual([]);
});

test("what marks a sandbox from outside cannot be read inside", async () => {
  const sandbox = await probeSandbox({ ...process.env });
  const home = realpathSync(mkdtempSync(join(tmpdir(), "nimrod-leftovers-")));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const command = {
    file: "env",
    args: [],
    cwd: home,
    env: {},
    home,
    writable: [],
    readable: [],
    network: false,
  };
  const done = await exec({
    ...wrapCommand(sandbox, command),
    cwd: home,
    timeoutMs: 30_000,
    maxOutputBytes: 10_000,
  });
  expect(done).toMatchObject({ kind: "exited", code: 0 });
  expect(JSON.stringify(done)).not.toContain("NIMROD_SANDBOX_ID");
});
