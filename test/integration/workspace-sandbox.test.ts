import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exec } from "../../src/platform/exec.ts";
import { probeSandbox, type SandboxedCommand, wrapCommand } from "../../src/workspace/sandbox.ts";
import { tempFolder } from "../support/operator-repository.ts";

const sandbox = await probeSandbox({});
const works = sandbox.kind === "bwrap";

function world() {
  const base = tempFolder();
  for (const name of ["worktree", "home", "readable", "secret"]) {
    mkdirSync(join(base, name));
    writeFileSync(join(base, name, "file"), `${name}\n`);
  }
  const run = async (script: string, more: Partial<SandboxedCommand> = {}) => {
    const wrapped = wrapCommand(sandbox, {
      file: "sh",
      args: ["-c", script],
      cwd: join(base, "worktree"),
      env: {},
      writable: [join(base, "worktree")],
      readable: [join(base, "readable")],
      home: join(base, "home"),
      network: false,
      ...more,
    });
    const outcome = await exec({ ...wrapped, cwd: base, timeoutMs: 10_000, maxOutputBytes: 20_000 });
    if (outcome.kind !== "exited") throw new Error(JSON.stringify(outcome));
    return { code: outcome.code, stdout: outcome.stdout.text, stderr: outcome.stderr.text };
  };
  return { base, run };
}

test("the probe says why there is none", async () => {
  expect(await probeSandbox({ NIMROD_SANDBOX: "none" })).toEqual({
    kind: "none",
    why: "NIMROD_SANDBOX=none is set",
  });
  if (sandbox.kind === "bwrap") expect(sandbox.version).toMatch(/^\d+\.\d+/);
  else expect(sandbox.why).not.toBe("");
});

test("without a sandbox the command stays itself, with its own home", () => {
  const base = tempFolder();
  const wrapped = wrapCommand(
    { kind: "none", why: "test" },
    {
      file: "make",
      args: ["x"],
      cwd: base,
      env: { A: "1", PATH: "/bin" },
      writable: [],
      readable: [],
      home: base,
      network: false,
    },
  );
  expect(wrapped).toEqual({ file: "make", args: ["x"], env: { A: "1", PATH: "/bin", HOME: base } });
});

test("what a loader or libc obeys is set inside only, never for bwrap itself", () => {
  const home = tempFolder();
  const env = { LD_PRELOAD: "./evil.so", LD_LIBRARY_PATH: ".", GCONV_PATH: ".", API_KEY: "canary" };
  const wrapped = wrapCommand(
    { kind: "bwrap", file: "/usr/bin/bwrap", version: "0" },
    { file: "true", args: [], cwd: home, env, writable: [], readable: [], home, network: false },
  );
  expect(Object.keys(wrapped.env).sort()).toEqual(["API_KEY", "HOME", "NIMROD_SANDBOX_ID", "PATH", "TMPDIR"]);
  expect(wrapped.args.join(" ")).toContain("--setenv LD_PRELOAD ./evil.so");
  expect(wrapped.args.join(" ")).not.toContain("canary");
});

