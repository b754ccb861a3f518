import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runInTerminal } from "../support/pty.ts";
import { nimrod } from "../support/run-nimrod.ts";
import { type TempProject, tempProject, ticketFile } from "../support/temp-project.ts";

const broken = { "tickets/active/nim-cccccc-broken.md": "---\nid: [\n---\n" };

/** A project with a pager of its own: a shell script that can keep what it was given. */
function withPager(script: string, files: Record<string, string> = {}) {
  const project = tempProject({ files: { ...ticketFile({ id: "nim-aaaaaa" }), ...files } });
  const path = join(project.home, "pager");
  project.write("../home/pager", `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  const kept = join(project.home, "kept");
  return { project, env: { ...project.env, NIMROD_PAGER: `${path} "${kept}"` }, kept };
}

const keeps = 'echo "LESS=$LESS LV=$LV" > "$1"; cat >> "$1"';
const inTerminal = (args: readonly string[], project: TempProject, env: Record<string, string>) =>
  runInTerminal(args, { cwd: project.root, env });

test("on a terminal a table goes to the pager; remarks and the exit code are what they are without it", async () => {
  const { project, env, kept } = withPager(keeps, broken);
  const run = await inTerminal(["list"], project, env);
  expect(run.exitCode).toBe(8);
  const read = readFileSync(kept, "utf8");
  expect(read).toMatch(/^LESS=FRX LV=-c\n/);
  expect(read).toContain("nim-aaaaaa");
  expect(read).toContain("\x1b[1m");
  expect(run.shown).not.toContain("nim-aaaaaa");
});

test.each([
  ["--no-pager", {}],
  ["--no-input", {}],
  ["--json", {}],
  ["--all", { CI: "1" }],
  ["--all", { NIMROD_NO_INPUT: "1" }],
])("no pager with %s and %j", async (option, more) => {
  const { project, env, kept } = withPager(keeps);
  const run = await inTerminal(["list", option], project, { ...env, ...more });
  expect(run.exitCode).toBe(0);
  expect(run.shown).toContain("nim-aaaaaa");
  expect(existsSync(kept)).toBe(false);
});

test("no pager where stdout is no terminal", async () => {
  const { project, env, kept } = withPager(keeps);
  const run = await nimrod(["list"], { cwd: project.root, env });
  expect(run.stdout).toContain("nim-aaaaaa");
  expect(existsSync(kept)).toBe(false);
});

test.each([
  ["exit 3", /the pager ".*" ended with exit 3: printed without it/],
  ["kill -9 $$", /the pager ".*" ended with (?:SIGKILL|exit 137): printed without it/],
  ["exec /nowhere/at-all", /the pager ".*" does not start: printed without it/],
])(
  "a pager that does %j shows nothing, so the text is printed and one line says why",
  async (script, said) => {
    const { project, env } = withPager(script);
    const run = await inTerminal(["list"], project, env);
    expect(run.exitCode).toBe(0);
    expect(run.shown).toContain("nim-aaaaaa");
    expect(run.shown).toMatch(said);
  },
);

test("leaving the pager before all is read is quiet", async () => {
  const long = ticketFile({ id: "nim-bbbbbb", body: "Text that fills the pipe.\n".repeat(10_000) });
  const { project, env, kept } = withPager('head -n 2 > "$1"', long);
  const run = await inTerminal(["show", "nim-bbbbbb"], project, env);
  expect(run.exitCode).toBe(0);
  expect(run.shown).toBe("");
  expect(readFileSync(kept, "utf8").split("\n")).toHaveLength(3);
});

test("Control-C is the pager's, and nimrod waits for it", async () => {
  const { project, env } = withPager(
    "trap 'echo caught' INT; cat > /dev/null; echo reading; until read line < /dev/tty; do :; done; echo \"left by $line\"",
  );
  const run = await runInTerminal(["show", "nim-aaaaaa"], {
    cwd: project.root,
    env,
    answers: [
      { when: "reading", type: "\x03" },
      { when: "caught", type: "q\r" },
    ],
  });
  expect(run.shown).toMatch(/left by q\n$/);
  expect(run.exitCode).toBe(0);
});

test("a repository cannot name a pager", async () => {
  const { project, env, kept } = withPager(keeps, { "nimrod.json": '{ "pager": "touch owned" }\n' });
  const run = await inTerminal(["list"], project, env);
  expect(run.exitCode).toBe(2);
  expect(run.shown).toContain("pager");
  expect(existsSync(kept)).toBe(false);
  expect(existsSync(join(project.root, "owned"))).toBe(false);
});
