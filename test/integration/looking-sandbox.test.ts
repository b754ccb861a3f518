import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openLookingSandbox } from "../../src/toolbox/looking-sandbox.ts";
import type { Place } from "../../src/toolbox/place.ts";
import { probeSandbox } from "../../src/workspace/sandbox.ts";
import { childrenFromNow } from "../support/children.ts";

const sandbox = await probeSandbox({});
const limits = { timeoutMs: 10_000, maxOutputBytes: 64 * 1024 };

function world() {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "nimrod-looking-")));
  for (const folder of ["worktree/below", "home", "tmp"]) mkdirSync(join(top, folder), { recursive: true });
  const root = join(top, "worktree");
  const place: Place = {
    root,
    sandbox,
    writable: true,
    home: join(top, "home"),
    tmp: join(top, "tmp"),
    readable: [],
    mounts: [],
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", MARK: top },
    commandTimeoutMs: 10_000,
  };
  const looking = openLookingSandbox(place);
  onTestFinished(async () => {
    await looking.close();
    rmSync(top, { recursive: true, force: true });
  });
  const said = async (argv: readonly string[], cwd = root): Promise<unknown> => {
    const done = await looking.exec(argv, cwd, limits);
    return done.kind === "exited" ? { code: done.code, out: done.stdout.text } : done.kind;
  };
  return { top, root, looking, said };
}

/** Processes with this world's folder in their environment: what was started for it and is still there. */
function alive(top: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`MARK=${top}`);
      } catch {
        return false; // ended meanwhile, or somebody else's
      }
    })
    .map(Number);
}

describe.runIf(sandbox.kind === "bwrap")("a sandbox at the ready", () => {
  test("runs the very words, in the folder asked for, with nothing to read and nothing to write", async () => {
    const { root, said } = world();
    const words = ["", " a b ", "two\nlines", "$(id)", "--", "*", "ü"];
    const print = ["bash", "-c", `printf '[%s]' "$@"; pwd; cat`, "print", ...words];
    const expected = { code: 0, out: `${words.map((word) => `[${word}]`).join("")}${join(root, "below")}\n` };
    expect(await said(print, join(root, "below")), "made for it").toEqual(expected);
    expect(await said(print, join(root, "below")), "made before").toEqual(expected);
    expect(await said(["touch", "here"])).toMatchObject({ code: 1 });
    expect(await said(["no-such-program"])).toMatchObject({ code: 127 });
    expect(existsSync(join(root, "here"))).toBe(false);
  });

  test("is a new one each time, and sees what was changed after it was made", async () => {
    const { root, said } = world();
    expect(await said(["bash", "-c", "echo x > /tmp/left; cat /tmp/left"])).toEqual({ code: 0, out: "x\n" });
    writeFileSync(join(root, "later"), "y\n");
    expect(await said(["cat", "later"])).toEqual({ code: 0, out: "y\n" });
    expect(await said(["cat", "/tmp/left"])).toEqual({ code: 1, out: "" });
  });

  test("is waiting after a look, alone, and gone when it is closed", async () => {
    const { top, looking, said } = world();
    expect(alive(top)).toEqual([]);
    await said(["true"]);
    await expect
      .poll(() => alive(top).length, { message: "made after the answer went out" })
      .toBeGreaterThan(0);
    await looking.close();
    expect(alive(top)).toEqual([]);
    await said(["true"]);
    expect(alive(top), "a late look leaves nothing").toEqual([]);
  });

  test("keeps the answer of a look whose worktree went away meanwhile", async () => {
    const { top, root, said } = world();
    execFileSync("mkfifo", [join(root, "pipe")]);
    const look = said(["cat", "pipe"]);
    const pipe = await open(join(root, "pipe"), "w"); // returns when the look has begun to read
    renameSync(root, join(top, "moved"));
    await pipe.writeFile("read to the end");
    await pipe.close();
    expect(await look).toEqual({ code: 0, out: "read to the end" });
    await expect(said(["true"])).rejects.toThrow(`${root} is to be shown`);
  });

  test("that was killed is replaced, two looks at once are two sandboxes, and a folder that is none is refused", async () => {
    const children = childrenFromNow();
    const { root, said } = world();
    await said(["true"]);
    await expect.poll(() => children().length).toBeGreaterThan(0);
    const waiting = children();
    for (const pid of waiting) process.kill(pid, "SIGKILL");
    await expect.poll(() => waiting.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    const both = [said(["echo", "one"]), said(["echo", "two"])];
    expect(await Promise.all(both)).toEqual([
      { code: 0, out: "one\n" },
      { code: 0, out: "two\n" },
    ]);
    await expect(said(["true"], join(root, "nowhere"))).rejects.toThrow("is not a folder");
    await expect(said(["echo", "a\0b"])).rejects.toThrow("NUL");
  });
});
