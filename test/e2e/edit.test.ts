import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { changeOptions, fieldOptions } from "../../src/cli/field-rows.ts";
import { claimTicket } from "../../src/pipeline/claims.ts";
import { repositoryStateFolder } from "../../src/platform/paths.ts";
import { runInTerminal } from "../support/pty.ts";
import { canMountReadOnly, nimrodReadOnly } from "../support/read-only.ts";
import { nimrod } from "../support/run-nimrod.ts";
import { field, run, runJson, ticketPath } from "../support/sample-work.ts";
import { type TempProject, tempProject, ticketFile } from "../support/temp-project.ts";

const [a, b, c] = ["nim-aaa111", "nim-bbb222", "nim-ccc333"] as const;
const path = ticketPath(a);
const odd = "labels: [x] # why\nx-mine: 'it''s' # mine\nassignee: \"bob\"";
const scene = (more: Record<string, string> = {}) =>
  tempProject({
    git: false,
    files: {
      ...ticketFile({ id: a, more: odd }),
      ...ticketFile({ id: b }),
      ...ticketFile({ id: c }),
      ...more,
    },
  });
const editor = (project: TempProject, script: string) => ({
  cwd: project.root,
  env: { ...project.env, EDITOR: `sh -c '${script}' sh` },
});

describe("edit by options", () => {
  test("changes what was named and not a byte more, and says so", async () => {
    const project = scene();
    const before = project.read(path);
    const done = await run(
      project,
      "edit",
      "aaa",
      "--title",
      "A: new title",
      "-p",
      "high",
      "-l",
      "z",
      "-a",
      "sara",
    );
    expect(done).toMatchObject({ exitCode: 0, stdout: `${a} changed: ${path}\n`, stderr: "" });
    expect(project.read(path)).toBe(
      before
        .replace(`title: Ticket ${a}`, 'title: "A: new title"')
        .replace("priority: 2", "priority: 1")
        .replace("labels: [x] #", "labels: [x, z] #")
        .replace('assignee: "bob"', 'assignee: "sara"'),
    );
    expect(await run(project, "edit", "@", "-p", "1", "-l", "z")).toMatchObject({
      exitCode: 0,
      stdout: `${a}: nothing to change\n`,
    });
    expect(await runJson(project, "edit", a, "--remove-label", "z,x", "-a", "", "-s", "To Do")).toMatchObject(
      {
        exitCode: 0,
        kind: "ticket-edited",
        changed: true,
        ticket: { id: a, labels: [], assignee: null, status: "open" },
      },
    );
    expect(project.read(path)).not.toContain("assignee");
  });

  test("BOM and CRLF stay as they were", async () => {
    const project = scene();
    const foreign = `\ufeff${project.read(path).replaceAll("\n", "\r\n")}`;
    project.write(path, foreign);
    await run(project, "edit", a, "--external-ref", "gh-1", "-p", "0");
    expect(project.read(path)).toBe(
      foreign.replace("priority: 2", "priority: 0").replace('"bob"\r\n', '"bob"\r\nexternal_ref: gh-1\r\n'),
    );
  });

  test("links stand in both files, and a circle is refused before anything is written", async () => {
    const project = scene();
    await run(project, "edit", a, "-d", b, "--related", c);
    expect(field(project, path, "depends_on")).toBe(`[${b}]`);
    expect(project.read(ticketPath(b))).toContain(`- needed by ${a}\n`);
    expect(project.read(ticketPath(c))).toContain(`- related to ${a}\n`);
    const before = project.read(ticketPath(b));
    const circle = await run(project, "edit", b, "-d", a, "-p", "0");
    expect(circle).toMatchObject({ exitCode: 2, stdout: "" });
    expect(circle.stderr).toContain(`${b} → ${a} → ${b}`);
    expect(project.read(ticketPath(b))).toBe(before);
    await run(project, "edit", a, "--remove-depends-on", b);
    expect(project.read(ticketPath(b))).not.toContain(a);
  });

  test("a text replaces its own sections, from a file or from stdin", async () => {
    const project = scene();
    const stdin = "New words.\n\n## Notes\n\n- mine\n";
    const done = await nimrod(["edit", a, "--body-file", "-"], {
      cwd: project.root,
      env: project.env,
      stdin,
    });
    expect(done.exitCode).toBe(0);
    const text = project.read(path);
    expect(text).toContain("## Description\n\nNew words.\n\n## Acceptance Criteria\n\n- [ ] it is done\n");
    expect(text).toContain("## Notes\n\n- mine\n");
  });

  test("whatever can be set on a new ticket can be changed on an old one, and new understands every option", async () => {
    const names = (rows: typeof fieldOptions) =>
      rows.map(({ flags }) => flags.split(" <")[0]?.split(", ").at(-1));
    expect(names(changeOptions)).toEqual(expect.arrayContaining(names(fieldOptions)));
    const project = scene();
    const values: Record<string, string> = {
      "--status": "blocked",
      "--type": "bug",
      "--priority": "0",
      "--label": "l",
      "--assignee": "who",
      "--external-ref": "gh-1",
      "--defer-until": "2026-12-01",
      "--body-file": "text.md",
    };
    project.write("text.md", "words\n");
    const flags = names(fieldOptions).flatMap((name = "") => [name, values[name] ?? b]);
    const made = (await runJson(project, "new", "T", ...flags))["ticket"] as Record<string, unknown>;
    await run(project, "edit", a, "--title", "T", "--remove-label", "x", ...flags);
    const { ticket } = (await runJson(project, "show", a)) as { ticket: Record<string, unknown> };
    const same = ({ id: _, path: __, created: ___, blocked_by: ____, ...rest }: Record<string, unknown>) =>
      rest;
    expect(same(ticket)).toEqual(same(made));
    expect(made).toMatchObject({
      status: "blocked",
      part_of: [b],
      defer_until: "2026-12-01T00:00:00Z",
      external_ref: "gh-1",
    });
  });

  test.each<[string, string[], number, RegExp]>([
    [
      "what runs make",
      [a, "-s", "in_progress"],
      2,
      /in_progress is not set by hand.*\n {2}hint: nimrod run nim-aaa111/,
    ],
    [
      "closing by hand",
      [a, "-s", "done"],
      2,
      /closed is not set by hand.*\n {2}hint: nimrod close nim-aaa111/,
    ],
    [
      "opening what is closed",
      ["ddd444", "-s", "open"],
      2,
      /is closed;.*\n {2}hint: nimrod reopen nim-ddd444/,
    ],
    [
      "opening what is in review",
      ["eee555", "-s", "open"],
      2,
      /is in_review;.*\n {2}hint: nimrod reopen nim-eee555/,
    ],
    [
      "a word that is no type",
      [a, "-t", "bugg"],
      2,
      /--type is "bugg"; expected task,.*\n {2}hint: did you mean bug/,
    ],
    ["an empty title", [a, "--title", " "], 2, /--title is empty/],
    ["a title of two lines", [a, "--title", "a\nb"], 2, /--title is .*; expected text on one line/],
    ["control characters", [a, "-a", "\x1b[31m"], 2, /--assignee is .*; expected text on one line/],
    ["no time", [a, "--defer-until", "morgen"], 2, /--defer-until is "morgen"; expected a time/],
    ["an unknown link", [a, "-d", "zzz"], 4, /no ticket has an id with "zzz"/],
    ["an unknown ticket", ["zzz", "-p", "1"], 4, /no ticket has an id with "zzz"/],
    ["an ambiguous one", ["nim", "-p", "1"], 4, /fits 5 tickets/],
    ["a broken file", ["fff666", "-p", "1"], 8, /nim-fff666\.md:1:/],
    [
      "a text with a section of Nimrod's",
      [a, "--body-file", "own.md"],
      2,
      /## Evidence is written by Nimrod/,
    ],
    ["an empty text", [a, "--body-file", "-"], 2, /this is empty/],
    ["an option that is none", [a, "--lable", "x"], 2, /did you mean --label/],
  ])("%s: one clear message, and nothing is written", async (_, args, exit, message) => {
    const project = scene({
      ...ticketFile({ id: "nim-ddd444", status: "closed" }),
      ...ticketFile({ id: "nim-eee555", status: "in_review", more: "branch: nimrod/eee555" }),
      "tickets/active/nim-fff666.md": "---\nid: nim-fff666\n",
      "own.md": "x\n\n## Evidence\n\nall green\n",
    });
    const before = project.read(path);
    const done = await run(project, "edit", ...args);
    expect({ exit: done.exitCode, stdout: done.stdout }).toEqual({ exit, stdout: "" });
    expect(done.stderr).toMatch(message);
    expect(project.read(path)).toBe(before);
  });

  test("a ticket at which a run is at work is busy, whichever way it is edited", async () => {
    const project = scene();
    const claim = await claimTicket(
      { stateFolder: repositoryStateFolder(project.env, project.root) },
      a,
      "nimrod run",
    );
    if (claim.kind !== "claimed") throw new Error(claim.kind);
    onTestFinished(() => claim.release());
    expect(await runJson(project, "edit", a, "-p", "0")).toMatchObject({
      exitCode: 7,
      code: "busy",
      hint: `nimrod log ${a} -f`,
    });
    expect((await runInTerminal(["edit", a], editor(project, "echo x >> $1"))).exitCode).toBe(7);
    expect(field(project, path, "priority")).toBe("2");
    // Reading on and noting something disturb nobody.
    expect((await run(project, "note", a, "x")).exitCode).toBe(0);
  });

  test.skipIf(!canMountReadOnly)("a folder that cannot be written is named", () => {
    const project = scene();
    const done = nimrodReadOnly(project, "edit", a, "-p", "0");
    expect(done).toMatchObject({ exitCode: 1, stdout: "" });
    expect(done.stderr).toContain("tickets/active");
  });
});

