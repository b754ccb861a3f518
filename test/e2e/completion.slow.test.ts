import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nimrod } from "../support/run-nimrod.ts";
import { completeIn, hasShell, shells } from "../support/shells.ts";
import { type TempProject, tempProject, ticketFile } from "../support/temp-project.ts";

const at = (project: TempProject) => ({ cwd: project.root, env: project.env });
const named = (name: string, id: string) => ({ [`tickets/active/${name}.md`]: fileOf(id) });
const fileOf = (id: string) => Object.values(ticketFile({ id }))[0] ?? "";

const files = {
  ...named("nim-aaaaaa-renew-the-certificate", "nim-aaaaaa"),
  ...named("nim-aabbbb-write-a-glossary", "nim-aabbbb"),
  ...named("nim-cccccc", "nim-cccccc"),
  ...ticketFile({ id: "nim-dddddd", status: "closed" }),
  "nimrod.json": '{"agents":{"scripted":{"adapter":"plain","command":["true"]}}}',
  "notes.txt": "",
};

for (const shell of shells) {
  const here = hasShell(shell);
  describe.skipIf(!here)(`completion in ${shell}${here ? "" : " (not installed here)"}`, () => {
    test("knows commands, options, values, ids, subcommands and paths", () => {
      const project = tempProject({ files, git: false });
      const complete = (...words: string[]) =>
        completeIn(shell, words, project)
          .map((line) => line.split(/\t| {2}/)[0])
          .sort();
      expect(complete("appro")).toEqual(["approvals", "approve"]);
      expect(complete("list", "--st")).toEqual(["--status"]);
      expect(complete("list", "--status", "in_")).toEqual(["in_progress", "in_review"]);
      expect(complete("next", "--until", "p")).toEqual(["plan"]);
      expect(complete("next", "--agent", "s")).toEqual(["scripted"]);
      expect(complete("new", "A title", "--type", "b")).toEqual(["bug"]);
      expect(complete("show", "nim-aa")).toEqual(["nim-aaaaaa", "nim-aabbbb"]);
      expect(complete("show", "aabb")).toEqual(["aabbbb"]);
      expect(complete("-C", "tickets", "show", "nim-c")).toEqual(["nim-cccccc"]);
      expect(complete("reopen", "")).toEqual(["nim-dddddd"]);
      expect(complete("policy", "s")).toEqual(["show", "sign"]);
      expect(complete("completion", "z")).toEqual(["zsh"]);
      expect(complete("config", "get", "limits.slice.f")).toEqual(["limits.slice.files"]);
      expect(complete("help", "exit")).toEqual(["exit-codes"]);
      expect(complete("new", "A title", "")).toEqual([]);
    });

    test("leaves paths to the shell", () => {
      const project = tempProject({ files, git: false });
      const said = completeIn(shell, ["new", "x", "--body-file", "note"], project);
      expect(said.join()).toMatch(shell === "fish" ? /^notes\.txt$/ : /^paths:/);
    });

    test("evaluates nothing that stands in a file's name, and shows no control character", () => {
      const nasty = [
        "$(touch pwned)",
        "`touch pwned`",
        "';touch pwned;'",
        '"x: y"',
        "*",
        "a\nb",
        "\x1b]0;x\x07",
        "…\u202e",
      ];
      const project = tempProject({ git: false });
      for (const [index, text] of nasty.entries()) {
        const name = `nim-00000${index}-${text}.md`;
        writeFileSync(join(project.root, "tickets/active", name), fileOf(`nim-00000${index}`));
      }
      const before = readdirSync(project.root);
      const shown = completeIn(shell, ["show", "nim-0000"], project, { listing: true });
      expect(shown.map((line) => line.slice(0, 10)).sort()).toEqual(
        nasty.map((_, index) => `nim-00000${index}`),
      );
      expect(shown.join("")).not.toMatch(/[^\P{C}\t]/u);
      expect(shown.join("\n")).toContain("$(touch pwned)");
      expect(readdirSync(project.root)).toEqual(before);
    });
  });
}

test("bash gets bare ids to insert, and their titles when it only lists them", () => {
  const project = tempProject({ files, git: false });
  expect(completeIn("bash", ["show", "nim-aaa"], project)).toEqual(["nim-aaaaaa"]);
  expect(completeIn("bash", ["show", "nim-aa"], project, { listing: true }).sort()).toEqual([
    "nim-aaaaaa  renew-the-certificate",
    "nim-aabbbb  write-a-glossary",
  ]);
});

test("bash, which splits at =, gets only what stands behind it", () => {
  const project = tempProject({ files, git: false });
  expect(completeIn("bash", ["list", "--status", "=", "op"], project)).toEqual(["open"]);
  expect(completeIn("bash", ["list", "--status", "="], project)).toContain("draft");
});

test("tickets of other tools are found by what their files say", async () => {
  const project = tempProject({
    git: false,
    files: {
      "tickets/task-12 - Renew the certificate.md": fileOf("task-12"),
      "tickets/nw-5c46.md": fileOf("nw-5c46"),
      "tickets/notes.md": "no ticket",
    },
  });
  const done = await nimrod(["__complete", "zsh", "9", "--", "show", ""], at(project));
  expect(done.stdout.split("\n").sort()).toEqual([
    "",
    "nw-5c46\tTicket nw-5c46",
    "task-12\tRenew the certificate",
  ]);
});

test("approvals that wait are offered, answered ones are not", async () => {
  const project = tempProject({ git: false });
  await nimrod(["new", "x"], at(project));
  const [state = ""] = readdirSync(join(project.stateHome, "nimrod"));
  const put = (name: string) => {
    const folder = join("..", "home", ".local", "state", "nimrod", state, "approvals");
    project.write(join(folder, name), "{}");
  };
  for (const name of ["A-1.request.json", "A-1.approval.json", "A-2.request.json", "A-10.request.json"])
    put(name);
  const done = await nimrod(["__complete", "bash", "9", "--", "approve", ""], at(project));
  expect(done.stdout).toBe("A-10\nA-2\n");
});

test("outside a project and with a broken configuration it is quiet", async () => {
  const outside = tempProject({ tickets: false, git: false });
  expect(await nimrod(["__complete", "bash", "9", "--", "show", ""], at(outside))).toMatchObject({
    exitCode: 0,
    stdout: "",
    stderr: "",
  });
  const broken = tempProject({ git: false, files: { ...files, "nimrod.json": "{" } });
  expect(await nimrod(["__complete", "bash", "9", "--", "show", "nim-c"], at(broken))).toMatchObject({
    stdout: "nim-cccccc\n",
    stderr: "",
  });
});

test("completion prints a script that says how to install it, and wants to know the shell", async () => {
  const project = tempProject({ git: false });
  for (const shell of shells) {
    const done = await nimrod(["completion", shell], at(project));
    expect(done.stdout.split("\n").slice(0, 4).join("\n")).toContain(`nimrod completion ${shell}`);
  }
  const without = await nimrod(["completion"], at(project));
  expect([without.exitCode, without.stdout]).toEqual([2, ""]);
  expect(without.stderr).toMatch(/bash, zsh or fish/);
  const other = await nimrod(["completion", "bsh"], at(project));
  expect(other.stderr).toContain("did you mean bash?");
});
