import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Action, Decision } from "../../../src/authorization/action.ts";
import { type Performed, type Place, perform, vantageOf } from "../../../src/toolbox/perform.ts";
import { probeSandbox } from "../../../src/workspace/sandbox.ts";

const allowed: Decision = { tier: "brief", rule: "x.y", reason: "because", effects: [] };
const none = { kind: "none", why: "the test says so" } as const;
const bwrap = await probeSandbox({});

/** A worktree between things that are not the pass's business. */
function world(given: Partial<Place> = {}) {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "nimrod-perform-")));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  const at = (path: string) => join(top, path);
  for (const folder of ["worktree/sub", "pass-home", "pass-tmp", "state", "ann", "deps"])
    mkdirSync(at(folder), { recursive: true });
  writeFileSync(at("state/approval.pem"), "SECRET-key");
  writeFileSync(at("ann/notes.txt"), "SECRET-notes");
  writeFileSync(at("worktree/app.conf"), "listen 80\n");
  const place: Place = {
    root: at("worktree"),
    sandbox: none,
    writable: true,
    home: at("pass-home"),
    tmp: at("pass-tmp"),
    readable: [],
    mounts: [],
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C.UTF-8" },
    commandTimeoutMs: 20_000,
    ...given,
  };
  return {
    at,
    place,
    do: (action: Action, decision = allowed) =>
      perform(action, decision, place, new AbortController().signal),
    /** Everything outside the worktree, as text. */
    outside: () =>
      ["state", "ann", "pass-home", "pass-tmp", "."]
        .flatMap((folder) => readdirSync(at(folder)).map((name) => `${folder}/${name}`))
        .sort(),
  };
}

const write = (path: string, content = "new"): Action => ({ kind: "write", path, content });
const edit = (path: string, old: string, text: string): Action => ({ kind: "edit", path, old, new: text });
const read = (path: string): Action => ({ kind: "read", path });
const shell = (command: string): Extract<Action, { kind: "run" }> => ({ kind: "run", command });
const said = (done: Performed) => `${done.status}: ${done.reason}`;

describe("reading by lines", () => {
  const lines = (path: string): Action => ({ kind: "read", path, offset: 1, limit: 10 });

  test.each([
    [300_000, "is whole, so that its lines can be counted", 300_000, false],
    [1_200_000, "is read up to what is redacted at a time, and said to be longer", 1024 * 1024, true],
  ])("a file of %i bytes %s", async (size, _what, kept, truncated) => {
    const { at, do: act } = world();
    writeFileSync(at("worktree/large.txt"), "x".repeat(size));
    const done = await act(lines("large.txt"));
    expect({ length: done.stdout.length, truncated: done.truncated }).toEqual({ length: kept, truncated });
  });
});

describe("writing and editing in the worktree", () => {
  test("a new file gets its folders, an old one its new content", async () => {
    const { at, do: act } = world();
    expect(await act(write("a/b/c.txt", "ä\n"))).toMatchObject({ status: "done", exit: null });
    expect(await act(write("app.conf", "listen 443\n"))).toMatchObject({ status: "done" });
    expect(readFileSync(at("worktree/a/b/c.txt"), "utf8")).toBe("ä\n");
    expect(readFileSync(at("worktree/app.conf"), "utf8")).toBe("listen 443\n");
  });

  test.each([0o755, 0o640])("a file keeps its mode %o", async (mode) => {
    const { at, do: act } = world();
    chmodSync(at("worktree/app.conf"), mode);
    await act(write("app.conf"));
    await act(edit("app.conf", "new", "newer"));
    expect(statSync(at("worktree/app.conf")).mode & 0o777).toBe(mode);
  });

  test("an edit changes its one place and no other byte", async () => {
    const { at, do: act } = world();
    const before = "\ufeffa\r\nb ä\r\n$& c";
    writeFileSync(at("worktree/x"), before);
    expect(await act(edit("x", "b ä", "$& $1"))).toMatchObject({ status: "done" });
    expect(readFileSync(at("worktree/x"), "utf8")).toBe("\ufeffa\r\n$& $1\r\n$& c");
  });

  test.each([
    ["text that is not there", "listen 443", "app.conf does not hold the text to replace"],
    ["no text", "", "app.conf does not hold the text to replace"],
    ["text that is there twice", "a", "app.conf holds the text to replace more than once"],
    ["text that overlaps itself", "aXa", "app.conf holds the text to replace more than once"],
  ])("an edit of %s is refused and changes nothing", async (_, old, reason) => {
    const { at, do: act } = world();
    writeFileSync(at("worktree/app.conf"), "aXaXa");
    expect(said(await act(edit("app.conf", old, "y")))).toBe(`failed: ${reason}`);
    expect(readFileSync(at("worktree/app.conf"), "utf8")).toBe("aXaXa");
  });

  test("an edit of bytes that are no text is refused", async () => {
    const { at, do: act } = world();
    writeFileSync(at("worktree/x"), Buffer.from([0x61, 0xff, 0x62]));
    expect(said(await act(edit("x", "a", "c")))).toBe("failed: x is not UTF-8 text");
    expect([...readFileSync(at("worktree/x"))]).toEqual([0x61, 0xff, 0x62]);
  });

  test("more than four megabytes are refused", async () => {
    const { at, do: act } = world();
    expect((await act(write("big", "x".repeat(4 * 1024 * 1024 + 1)))).status).toBe("failed");
    expect(existsSync(at("worktree/big"))).toBe(false);
  });
});

