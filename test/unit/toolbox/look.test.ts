import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Action, Decision } from "../../../src/authorization/action.ts";
import { type Place, perform } from "../../../src/toolbox/perform.ts";
import { probeSandbox } from "../../../src/workspace/sandbox.ts";
import { cpuMs } from "../../support/cpu-time.ts";

const bwrap = await probeSandbox({});
const bare = { kind: "none", why: "the test says so" } as const;
const none: Decision = { tier: "none", rule: "x.y", reason: "because", effects: [] };

const files = {
  "README.md": "Needle in the readme\n",
  "src/app.ts": "const a = 1;\nneedle(a);\n",
  "src/deep/er/app.test.ts": "needle\n",
  "src/options.txt": "use --line here\n",
  ".github/ci.yml": "needle: true\n",
  ".gitignore": "hidden-by-ignore.ts\n",
  ".ignore": "*\n",
  ".rgignore": "*\n",
  "hidden-by-ignore.ts": "needle ignored\n",
  ".git/config": "needle\n",
  "node_modules/dep/index.js": "needle\n",
  ".env": "needle=SECRET-1\n",
  "keys/id_ed25519": "needle SECRET-2\n",
  "odd\nname:3:x.ts": "needle odd\n",
  "-rf": "needle dash\n",
  "blob.bin": "needle\0needle\n",
};

function world(given: Partial<Place> = {}, env: Record<string, string> = {}) {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "nimrod-look-")));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  const root = join(top, "worktree");
  for (const folder of ["home", "tmp", "outside"]) mkdirSync(join(top, folder));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  writeFileSync(join(top, "outside/secret.ts"), "needle outside\n");
  symlinkSync(join(top, "outside"), join(root, "link"));
  symlinkSync("app.ts", join(root, "src/alias.ts"));
  const place: Place = {
    root,
    sandbox: bare,
    writable: false,
    home: join(top, "home"),
    tmp: join(top, "tmp"),
    readable: [],
    mounts: [],
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LANG: "C.UTF-8", ...env },
    commandTimeoutMs: 20_000,
    ...given,
  };
  return { top, root, act: (action: Action) => perform(action, none, place, new AbortController().signal) };
}

const places: [string, Partial<Place>][] = [
  ["on the host", {}],
  ...(bwrap.kind === "bwrap"
    ? ([
        ["in the sandbox", { sandbox: bwrap }],
        ["beside other hands", { sandbox: bwrap, contested: true, writable: true }],
      ] as [string, Partial<Place>][])
    : []),
];

describe.each(places)("listing %s", (_where, given) => {
  const list = (path: string, glob?: string): Action => ({
    kind: "list",
    path,
    ...(glob === undefined ? {} : { glob }),
  });

  test("names every file, sorted, and leaves .git, node_modules and what a link leads to out", async () => {
    const { act } = world(given);
    const { stdout } = await act(list("."));
    expect(stdout.split("\n").filter(Boolean)).toEqual(
      [...Object.keys(files).filter((path) => !/^(\.git\/|node_modules)/.test(path)), "link", "src/alias.ts"]
        .toSorted((a, b) => (a < b ? -1 : 1))
        .map((path) => (path.includes("\n") ? JSON.stringify(path) : path)),
    );
  });

  test.each<[string, string | undefined, string[]]>([
    ["src", undefined, ["src/alias.ts", "src/app.ts", "src/deep/er/app.test.ts", "src/options.txt"]],
    [".", "*.test.ts", ["src/deep/er/app.test.ts"]],
    [".", "src/*.ts", ["src/alias.ts", "src/app.ts"]],
    [".", "src/**/*.ts", ["src/alias.ts", "src/app.ts", "src/deep/er/app.test.ts"]],
    ["src/app.ts", undefined, ["src/app.ts"]],
    ["node_modules", undefined, ["node_modules/dep/index.js"]],
    [".", "nothing*", []],
  ])("%s with %s", async (path, glob, expected) => {
    const { act } = world(given);
    expect((await act(list(path, glob))).stdout.split("\n").filter(Boolean)).toEqual(expected);
  });

  test.each(["link", "..", "/etc", "nowhere"])("%s is refused", async (path) => {
    const { act } = world(given);
    const done = await act(list(path));
    expect(done).toMatchObject({ status: "failed", stdout: "" });
  });
});

/** A machine without ripgrep: a PATH that has the few programs that the search needs, and not this one. */
function withoutRipgrep(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "nimrod-path-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync("/usr/bin/grep", join(folder, "grep"));
  return folder;
}