describe.skipIf(!works)("in the sandbox", () => {
  test("only what is shown exists", async () => {
    const { base, run } = world();
    const { stdout } = await run(`ls ${base}; ls -A /tmp; ls / /etc`);
    const [shown, rest = ""] = [stdout.split("\n").slice(0, 3), stdout];
    expect(shown).toEqual(["home", "readable", "worktree"]);
    expect(rest).not.toMatch(/^(shadow|ssh|sudoers|root|srv|boot|sys)$/m);
    const secrets = [
      join(base, "secret/file"),
      "/etc/shadow",

      "/proc/1/root/etc/shadow",
    ];
    for (const path of secrets) expect((await run(`ls -ld ${path}`)).code, path).not.toBe(0);
  });

  test("only the writable folders and the home can be changed, and a write elsewhere fails loudly", async () => {
    const { base, run } = world();
    expect((await run(`echo x > made && echo x > $HOME/made && echo x > /tmp/made`)).code).toBe(0);
    expect(existsSync(join(base, "worktree/made"))).toBe(true);
    expect(existsSync(join(base, "home/made"))).toBe(true);
    for (const path of [join(base, "readable/file"), "/new", "/usr/new", "/etc/passwd", "/bin/new"]) {
      expect((await run(`echo x > ${path}`)).code, path).not.toBe(0);
    }
    expect(readFileSync(join(base, "readable/file"), "utf8")).toBe("readable\n");
    // The machine's /tmp is not the sandbox's: what is written beside the shown folders there never gets out.
    await run(`echo x > ${base}/new`);
    expect(existsSync(join(base, "new"))).toBe(false);
  });

  test("a folder inside another is never covered by it, and the inner one's rights hold", async () => {
    const { base, run } = world();
    mkdirSync(join(base, "worktree/deps"));
    writeFileSync(join(base, "worktree/deps/file"), "x\n");
    const more = { readable: [join(base, "worktree/deps")], writable: [join(base, "worktree")] };
    expect((await run("echo x > top && ! echo x > deps/file", more)).code).toBe(0);
    const mounts = [{ from: join(base, "readable"), to: join(base, "worktree/deps") }];
    expect((await run("cat deps/file", { mounts })).stdout).toBe("readable\n");
  });

  test("there is no network unless it is opened", async () => {
    const { run } = world();
    const interfaces = async (network: boolean) => (await run("cat /proc/net/dev", { network })).stdout;
    expect((await interfaces(false)).match(/^\s*\S+:/gm)).toEqual([expect.stringContaining("lo:")]);
    expect((await interfaces(true)).split("\n").length).toBeGreaterThanOrEqual(
      (await interfaces(false)).split("\n").length,
    );
    expect((await run("test -e /etc/resolv.conf")).code).not.toBe(0);
  });

  test("the environment is the given one, secrets stay off the command line, and bwrap obeys none of it", async () => {
    const { run } = world();
    const env = { API_KEY: "canary", LD_PRELOAD: "/no/such.so", LC_ALL: "C" };
    const { stdout, stderr } = await run("env; tr '\\0' ' ' < /proc/1/cmdline", { env });
    expect(stdout).toMatch(/^API_KEY=canary$/m);
    expect(stdout.split("bwrap ")[1]).not.toContain("canary");
    expect(stdout.match(/^\w+(?==)/gm)?.sort()).toEqual([
      "API_KEY",
      "HOME",
      "LC_ALL",
      "LD_PRELOAD",
      "PATH",
      "PWD",
      "TMPDIR",
    ]);
    expect(stderr).toContain("LD_PRELOAD");
  });

  test("node runs, other processes are not there, and a missing program is 127", async () => {
    const { run } = world();
    expect((await run("node -p 6*7")).stdout).toBe("42\n");
    expect(Number((await run("ls /proc | grep -c '^[0-9]'")).stdout)).toBeLessThan(8);
    expect((await run(`kill -0 ${process.pid}`)).code).not.toBe(0);
    expect((await run("", { file: "no-such-program", args: [] })).code).toBe(127);
    expect((await run("", { file: "/etc/passwd", args: [] })).code).toBe(126);
  });

  test("what does not exist cannot be shown", () => {
    const { base, run } = world();
    const missing = join(base, "none");
    return expect(run("true", { readable: [missing] })).rejects.toMatchObject({ code: "failed" });
  });

  test("privileges are gone: no mount, no device, no other root", async () => {
    const { run } = world();
    for (const attempt of [
      "mount -t tmpfs none /tmp",
      "mknod /tmp/sda b 8 0",
      "chroot / true",
      "unshare -n true",
    ]) {
      if (attempt.startsWith("unshare")) continue; // a new user namespace is the kernel's to allow
      expect((await run(attempt)).code, attempt).not.toBe(0);
    }
    expect((await run("grep CapEff /proc/self/status")).stdout).toMatch(/CapEff:\s+0+$/m);
  });

  test("kill -9 of Nimrod leaves nothing, whatever the command did to escape, and a bystander lives", async () => {
    const { base } = world();
    const marker = `${process.pid}.4242`; // a sleep of a length nobody else asks for
    const escapes = `setsid sh -c 'nohup sleep 7${marker} & setsid nohup sleep 7${marker} &' & nohup sleep 7${marker} > /dev/null 2>&1 & (sh -c 'sleep 7${marker} &' &); while [ $(pgrep -fc "^sleep 7${marker}") -lt 4 ]; do :; done; touch on; sleep 60`;
    const source = join(import.meta.dirname, "../../src");
    writeFileSync(
      join(base, "parent.mts"),
      `import { exec } from ${JSON.stringify(join(source, "platform/exec.ts"))};
       import { wrapCommand } from ${JSON.stringify(join(source, "workspace/sandbox.ts"))};
       const wrapped = wrapCommand(${JSON.stringify(sandbox)}, { file: "sh", args: ["-c", ${JSON.stringify(escapes)}],
         cwd: "${base}/worktree", env: {}, writable: ["${base}/worktree"], readable: [], home: "${base}/home", network: false });
       await exec({ ...wrapped, cwd: "/", timeoutMs: 60000, maxOutputBytes: 1000 });`,
    );
    const bystander = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    const parent = spawn(process.execPath, [join(base, "parent.mts")], { stdio: "ignore" });
    const survivors = async (): Promise<number> => {
      const args = ["-fc", `^sleep 7${marker}`];
      const found = await exec({
        file: "pgrep",
        args,
        cwd: "/",
        env: { PATH: "/usr/bin:/bin" },
        timeoutMs: 5_000,
        maxOutputBytes: 100,
      });
      return found.kind === "exited" ? Number(found.stdout.text) : Number.NaN;
    };
    const until = async (claim: () => Promise<boolean>): Promise<boolean> => {
      const began = performance.now();
      while (!(await claim())) if (performance.now() - began > 5_000) return false;
      return true;
    };
    expect(await until(async () => existsSync(join(base, "worktree/on")))).toBe(true);
    expect(await survivors()).toBeGreaterThanOrEqual(4);
    parent.kill("SIGKILL");
    expect(await until(async () => (await survivors()) === 0)).toBe(true);
    expect(bystander.exitCode).toBeNull();
    expect(bystander.signalCode).toBeNull();
    bystander.kill("SIGKILL");
  });
});