describe("nothing outside the worktree is touched or read", () => {
  const traps: [
    how: string,
    path: string | ((at: (path: string) => string) => string),
    set?: (at: (path: string) => string) => void,
  ][] = [
    ["by climbing", "../ann/notes.txt"],
    ["by climbing from below", "sub/../../ann/notes.txt"],
    ["by an absolute path", (at) => at("ann/notes.txt")],
    [
      "by the name of a neighbour that begins alike",
      "../worktree-2/notes.txt",
      (at) => mkdirSync(at("worktree-2")),
    ],
    ["through a symlinked folder", "link/notes.txt", (at) => symlinkSync(at("ann"), at("worktree/link"))],
    [
      "through a symlinked folder, to a new file",
      "link/new.txt",
      (at) => symlinkSync(at("ann"), at("worktree/link")),
    ],
    [
      "through a symlinked folder, to a new folder",
      "link/deep/new.txt",
      (at) => symlinkSync(at("ann"), at("worktree/link")),
    ],
    ["through a relative symlink", "link/notes.txt", (at) => symlinkSync("../ann", at("worktree/link"))],
    [
      "through a symlinked file",
      "link.txt",
      (at) => symlinkSync(at("ann/notes.txt"), at("worktree/link.txt")),
    ],
    [
      "through a dangling symlink",
      "link.txt",
      (at) => symlinkSync(at("ann/new.txt"), at("worktree/link.txt")),
    ],
    [
      "through a dangling symlink as a folder",
      "link/new.txt",
      (at) => symlinkSync(at("ann/new"), at("worktree/link")),
    ],
    [
      "through a chain of symlinks",
      "one/notes.txt",
      (at) => {
        symlinkSync(at("worktree/two"), at("worktree/one"));
        symlinkSync(at("ann"), at("worktree/two"));
      },
    ],
    ["through a symlink that leads to itself", "loop", (at) => symlinkSync("loop", at("worktree/loop"))],
    ["with a NUL byte", "app.conf\0../../ann/notes.txt"],
    ["at the worktree's own folder", "."],
  ];
  test.each(traps)("%s", async (_, given, set) => {
    const { at, do: act, outside } = world();
    set?.(at);
    const path = typeof given === "string" ? given : given(at);
    const before = outside();
    for (const action of [write(path), edit(path, "SECRET", "x"), read(path)]) {
      const done = await act(action);
      expect([action.kind, done.status]).toEqual([action.kind, "failed"]);
      expect(done.reason).toBeTruthy();
      expect(`${done.stdout}${done.stderr}${done.reason}`).not.toContain("SECRET-");
    }
    expect(outside()).toEqual(before);
    expect(readFileSync(at("ann/notes.txt"), "utf8")).toBe("SECRET-notes");
  });

  test("a symlink that stays inside may be read through, and is not replaced by a write", async () => {
    const { at, do: act } = world();
    symlinkSync("app.conf", at("worktree/link"));
    expect((await act(read("link"))).stdout).toBe("listen 80\n");
    expect(said(await act(write("link")))).toBe("failed: link is not a regular file");
  });

  test("a pipe does not hang a read, a write or an edit", async () => {
    const { at, do: act } = world();
    execFileSync("mkfifo", [at("worktree/pipe")]);
    for (const action of [read("pipe"), write("pipe"), edit("pipe", "a", "b")])
      expect((await act(action)).status).toBe("failed");
  });

  test("a command's folder", async () => {
    const { at, do: act } = world();
    symlinkSync(at("ann"), at("worktree/link"));
    for (const cwd of ["..", at("ann"), "link"]) {
      const done = await act({ kind: "run", argv: ["pwd"], cwd });
      expect(done).toMatchObject({ status: "failed", exit: null, stdout: "" });
    }
    expect((await act({ kind: "run", argv: ["pwd"], cwd: "sub" })).stdout).toBe(`${at("worktree/sub")}\n`);
  });

  test("but for an action whose target is the host", async () => {
    const { at, do: act } = world();
    expect(
      (await act({ kind: "write", path: at("ann/notes.txt"), content: "agreed", target: "host" })).status,
    ).toBe("done");
    expect(readFileSync(at("ann/notes.txt"), "utf8")).toBe("agreed");
  });
});

