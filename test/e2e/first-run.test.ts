import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runInTerminal } from "../support/pty.ts";
import { nimrod } from "../support/run-nimrod.ts";
import { type TempProject, tempProject, ticketFile } from "../support/temp-project.ts";

/** What somebody meets who has never used Nimrod: slips are told, and the next command is right there. */

const at = (project: TempProject) => ({ cwd: project.root, env: project.env });

describe("init", () => {
  test("tells what it made before it asks, and a slip in the passphrase costs a repetition only", async () => {
    const project = tempProject({ tickets: false });
    const run = await runInTerminal(["init"], {
      ...at(project),
      answers: [
        { when: /made {2}nimrod\.json[\s\S]*Passphrase \(empty/, type: "correct horse\r" },
        { when: "The same again", type: "correct hrose\r" },
        { when: /The two differ\. Once more[\s\S]*Passphrase/, type: "correct horse\r" },
        { when: "The same again", type: "correct horse\r" },
      ],
    });
    expect(run.exitCode).toBe(0);
    expect(run.shown).toContain("made  your approval key");
    expect(run.shown).toContain('next: nimrod new "What is to be done"');
    expect(existsSync(join(project.stateHome, "nimrod/keys/approval.pem"))).toBe(true);
  });

  test("names git init where there is no repository yet", async () => {
    const project = tempProject({ tickets: false, git: false });
    expect((await nimrod(["init"], at(project))).stderr).toContain("next: git init");
  });
});

describe("new", () => {
  test("tells a person at a terminal where the ticket is; a script gets the id alone", async () => {
    const project = tempProject();
    const { shown } = await runInTerminal(["new", "Say hello"], at(project));
    const id = /^nim-[0-9a-z]{6}$/m.exec(shown)?.[0];
    expect(shown).toContain(`file: tickets/active/${id}-say-hello.md`);
    expect(shown).toContain(`next: nimrod edit ${id}      then: nimrod next`);
    const script = await nimrod(["new", "Say goodbye"], at(project));
    expect(script).toMatchObject({ stdout: expect.stringMatching(/^nim-[0-9a-z]{6}\n$/), stderr: "" });
  });
});

describe("a ticket that was opened again", () => {
  test("is not done and has no diff: both say to run it", async () => {
    const project = tempProject({ files: ticketFile({ id: "nim-aaaaaa" }) });
    for (const args of [
      ["run", "aaaaaa", "--until", "triage"],
      ["close", "@", "--as", "abandoned", "--reason", "afresh"],
      ["reopen", "@"],
    ])
      expect((await nimrod(args, at(project))).exitCode).toBe(0);
    const close = await nimrod(["close", "@"], at(project));
    expect([close.exitCode, close.stderr]).toEqual([6, ""]);
    expect(close.stdout).toContain("→ nimrod run nim-aaaaaa");
    const diff = await nimrod(["diff", "@"], at(project));
    expect([diff.exitCode, diff.stderr]).toEqual([3, expect.stringContaining("hint: nimrod run nim-aaaaaa")]);
  });
});

test("a wrong passphrase signs nothing, and says how to try again and how to make another key", async () => {
  const project = tempProject({
    files: { "nimrod.json": JSON.stringify({ workspace: { setup: ["true"] } }) },
  });
  const run = await runInTerminal(["trust"], {
    ...at(project),
    answers: [
      { when: "Passphrase (empty", type: "correct horse\r" },
      { when: "The same again", type: "correct horse\r" },
      { when: "Passphrase of your approval key", type: "wrong\r" },
    ],
  });
  expect(run.exitCode).toBe(5);
  expect(run.shown).toContain("nothing was signed");
  expect(run.shown).toContain("hint: the same command again      forgotten: rm ");
});

test("close with a reason and without a word for it is a mistake, and closes nothing", async () => {
  const project = tempProject({ files: ticketFile({ id: "nim-aaa111" }) });
  const done = await nimrod(["close", "nim-aaa111", "--reason", "not needed"], at(project));
  expect(done).toMatchObject({ exitCode: 2, stdout: "" });
  expect(done.stderr).toContain("nimrod close nim-aaa111 --as wontfix --reason");
  expect(project.git("status", "--porcelain")).toBe("");
});
