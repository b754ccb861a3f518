import { expect, test } from "vitest";
import { runInTerminal } from "../support/pty.ts";
import { nimrod } from "../support/run-nimrod.ts";
import { pageTicket } from "../support/sample-work.ts";
import { tempProject } from "../support/temp-project.ts";

const timeout = 60_000;
const id = "nim-live00";
const project = () => tempProject({ files: pageTicket({ id }) });

/** What is left on the screen: a line that was erased was written over. */
const left = (raw: string) =>
  raw.split("\n").map(
    (line) =>
      line
        .split("\r\x1b[2K")
        .at(-1)
        ?.replaceAll(/\x1b\[\d*m|\r/g, "") ?? "",
  );

test("at a terminal a pass is seen while it runs, and nothing of that is left on the screen", {
  timeout,
}, async () => {
  const { root: cwd, env } = project();
  const run = await runInTerminal(["run", id, "--until", "implement"], { cwd, env });
  expect(run.exitCode).toBe(0);
  expect(run.raw).toMatch(/\r\x1b\[2K {2}thinking · silent \d s \(limit 300\) · wall \ds \(limit 30m\)/);
  const lines = left(run.raw);
  expect(lines.filter((line) => line.includes("silent"))).toEqual([]);
  expect(lines).toContainEqual(
    expect.stringMatching(/^ {2}\d\d:\d\d:\d\d {2}write page\.md \(\d+ bytes\) {2}none done$/),
  );
  expect(lines).toContainEqual(expect.stringMatching(/^▸ implement {2}builtin · own context · /));
  expect(lines).toContainEqual(`${id} stopped after implement, as asked`);
});

test.each<[string, string[], Record<string, string>]>([
  ["with --no-input", ["--no-input"], {}],
  ["in CI", [], { CI: "true" }],
  ["on a dumb terminal", [], { TERM: "dumb" }],
])("%s no line is redrawn", { timeout }, async (_, flags, more) => {
  const { root: cwd, env } = project();
  const run = await runInTerminal([...flags, "run", id, "--until", "triage"], {
    cwd,
    env: { ...env, ...more },
  });
  expect([run.exitCode, run.raw.includes("\x1b[2K"), run.raw.includes("thinking")]).toEqual([
    0,
    false,
    false,
  ]);
});

test("without a terminal there are plain lines on stderr, and only results on stdout", {
  timeout,
}, async () => {
  const { root: cwd, env } = project();
  const run = await nimrod(["run", id, "--until", "triage"], { cwd, env });
  expect(run.stderr).toMatch(/^▸ triage {5}builtin · own context · .*$/m);
  expect(run.stderr).not.toContain("\x1b");
  expect(run.stdout).toMatch(/^nim-live00 stopped after triage, as asked\n/);
});
