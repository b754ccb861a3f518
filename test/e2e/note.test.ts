import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runInTerminal } from "../support/pty.ts";
import { canMountReadOnly, nimrodReadOnly } from "../support/read-only.ts";
import { nimrod } from "../support/run-nimrod.ts";
import { run, runJson, ticketPath } from "../support/sample-work.ts";
import { tempProject, ticketFile } from "../support/temp-project.ts";

const id = "nim-aaa111";
const path = ticketPath(id);
const stamp = String.raw`- \d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z [\p{L}\p{N}._@+-]+: `;
const body = "## Description\n\nx\n\n## Mine\n\n- y\n";
const scene = () => tempProject({ git: false, files: ticketFile({ id, body }) });

describe("note", () => {
  test("adds a line with time and name, and touches nothing else", async () => {
    const project = scene();
    const before = project.read(path);
    expect((await run(project, "note", "aaa1", "the old port", "is open")).stdout).toBe(`noted in ${path}\n`);
    expect(await runJson(project, "note", "@", "and again")).toMatchObject({
      exitCode: 0,
      kind: "note",
      ticket: id,
      path,
      note: { text: "and again" },
    });
    const added = project.read(path).slice(before.length);
    expect(project.read(path).startsWith(before)).toBe(true);
    expect(added).toMatch(
      new RegExp(`^\n## Notes\n\n${stamp}the old port is open\n${stamp}and again\n$`, "u"),
    );
  });

  test("takes a text of many lines from stdin and from a file, and from nowhere twice", async () => {
    const project = scene();
    const stdin = "first\n\n## Description\n```\n";
    expect((await nimrod(["note", id, "-"], { cwd: project.root, env: project.env, stdin })).exitCode).toBe(
      0,
    );
    expect(project.read(path)).toMatch(new RegExp(`${stamp}first\n\n {4}## Description\n {4}\`\`\`\n$`, "u"));
    writeFileSync(join(project.home, "log"), "\x1b[31mred\x1b[0m\r\nend");
    expect((await run(project, "note", id, "--body-file", join(project.home, "log"))).exitCode).toBe(0);
    expect((await run(project, "show", id)).stdout).toContain("\\u{1b}[31mred\\u{1b}[0m\n    end");
    expect((await run(project, "note", id, "x", "--body-file", "-")).exitCode).toBe(2);
  });

  test("an ordinary editor's text is noted; an empty one is no note", async () => {
    const project = scene();
    const editor = (script: string) => ({
      cwd: project.root,
      env: { ...project.env, EDITOR: `sh -c '${script}' sh` },
    });
    const done = await runInTerminal(["note", id], editor('printf "from the editor\\n" > "$1"'));
    expect(done).toMatchObject({ exitCode: 0 });
    expect(project.read(path)).toMatch(new RegExp(`${stamp}from the editor\n$`, "u"));
    const before = project.read(path);
    expect(await runInTerminal(["note", id], editor("true"))).toMatchObject({ exitCode: 2 });
    expect(project.read(path)).toBe(before);
  });

  test("what was typed is kept when the ticket cannot be written", async () => {
    const project = scene();
    const script = `printf "my words" > "$1"; printf -- "---\\nid: [" > ${path}`;
    const env = { ...project.env, EDITOR: `sh -c '${script}' sh` };
    const done = await runInTerminal(["note", id], { cwd: project.root, env });
    expect(done.exitCode).toBe(8);
    const kept = /your text is kept in (\S+)/.exec(done.shown)?.[1] ?? "";
    expect(project.read(join("..", kept.slice(kept.indexOf("home/"))))).toBe("my words");
  });

  test.each<[string, string[], string | undefined, number, RegExp]>([
    ["no text and no terminal", [id], undefined, 2, /a note needs a text\n {2}hint: nimrod note/],
    ["an empty text", [id, "-"], " \n", 2, /this is empty/],
    ["NUL", [id, "-"], "a\nb\0", 2, /line 2 of this holds a NUL byte/],
    ["no UTF-8", [id, "--body-file", "nimrod.bin"], undefined, 2, /not UTF-8/],
    ["a file that is not there", [id, "--body-file", "nowhere.md"], undefined, 4, /nowhere\.md/],
    ["a text too large for a ticket", [id, "-"], "x".repeat(1024 * 1024), 1, /1 MiB|1048576/],
    ["an id that no ticket has", ["zzz", "x"], undefined, 4, /no ticket has an id with "zzz"/],
    ["an id that two tickets have", ["nim", "x"], undefined, 4, /fits 2 tickets/],
    ["a broken file", ["ccc333", "x"], undefined, 8, /nim-ccc333\.md:1: .*expected/],
  ])("%s is one clear message, and nothing is written", async (_, args, stdin, exit, message) => {
    const project = tempProject({
      git: false,
      files: {
        ...ticketFile({ id, body }),
        ...ticketFile({ id: "nim-bbb222" }),
        "tickets/active/nim-ccc333.md": "---\nid: nim-ccc333\n",
      },
    });
    writeFileSync(join(project.root, "nimrod.bin"), new Uint8Array([0xc3, 0x28]));
    const before = project.read(path);
    const done = await nimrod(["note", ...args], {
      cwd: project.root,
      env: project.env,
      ...(stdin === undefined ? {} : { stdin }),
    });
    expect({ exit: done.exitCode, stdout: done.stdout }).toEqual({ exit, stdout: "" });
    expect(done.stderr).toMatch(message);
    expect(project.read(path)).toBe(before);
  });

  test.skipIf(!canMountReadOnly)("a folder that cannot be written is named, and no half file is left", () => {
    const project = scene();
    const done = nimrodReadOnly(project, "note", id, "x");
    expect(done).toMatchObject({ exitCode: 1, stdout: "" });
    expect(done.stderr).toContain("tickets/active");
    expect(project.read(path)).not.toContain("Notes");
  });
});

test("a text that is given twice, or is somebody's log file, is refused", async () => {
  const project = tempProject({ files: ticketFile({ id: "nim-aaaaaa" }), git: false });
  const at = { cwd: project.root, env: project.env };
  const twice = await nimrod(["note", "nim-aaaaaa", "words", "--body-file", "-"], { ...at, stdin: "more" });
  expect(twice).toMatchObject({ exitCode: 2, stdout: "" });
  expect(twice.stderr).toContain("a note is given twice: in words and by --body-file");
  const log = await nimrod(["note", "nim-aaaaaa", "-"], { ...at, stdin: "x".repeat(1024 * 1024 + 1) });
  expect(log).toMatchObject({ exitCode: 2, stdout: "" });
  expect(log.stderr).toContain("more than 1048576 bytes on stdin");
  expect(project.read("tickets/active/nim-aaaaaa-sample.md")).not.toContain("## Notes");
});