describe("edit in an editor", () => {
  test("prints the path where nobody can be shown an editor", async () => {
    const project = scene();
    expect((await run(project, "edit", a)).stdout).toBe(`${join(project.root, path)}\n`);
    expect(await runJson(project, "edit", "fff", "-C", ".")).toMatchObject({ exitCode: 4 });
    expect(await runJson(project, "edit", a)).toMatchObject({
      kind: "ticket-file",
      ticket: a,
      path,
      file: join(project.root, path),
    });
  });

  test("reads the file again, and lets the other tickets know of a new link", async () => {
    const project = scene();
    const done = await runInTerminal(
      ["edit", a],
      editor(project, `sed -i "s/^priority: 2/depends_on: [${b}]/" "$1"`),
    );
    expect(done).toMatchObject({ exitCode: 0 });
    expect(done.shown).toContain(`${a} changed: ${path}`);
    expect(project.read(ticketPath(b))).toContain(`- needed by ${a}\n`);
    expect((await runInTerminal(["edit", a], editor(project, "true"))).shown).toContain("nothing to change");
  });

  test.each([
    ["a status that is none", "s/^status: .*/status: wip/", /:4: status is "wip"; expected draft, open/],
    [
      "another id",
      "s/^id: .*/id: nim-zzz999/",
      /id is "nim-zzz999"; expected "nim-aaa111", which stays for ever/,
    ],
    ["a criterion that is none", "s/^- \\[ \\] it/- it/", /:\d+: a list item .*/],
  ])(
    "%s is told with file and line, what was typed stays, and the next edit mends it",
    async (_, script, message) => {
      const project = scene();
      const broken = await runInTerminal(["edit", a], editor(project, `sed -i "${script}" "$1"`));
      expect(broken.exitCode).toBe(8);
      expect(broken.shown).toMatch(message);
      expect(broken.shown).toContain(`hint: nimrod edit ${path}`);
      const original = ticketFile({ id: a, more: odd })[path] ?? "";
      expect(project.read(path)).not.toBe(original);
      project.write("original.md", original);
      const mended = await runInTerminal(["edit", path], editor(project, 'cat original.md > "$1"'));
      expect(mended.exitCode).toBe(0);
    },
  );

  test("a status that only a run can make true, and an editor that fails, are told", async () => {
    const project = scene();
    const done = await runInTerminal(
      ["edit", a],
      editor(project, 'sed -i "s/^status: .*/status: in_review/" "$1"'),
    );
    expect(done.shown).toContain("status is now in_review, which nothing stands behind");
    const failed = await runInTerminal(["edit", a], editor(project, "exit 3"));
    expect(failed.exitCode).toBe(1);
    expect(failed.shown).toContain("ended with exit 3");
  });

  test("a new ticket can be written in it at once", async () => {
    const project = scene();
    const done = await runInTerminal(["new", "T", "--edit"], editor(project, 'echo "more words" >> "$1"'));
    expect(done.exitCode).toBe(0);
    const id = /nim-[0-9a-z]{6}/.exec(done.shown)?.[0] ?? "";
    expect((await run(project, "show", id)).stdout).toContain("more words");
  });
});

describe("the help of new and edit", () => {
  test("ends with what this project has, and comes also where the configuration is broken", async () => {
    const project = scene({ "nimrod.json": '{"idPrefix":"lab"}' });
    for (const args of [
      ["new", "--help"],
      ["help", "edit"],
      ["-C", "tickets", "edit", "-h"],
    ]) {
      const { stdout, exitCode } = await run(project, ...args);
      expect(exitCode).toBe(0);
      expect(stdout).toContain("task, bug, feature, chore, docs, spike or epic");
      expect(stdout).toMatch(/In this project:\n {2}New ids begin with lab- .*\n {2}Labels in use: x\n/);
    }
    project.write("nimrod.json", "{");
    const { stdout } = await run(project, "new", "--help");
    expect(stdout).toMatch(/^Examples?:$/m);
    expect(stdout).not.toContain("In this project");
  });
});