describe("reading", () => {
  test("what is not there fails with its name", async () => {
    const { do: act } = world();
    expect(said(await act(read("nothing.txt")))).toBe("failed: nothing.txt cannot be read");
  });

  test("a long file is cut after 256 KiB and says so", async () => {
    const { at, do: act } = world();
    writeFileSync(at("worktree/long"), "x".repeat(256 * 1024 + 1));
    const done = await act(read("long"));
    expect([done.stdout.length, done.truncated]).toEqual([256 * 1024, true]);
    expect((await act(read("app.conf"))).truncated).toBe(false);
  });
});

describe("a command", () => {
  test("ends with its exit code, its output and the output's digest", async () => {
    const { do: act } = world();
    const done = await act(shell("echo out; echo err >&2; exit 3"));
    expect(done).toMatchObject({
      status: "failed",
      exit: 3,
      ended: "exited",
      stdout: "out\n",
      stderr: "err\n",
      reason: null,
    });
    expect(done.outputDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(await act({ kind: "run", argv: ["printf", "%s|", "a b", "$HOME", "*"] })).toMatchObject({
      status: "done",
      exit: 0,
      stdout: "a b|$HOME|*|",
    });
  });

  test("gets the environment it was given and no other", async () => {
    const { do: act } = world();
    const names = (await act(shell("/usr/bin/env"))).stdout.split("\n").map((line) => line.split("=")[0]);
    expect(
      names.filter((name) => !["PATH", "LC_ALL", "PWD", "SHLVL", "_", "OLDPWD", ""].includes(name!)),
    ).toEqual([]);
  });

  test("reads no start-up file", async () => {
    const { at, do: act } = world({ env: { PATH: "/usr/bin:/bin", HOME: "/nonexistent" } });
    writeFileSync(at("worktree/.bashrc"), "echo started");
    expect((await act(shell("true"))).stdout).toBe("");
  });

  test("that is not there is said to be missing", async () => {
    const { do: act } = world();
    expect(await act({ kind: "run", argv: ["no-such-program"] })).toMatchObject({
      status: "failed",
      exit: 127,
      ended: "missing",
    });
    expect((await act({ kind: "run", argv: [] })).status).toBe("failed");
  });

  test("that does not end is ended", async () => {
    const { do: act } = world({ commandTimeoutMs: 200 });
    const done = await act(shell("sleep 60"));
    expect(done).toMatchObject({
      status: "failed",
      exit: null,
      ended: "timeout",
      reason: "ended by timeout",
    });
    expect(done.ms).toBeLessThan(10_000);
  });

  test("that a person interrupts is ended", async () => {
    const { place } = world();
    const stopped = AbortSignal.abort();
    expect(await perform(shell("sleep 60"), allowed, place, stopped)).toMatchObject({
      status: "failed",
      exit: null,
    });
  });

  test("that floods is cut in the middle, and the cut is told", async () => {
    const { do: act } = world();
    const done = await act(shell("echo first; head -c 1000000 /dev/zero | tr '\\0' x; echo; echo last"));
    expect(done).toMatchObject({ status: "done", exit: 0, truncated: true });
    expect(done.stdout.length).toBeLessThan(70_000);
    expect(done.stdout.startsWith("first\n")).toBe(true);
    expect(done.stdout.endsWith("last\n")).toBe(true);
  });
});

describe.runIf(bwrap.kind === "bwrap")("in the sandbox", () => {
  const secrets = (at: (path: string) => string) =>
    shell(`cat '${at("state/approval.pem")}' '${at("ann/notes.txt")}'; ls '${at("")}'`);

  test("a command sees neither state nor home, and writes nowhere else", async () => {
    const { at, do: act, outside } = world({ sandbox: bwrap });
    const before = outside();
    const done = await act(secrets(at));
    expect(`${done.stdout}${done.stderr}`).not.toContain("SECRET-");
    expect(done.stdout).not.toMatch(/^(state|ann)$/m);
    await act(shell(`echo x > '${at("ann/new.txt")}'; echo x > '${at("new.txt")}'; echo x > made.txt`));
    expect(outside()).toEqual(before);
    expect(readFileSync(at("worktree/made.txt"), "utf8")).toBe("x\n");
  });

  test("its home is the pass's own", async () => {
    const { at, do: act } = world({ sandbox: bwrap });
    expect((await act(shell("echo $HOME"))).stdout).toBe(`${at("pass-home")}\n`);
  });

  test("a place that may not be written is not", async () => {
    const { at, do: act } = world({ sandbox: bwrap, writable: false });
    expect((await act(shell("echo x > app.conf"))).status).toBe("failed");
    expect(readFileSync(at("worktree/app.conf"), "utf8")).toBe("listen 80\n");
    expect((await act(shell("cat app.conf"))).stdout).toBe("listen 80\n");
  });

  test("prepared dependencies are there, read-only", async () => {
    const { at, place } = world({ sandbox: bwrap });
    writeFileSync(at("deps/dep.txt"), "dep");
    const mounted = { ...place, mounts: [{ from: at("deps"), to: "node_modules" }] };
    const signal = new AbortController().signal;
    expect((await perform(shell("cat node_modules/dep.txt"), allowed, mounted, signal)).stdout).toBe("dep");
    expect((await perform(shell("echo x > node_modules/dep.txt"), allowed, mounted, signal)).status).toBe(
      "failed",
    );
    expect(readFileSync(at("deps/dep.txt"), "utf8")).toBe("dep");
  });

  test("the network is there for what needs it and only then", async () => {
    const { do: act } = world({ sandbox: bwrap });
    const interfaces = async (decision: Decision) =>
      (await act(shell("cat /proc/net/dev"), decision)).stdout.split("\n").length;
    const closed = await interfaces(allowed);
    const open = await interfaces({ ...allowed, needs: ["example.org"] });
    const here = readFileSync("/proc/net/dev", "utf8").split("\n").length;
    expect(open).toBe(here);
    expect(closed).toBeLessThanOrEqual(4);
  });

  test("a host action and a live read run outside, by what was decided and not by what they are", async () => {
    const { at, do: act } = world({ sandbox: bwrap });
    expect((await act({ ...secrets(at), target: "host" })).stdout).toContain("SECRET-key");
    const live: Decision = { ...allowed, tier: "none", vantage: "host" };
    expect((await act({ kind: "run", argv: ["cat", at("ann/notes.txt")] }, live)).stdout).toBe(
      "SECRET-notes",
    );
    expect(vantageOf(shell("ls"), allowed, bwrap)).toBe("sandbox");
    expect(vantageOf(shell("ls"), live, bwrap)).toBe("host");
    expect(vantageOf({ ...shell("ls"), target: "host" }, allowed, bwrap)).toBe("host");
  });
});

test("without a sandbox everything is on the host, and evidence says so", () => {
  expect(vantageOf(shell("ls"), allowed, none)).toBe("host");
});