describe.each([
  ...places.map(([where, given]) => [`${where} with ripgrep`, given, false] as const),
  ["on the host with grep", {}, true] as const,
])("searching %s", (_where, given, grepOnly) => {
  const at = () => world(given, grepOnly ? { PATH: withoutRipgrep() } : {});
  const search = (pattern: string, path = ".", glob?: string): Action => ({
    kind: "search",
    pattern,
    path,
    ...(glob === undefined ? {} : { glob }),
  });
  const lines = (text: string) => text.split("\n").filter(Boolean).toSorted();

  test("finds lines in every file that is anybody's work, and no ignore file hides one", async () => {
    const { act } = at();
    const done = await act(search("needle"));
    expect(done).toMatchObject({ status: "done" });
    expect(lines(done.stdout)).toEqual(
      [
        "-rf:1:needle dash",
        ".github/ci.yml:1:needle: true",
        "hidden-by-ignore.ts:1:needle ignored",
        '"odd\\nname:3:x.ts":1:needle odd',
        "src/app.ts:2:needle(a);",
        "src/deep/er/app.test.ts:1:needle",
      ].toSorted(),
    );
    expect(done.stdout).not.toMatch(/SECRET|outside|blob/);
    expect(done.reason).toMatch(/^2 matching lines are in files that usually hold secrets/);
  });

  test.each<[string, Action, string[]]>([
    ["a folder", search("needle", "src/deep"), ["src/deep/er/app.test.ts:1:needle"]],
    ["a file", search("a = ", "src/app.ts"), ["src/app.ts:1:const a = 1;"]],
    ["a file that looks like an option", search("dash", "-rf"), ["-rf:1:needle dash"]],
    ["names that match", search("needle", ".", "*.test.ts"), ["src/deep/er/app.test.ts:1:needle"]],
    ["paths that match", search("needle", ".", "src/*.ts"), ["src/app.ts:2:needle(a);"]],
    ["an expression", search("^(Needle|const).*[a;]$"), ["src/app.ts:1:const a = 1;"]],
    ["a pattern that looks like an option", search("--line"), ["src/options.txt:1:use --line here"]],
    ["a secret file, where it is named", search("needle", ".env"), [".env:1:needle=SECRET-1"]],
    [
      "dependencies, where they are named",
      search("needle", "node_modules/dep"),
      ["node_modules/dep/index.js:1:needle"],
    ],
  ])("%s", async (_what, action, expected) => {
    const { act } = at();
    const done = await act(action);
    expect({ status: done.status, lines: lines(done.stdout) }).toEqual({ status: "done", lines: expected });
  });

  test("a pattern that is none fails with the program's own words", async () => {
    const { act } = at();
    const done = await act(search("a(b"));
    expect(done.status).toBe("failed");
    expect(done.reason).toMatch(/unclosed|unmatched/i);
  });

  test.each(["link", "..", "/etc/passwd", "nowhere"])("%s is refused", async (path) => {
    const { act } = at();
    expect(await act(search(".", path))).toMatchObject({ status: "failed", stdout: "" });
  });
});

test("no setting of the operator's ripgrep is read", async () => {
  const { top, act } = world();
  writeFileSync(join(top, "rc"), "--files-with-matches\n");
  const config = world({}, { RIPGREP_CONFIG_PATH: join(top, "rc") });
  expect((await config.act({ kind: "search", pattern: "const", path: "src" })).stdout).toBe(
    (await act({ kind: "search", pattern: "const", path: "src" })).stdout,
  );
});

test("more than one answer holds is cut, and said to be", async () => {
  const { root, act } = world();
  writeFileSync(join(root, "many.txt"), "needle of many that are in this file\n".repeat(50_000));
  const done = await act({ kind: "search", pattern: "many", path: "." });
  expect(done.truncated).toBe(true);
  expect(done.stdout.length).toBeLessThan(1024 * 1024);
});

// Looking for it with one regular expression, Nimrod itself stood still for two minutes.
test("a match in one endless line holds nothing up", async () => {
  const { root, act } = world({}, { PATH: withoutRipgrep() });
  writeFileSync(join(root, "line.txt"), `needle${"x".repeat(4 * 1024 * 1024)}\n`);
  const spent = await cpuMs(async () => {
    expect((await act({ kind: "search", pattern: "needlex", path: "line.txt" })).status).toBe("failed");
  });
  expect(spent).toBeLessThan(5_000);
});
