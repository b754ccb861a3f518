import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { type ExecOutcome, exec, startLines } from "../../src/platform/exec.ts";
import { tempFolder } from "../support/operator-repository.ts";

const execModule = join(import.meta.dirname, "../../src/platform/exec.ts");
const env = { PATH: "/usr/local/bin:/usr/bin:/bin" };

function run(script: string, more: Partial<Parameters<typeof exec>[0]> = {}): Promise<ExecOutcome> {
  const request = {
    file: "sh",
    args: ["-c", script],
    cwd: "/",
    env,
    timeoutMs: 20_000,
    maxOutputBytes: 10_000,
  };
  return exec({ ...request, ...more });
}

async function timed<T>(work: Promise<T>): Promise<{ result: T; ms: number }> {
  const began = performance.now();
  const result = await work;
  return { result, ms: performance.now() - began };
}

/** What a process that does nothing takes here and now, ten times: on a busy machine everything ends later. */
async function slack(): Promise<number> {
  return 10 * (await timed(run("true"))).ms;
}

/** Gone, or only waiting to be collected by whoever adopted it. */
function isGone(pid: number): boolean {
  try {
    return /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return true;
  }
}

async function until(claim: () => boolean, limitMs = 5_000): Promise<boolean> {
  const began = performance.now();
  while (!claim()) {
    if (performance.now() - began > limitMs) return false;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return true;
}

describe("a program's end", () => {
  test.each([
    ["exit 0", { kind: "exited", code: 0 }],
    ["exit 3", { kind: "exited", code: 3 }],
    ["kill -KILL $$", { kind: "signaled", signal: "SIGKILL" }],
    ["kill -TERM $$", { kind: "signaled", signal: "SIGTERM" }],
  ])("%s is %j", async (script, end) => {
    expect(await run(script)).toMatchObject(end);
  });

  test("keeps stdout and stderr apart, with length and hash", async () => {
    const sha256 = createHash("sha256").update("out\n").digest("hex");
    expect(await run("echo out; echo err >&2")).toMatchObject({
      stdout: { text: "out\n", bytes: 4, sha256, truncated: false },
      stderr: { text: "err\n" },
    });
  });

  test("a missing program, one that is none and a missing folder are three things", async () => {
    expect(await run("", { file: "no-such-program" })).toEqual({
      kind: "missing",
      message: "no-such-program: no such program",
    });
    expect(await run("", { file: "/etc/passwd" })).toMatchObject({ kind: "missing" });
    await expect(run("", { cwd: "/no/such/folder" })).rejects.toMatchObject({ code: "io" });
  });

  test("a NUL byte in an argument is refused, not cut off", async () => {
    await expect(run("", { args: ["-c", "echo a\0b"] })).rejects.toMatchObject({ code: "failed" });
  });

  test("the environment is what was given and no more", async () => {
    const outcome = await run("", { file: "env", args: [], env: { ...env, A: "1" } });
    expect(outcome).toMatchObject({ stdout: { text: `PATH=${env.PATH}\nA=1\n` } });
  });

  test("input is given whole, and one that nobody reads is no failure", async () => {
    const input = "x".repeat(300_000);
    expect(await run("wc -c", { stdin: input })).toMatchObject({ stdout: { text: "300000\n" } });
    expect(await run("exit 0", { stdin: input })).toMatchObject({ kind: "exited", code: 0 });
    expect(await run("cat")).toMatchObject({ kind: "exited", code: 0, stdout: { bytes: 0 } });
  });

  test("bytes that are no UTF-8 stay visible", async () => {
    expect(await run("printf 'a\\377b'")).toMatchObject({ stdout: { text: "a\uFFFDb", bytes: 3 } });
  });
});

describe("limits", () => {
  test("a limit of 3 s holds within 4 s while a grandchild holds stdout for 60", async () => {
    const { result, ms } = await timed(run("sleep 60 & sleep 60", { timeoutMs: 3_000 }));
    expect(result.kind).toBe("timeout");
    expect(ms).toBeLessThan(4_000 + (await slack()));
  });

  test("an exit is an exit: what was left in the background is killed and delays nothing", async () => {
    const { result, ms } = await timed(run("sleep 60 & echo $!; exit 5"));
    expect(result).toMatchObject({ kind: "exited", code: 5 });
    expect(ms).toBeLessThan(2_000 + (await slack()));
    const pid = result.kind === "exited" ? Number(result.stdout.text) : 0;
    expect(pid).toBeGreaterThan(1);
    expect(await until(() => isGone(pid))).toBe(true);
  });

  test("a process that left the group and holds the pipes delays nothing either", async () => {
    const folder = tempFolder();
    const script = `setsid sh -c 'echo $$ > ${folder}/pid; touch ${folder}/on; exec sleep 60' & while [ ! -e ${folder}/on ]; do :; done; echo said`;
    const { result, ms } = await timed(run(script));
    expect(result).toMatchObject({ kind: "exited", code: 0, stdout: { text: "said\n" } });
    expect(ms).toBeLessThan(3_000 + (await slack()));
    process.kill(Number(readFileSync(join(folder, "pid"), "utf8")), "SIGKILL");
  });

  test("one that ignores the polite signal gets the other", async () => {
    const { result, ms } = await timed(run("trap '' TERM; while :; do sleep 1; done", { timeoutMs: 200 }));
    expect(result.kind).toBe("timeout");
    expect(ms).toBeLessThan(2_500 + (await slack()));
  });

  test("silence is idle, and any byte on either stream is not silence", async () => {
    expect((await run("sleep 60", { idleMs: 200 })).kind).toBe("idle");
    const talks = "for i in 1 2 3 4; do sleep 0.2; echo . >&2; done";
    expect(await run(talks, { idleMs: 2_000 })).toMatchObject({ kind: "exited", code: 0 });
  });

  test("a cancellation stops it, also one that came before", async () => {
    const abort = new AbortController();
    const running = run("sleep 60", { signal: abort.signal });
    abort.abort();
    expect((await running).kind).toBe("cancelled");
    expect((await run("touch /never", { signal: abort.signal })).kind).toBe("cancelled");
  });

  test("a flood is stopped when asked, and else read to its end", async () => {
    expect(await run("yes", { killOnFlood: true })).toMatchObject({
      kind: "flood",
      stdout: { truncated: true },
    });
    const outcome = await run("yes | head -c 1000000");
    expect(outcome).toMatchObject({ kind: "exited", stdout: { bytes: 1_000_000, truncated: true } });
  });

  test.each([
    ["one endless line", "head -c 300000000 /dev/zero"],
    ["bytes that are no UTF-8", "head -c 300000000 /dev/zero | tr '\\000' '\\377'"],
  ])("300 MB of %s pass in under 150 MB of memory", async (_, script) => {
    const folder = tempFolder();
    const source = `import { readFileSync } from "node:fs";
      import { exec } from ${JSON.stringify(execModule)};
      const done = await exec({ file: "sh", args: ["-c", process.argv[2]], cwd: "/", env: ${JSON.stringify(env)},
        timeoutMs: 60000, maxOutputBytes: 1000000 });
      const peak = /VmHWM:\\s+(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1];
      console.log(JSON.stringify({ kind: done.kind, bytes: done.stdout.bytes, peak: peak / 1000 }));`;
    // Bundled as it ships: reading TypeScript would cost 25 MB of its own.
    await build({
      stdin: { contents: source, resolveDir: import.meta.dirname },
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: join(folder, "flood.mjs"),
      banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
      logLevel: "error",
    });
    const said: unknown = JSON.parse(
      execFileSync(process.execPath, [join(folder, "flood.mjs"), script], { encoding: "utf8" }),
    );
    expect(said).toMatchObject({ kind: "exited", bytes: 300_000_000 });
    expect((said as { peak: number }).peak).toBeLessThan(150);
  });
});

describe("a program that is talked to", () => {
  const limits = { idleMs: 5_000, deadlineMs: 10_000, maxBytes: 1_000 };
  const start = (script: string) => startLines({ file: "sh", args: ["-c", script], cwd: "/", env });

  test("answers line by line, says its last words and ends", async () => {
    const child = start(
      'while read line; do echo "got $line"; [ "$line" = end ] && break; done; echo oops >&2; printf last; exit 4',
    );
    await child.write("one");
    expect(await child.nextLine(limits)).toEqual({ kind: "line", text: "got one" });
    await child.write("end");
    expect(await child.nextLine(limits)).toEqual({ kind: "line", text: "got end" });
    expect(await child.nextLine(limits)).toEqual({ kind: "line", text: "last" });
    expect(await child.nextLine(limits)).toEqual({ kind: "eof" });
    expect(await child.ended).toEqual({ kind: "exited", code: 4 });
    expect(child.stderrTail()).toBe("oops\n");
    await expect(child.write("late")).rejects.toMatchObject({ code: "failed" });
  });

  test("stops at once with its children, and a missing one says so", async () => {
    const child = start("sleep 60 & echo $!; wait");
    const answer = await child.nextLine(limits);
    const pid = answer.kind === "line" ? Number(answer.text) : 0;
    expect(await child.stop()).toMatchObject({ kind: "signaled" });
    expect(await until(() => isGone(pid))).toBe(true);
    const missing = startLines({ file: "no-such-program", args: [], cwd: "/", env });
    expect(await missing.nextLine(limits)).toEqual({ kind: "eof" });
    expect((await missing.ended).kind).toBe("missing");
  });

  test("stderr is no silence, and a line beyond the limit is a flood", async () => {
    const talks = start("for i in 1 2 3 4 5; do sleep 0.2; echo . >&2; done; echo done");
    expect(await talks.nextLine({ ...limits, idleMs: 800 })).toEqual({ kind: "line", text: "done" });
    const floods = start("head -c 5000 /dev/zero; sleep 60");
    expect(await floods.nextLine(limits)).toEqual({ kind: "flood" });
    await floods.stop();
  });

  test("lines written just before the end are not lost, however many", async () => {
    const child = start('i=0; while [ $i -lt 3000 ]; do echo "line $i"; i=$((i+1)); done');
    await child.ended;
    for (let i = 0; i < 3_000; i += 1) {
      expect(await child.nextLine(limits)).toEqual({ kind: "line", text: `line ${i}` });
    }
    expect(await child.nextLine(limits)).toEqual({ kind: "eof" });
  });
});

test("when Nimrod leaves by a signal, what it had started goes with it, and a bystander stays", async () => {
  const folder = tempFolder();
  const script = join(folder, "parent.mts");
  writeFileSync(
    script,
    `import { writeFileSync } from "node:fs";
     import { exec } from ${JSON.stringify(execModule)};
     void exec({ file: "sh", args: ["-c", "sleep 60 & echo $! > ${folder}/child; sleep 60"], cwd: "/",
       env: ${JSON.stringify(env)}, timeoutMs: 60000, maxOutputBytes: 100 });
     writeFileSync("${folder}/watching", "");`,
  );
  const bystander = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
  const parent = spawn(process.execPath, [script], { stdio: "ignore" });
  const file = join(folder, "child");
  const started = (): boolean =>
    existsSync(join(folder, "watching")) && existsSync(file) && readFileSync(file, "utf8").trim() !== "";
  expect(await until(started)).toBe(true);
  const child = Number(readFileSync(file, "utf8"));
  parent.kill("SIGTERM");
  expect(await until(() => isGone(child))).toBe(true);
  expect(isGone(bystander.pid!)).toBe(false);
  bystander.kill("SIGKILL");
});
