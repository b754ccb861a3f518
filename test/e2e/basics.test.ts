import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { binary, nimrod, nimrodJson } from "../support/run-nimrod.ts";
import { type TempProject, tempProject, ticketFile } from "../support/temp-project.ts";

const at = (project: TempProject, stdin?: string) => ({
  cwd: project.root,
  env: project.env,
  ...(stdin === undefined ? {} : { stdin }),
});

describe("init", () => {
  test("makes a project once, and says so the second time", async () => {
    const project = tempProject({ tickets: false });
    const first = await nimrod(["init"], at(project));
    expect(first.exitCode).toBe(0);
    expect(first.stdout).toContain("made  nimrod.json");
    expect(project.read(".gitattributes")).toBe(".nimrod/evidence/** -text -merge\n");
    expect(JSON.parse(project.read(".nimrod/policy.json"))).toMatchObject({ version: 1 });
    expect(project.read("docs/verification-and-definition-of-done.md")).not.toBe("");
    project.commit("Set up Nimrod");

    const second = await nimrod(["init"], at(project));
    expect(second.stdout).toBe("nothing to do: everything is there already\n");
    expect(project.git("status", "--porcelain")).toBe("");
  });

  test("leaves what a person has written as it is", async () => {
    const mine = '{ "idPrefix": "lab" }\n';
    const project = tempProject({ files: { "nimrod.json": mine, ".gitattributes": "*.png binary" } });
    await nimrod(["init", "--agents"], at(project));
    expect(project.read("nimrod.json")).toBe(mine);
    expect(project.read(".gitattributes")).toBe("*.png binary\n.nimrod/evidence/** -text -merge\n");
    expect(readdirSync(join(project.root, "agents"))).toContain("planner.md");
  });

  test("refuses a folder below the top of a repository", async () => {
    const project = tempProject({ tickets: false, files: { "sub/x": "" } });
    const done = await nimrod(["-C", "sub", "init"], at(project));
    expect(done.exitCode).toBe(2);
    expect(done.stderr).toContain(`nimrod -C ${project.root} init`);
  });
});

describe("new", () => {
  test("prints the id and nothing else, and the ticket is there", async () => {
    const project = tempProject({ files: { "nimrod.json": '{"idPrefix":"lab"}' } });
    const args = [
      "new",
      "Renew: the vault's certificate",
      "-t",
      "bug",
      "-p",
      "1",
      "-l",
      "tls,vault",
      "-a",
      "sara",
    ];
    const done = await nimrod(args, at(project));
    expect(done.stderr).toBe("");
    expect(done.stdout).toMatch(/^lab-[0-9a-z]{6}\n$/);
    const id = done.stdout.trim();
    expect(await nimrodJson(["show", id], at(project))).toMatchObject({
      exitCode: 0,
      kind: "ticket",
      ticket: {
        id,
        title: "Renew: the vault's certificate",
        type: "bug",
        priority: 1,
        status: "open",
        labels: ["tls", "vault"],
        assignee: "sara",
        depends_on: [],
        closed: null,
      },
    });
  });

  test("takes its text from a file or from stdin", async () => {
    const project = tempProject({ files: { "body.md": "From a file." } });
    await nimrod(["new", "One", "--body-file", "body.md"], at(project));
    expect(await nimrodJson(["show", "@"], at(project))).toMatchObject({
      body: expect.stringContaining("From a file."),
    });
    await nimrod(["new", "Two", "--body-file", "-"], at(project, "From stdin."));
    expect(await nimrodJson(["show", "@"], at(project))).toMatchObject({
      body: expect.stringContaining("From stdin."),
    });
  });

  test("writes a dependency into both tickets", async () => {
    const project = tempProject({ files: ticketFile({ id: "nim-aaaaaa" }) });
    const id = (await nimrod(["new", "After", "-d", "AAAA"], at(project))).stdout.trim();
    expect(project.read("tickets/active/nim-aaaaaa-sample.md")).toContain(`## Links\n\n- needed by ${id}\n`);
    expect((await nimrod(["show", id], at(project))).stdout).toMatch(
      /depends on nim-aaaaaa {2}Ticket nim-aaaaaa \(open\)/,
    );
    expect((await nimrod(["doctor"], at(project))).exitCode).toBe(0);
  });

  test.each([
    [["new", " "], /a ticket needs a title/],
    [["new", "x", "--type", "bgu"], /--type is "bgu"; expected task, bug.*\n {2}hint: did you mean bug\?/],
    [["new", "x", "--priority", "9"], /--priority is "9"/],
    [["new", "x", "--edit"], /--edit needs a terminal/],
  ])("%j is a usage error", async (args, message) => {
    const project = tempProject();
    const done = await nimrod(args, at(project));
    expect([done.exitCode, done.stdout]).toEqual([2, ""]);
    expect(done.stderr).toMatch(message);
    expect(readdirSync(join(project.root, "tickets/active"))).toEqual([".gitkeep"]);
  });
});

describe("list", () => {
  const files = {
    ...ticketFile({ id: "nim-aaaaaa", title: "First", priority: 2, more: "labels: [tls, vault]" }),
    ...ticketFile({
      id: "nim-bbbbbb",
      title: "Second",
      priority: 0,
      type: "bug",
      more: "depends_on: [nim-aaaaaa]",
    }),
    ...ticketFile({ id: "nim-cccccc", title: "Third", status: "in_progress", more: "assignee: sara" }),
    ...ticketFile({ id: "nim-dddddd", title: "Fourth", status: "closed", more: "close_reason: done" }),
  };

  test("one of several names", async () => {
    const more = "assignee: ['@sara', Ann]";
    const project = tempProject({ files: { ...files, ...ticketFile({ id: "nim-eeeeee", more }) } });
    for (const [name, ids] of [
      ["ann", ["nim-eeeeee"]],
      ["sara", ["nim-cccccc", "nim-eeeeee"]],
      ["an", []],
    ] as const) {
      const shown = await nimrodJson(["list", "-a", name], at(project));
      expect(shown["tickets"]).toMatchObject(ids.map((id) => ({ id })));
    }
  });

  test("shows what is not closed, work in progress first, then by priority", async () => {
    const done = await nimrod(["ls"], at(tempProject({ files })));
    expect(done.exitCode).toBe(0);
    expect(done.stdout).toBe(
      [
        "ID          P  STATUS       TYPE  TITLE",
        "nim-cccccc  2  in_progress  task  Third",
        "nim-bbbbbb  0  open         bug   Second",
        "nim-aaaaaa  2  open         task  First",
        "",
      ].join("\n"),
    );
  });

  test.each([
    [
      ["list", "--all"],
      ["cccccc", "bbbbbb", "aaaaaa", "dddddd"],
    ],
    [["list", "-s", "closed"], ["dddddd"]],
    [
      ["list", "-s", "In Progress,done"],
      ["cccccc", "dddddd"],
    ],
    [["list", "-p", "critical"], ["bbbbbb"]],
    [["search", "first", "fourth", "-s", "open,closed"], []],
    [["search", "fourth", "-s", "open,closed"], ["dddddd"]],
    [
      ["list", "-s", "open,in_progress", "-t", "task"],
      ["cccccc", "aaaaaa"],
    ],
    [["list", "-l", "tls", "-l", "vault"], ["aaaaaa"]],
    [["list", "-l", "tls", "-l", "other"], []],
    [["list", "-p", "P0"], ["bbbbbb"]],
    [["list", "-a", "@Sara"], ["cccccc"]],
    [["list", "--limit", "1"], ["cccccc"]],
    [["ready"], ["cccccc", "aaaaaa"]],
    [["blocked"], ["bbbbbb"]],
  ])("%j", async (args, ids) => {
    const shown = await nimrodJson(args, at(tempProject({ files })));
    expect(shown["exitCode"]).toBe(0);
    expect(shown["tickets"]).toMatchObject(ids.map((id) => ({ id: `nim-${id}` })));
  });

  test("a ticket says what it waits for", async () => {
    const project = tempProject({ files });
    expect((await nimrod(["blocked"], at(project))).stdout).toMatch(/nim-bbbbbb.*Second +nim-aaaaaa$/m);
    expect((await nimrod(["show", "bbbb"], at(project))).stdout).toMatch(
      /waits for +nim-aaaaaa {2}First \(open\)/,
    );
  });

  test("a file that cannot be read is a loud row with its line, and exit 8", async () => {
    const broken = "---\nid: nim-eeeeee\ntitle: x\nstatus: wip\n---\n";
    const project = tempProject({ files: { ...files, "tickets/active/nim-eeeeee-x.md": broken } });
    const done = await nimrod(["list"], at(project));
    expect(done.exitCode).toBe(8);
    expect(done.stdout).toMatch(
      /^BROKEN {2}tickets\/active\/nim-eeeeee-x\.md:4: .*wip.*; expected draft, open/m,
    );
    expect(done.stdout).toContain("nim-aaaaaa");
    const json = await nimrodJson(["list"], at(project));
    expect(json).toMatchObject({
      exitCode: 8,
      broken: [{ path: "tickets/active/nim-eeeeee-x.md", line: 4 }],
    });

    expect((await nimrod(["show", "aaaa"], at(project))).exitCode).toBe(0);
    const itself = await nimrod(["show", "eeee"], at(project));
    expect(itself.exitCode).toBe(8);
    expect(itself.stderr).toMatch(/nim-eeeeee-x\.md:4: .*wip/);
    expect((await nimrod(["doctor"], at(project))).exitCode).toBe(8);
  });
});

describe("show", () => {
  const files = { ...ticketFile({ id: "nim-abc123" }), ...ticketFile({ id: "nim-abc456" }) };

  test("finds by any part of the id, in any case, by path, also from a folder below", async () => {
    const project = tempProject({ files });
    for (const query of ["abc123", "NIM-ABC123", "c12", "tickets/active/nim-abc123-sample.md"]) {
      expect((await nimrod(["show", query], at(project))).stdout).toContain("nim-abc123  Ticket nim-abc123");
    }
    const below = await nimrod(["-C", "tickets/active", "show", "nim-abc123-sample.md"], at(project));
    expect(below.stdout).toContain("nim-abc123");
  });

  test("an id that fits two tickets is exit 4 with both, an unknown one exit 4", async () => {
    const project = tempProject({ files });
    const two = await nimrod(["show", "abc"], at(project));
    expect([two.exitCode, two.stdout]).toEqual([4, ""]);
    expect(two.stderr).toMatch(/nim-abc123.*nim-abc456/s);
    const none = await nimrod(["show", "zzz", "--json"], at(project));
    expect([none.exitCode, none.stdout]).toEqual([4, ""]);
    expect(JSON.parse(none.stderr)).toMatchObject({ schemaVersion: 1, kind: "error", code: "not_found" });
  });

  test("a hostile ticket cannot command the terminal", async () => {
    const body = "## Description\n\n\x1b]0;owned\x07 \u202egnp.exe \x9b2J\n";
    const read = tempProject({
      files: ticketFile({ id: "nim-abc123", title: "A\u202eB", body: body.replaceAll(/[\x1b\x07]/g, "") }),
    });
    const done = await nimrod(["show", "abc123"], { ...at(read), env: { ...read.env, FORCE_COLOR: "1" } });
    expect(`${done.stdout}${done.stderr}`.replaceAll(/\x1b\[\d+m/g, "")).not.toMatch(
      /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/,
    );
    const refused = tempProject({ files: ticketFile({ id: "nim-abc123", body }) });
    const listed = await nimrod(["list"], { ...at(refused), env: { ...refused.env, FORCE_COLOR: "1" } });
    expect(listed.stdout.replaceAll(/\x1b\[\d+m/g, "")).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
  });
});

describe("authorize", () => {
  test("explains a command and runs nothing", async () => {
    const project = tempProject();
    const done = await nimrod(["authorize", "--", "git", "push", "--force"], at(project));
    expect(done.exitCode).toBe(0);
    expect(done.stdout).toMatch(/^explicit: .*\n {2}rule git\./);
    expect(done.stdout).toContain("· git push --force: explicit by git.push-force");
    expect(done.stdout).toContain("safer: git push --force-with-lease");
    const touch = await nimrodJson(["authorize", "--", "touch made-by-authorize"], at(project));
    expect(touch).toMatchObject({ kind: "decision", tier: "brief", instead: null });
    expect(touch["parts"]).toMatchObject([{ command: "touch made-by-authorize", parts: [] }]);
    expect(readdirSync(project.root)).not.toContain("made-by-authorize");
  });

  test("--jsonl answers every line in order, also those that are none", async () => {
    const lines = [
      '{"id":"a","command":"ls"}',
      "junk",
      "",
      '{"id":2,"command":"sudo reboot"}',
      '{"id":"c","command":"if"}',
      '{"id":"d","command":["ls"]}',
      '{"id":"e","command":"ls","cwd":7}',
      '{"command":"ls"}',
      "null",
      `{"id":"long","command":"${"x".repeat(1024 * 1024)}"}`,
      '{"id":"f","command":"pwd","more":1}',
    ];
    const done = await nimrod(["authorize", "--jsonl"], at(tempProject(), lines.join("\n")));
    const rows = done.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows).toMatchObject([
      { id: "a", tier: "none", effects: expect.any(Array) },
      { id: null, tier: "explicit", rule: "authorize.unreadable-line" },
      { id: 2, tier: "explicit" },
      { id: "c", tier: "explicit" },
      { id: "d", rule: "authorize.unreadable-line" },
      { id: "e", rule: "authorize.unreadable-line" },
      { id: null, rule: "authorize.unreadable-line" },
      { id: null, rule: "authorize.unreadable-line" },
      { id: null, rule: "authorize.unreadable-line" },
      { id: "f", tier: "none" },
    ]);
    for (const row of rows) expect(Object.keys(row)).toEqual(["id", "tier", "rule", "reason", "effects"]);
    expect(done.exitCode).toBe(2);
  });

  test("--jsonl answers a line before the next one comes", async () => {
    const project = tempProject();
    const child = spawn(process.execPath, [binary, "authorize", "--jsonl"], {
      cwd: project.root,
      env: project.env,
      stdio: ["pipe", "pipe", "ignore"],
    });
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    for (const id of [1, 2]) {
      child.stdin.write(`${JSON.stringify({ id, command: "ls" })}\n`);
      expect(JSON.parse((await answers.next()).value ?? "")).toMatchObject({ id, tier: "none" });
    }
    child.stdin.end();
    expect((await answers.next()).done).toBe(true);
  });

  test("--jsonl answers thousands of lines, one for one", async () => {
    const lines = Array.from({ length: 3_000 }, (_, id) =>
      id % 3 === 0 ? "junk" : JSON.stringify({ id, command: "ls -l | wc -l" }),
    );
    const done = await nimrod(["authorize", "--jsonl"], at(tempProject(), lines.join("\n")));
    const rows = done.stdout.trim().split("\n");
    expect(rows.length).toBe(lines.length);
    expect(JSON.parse(rows.at(-1) ?? "")).toMatchObject({ id: 2_999, tier: "none" });
  });
});

describe("doctor", () => {
  test("is healthy in a fresh project, and outside one says what is missing", async () => {
    const project = tempProject();
    const inside = await nimrod(["doctor"], at(project));
    expect(inside.exitCode).toBe(0);
    expect(inside.stdout).toMatch(/node \d+/);
    expect(inside.stdout).toMatch(/sandbox/);
    expect(inside.stdout).toContain("builtin");
    const outside = await nimrod(["doctor"], { ...at(project), cwd: project.home });
    expect(outside.exitCode).toBe(0);
    expect(outside.stdout).toContain("nimrod init");
  });

  test("names every kind of damage, and exits 8", async () => {
    const files = {
      ...ticketFile({ id: "nim-aaaaaa", more: "depends_on: [nim-bbbbbb, nim-gone00]" }),
      ...ticketFile({ id: "nim-bbbbbb", more: "depends_on: [nim-aaaaaa]" }),
      "tickets/active/twin.md": ticketFile({ id: "nim-cccccc" })["tickets/active/nim-cccccc-sample.md"] ?? "",
      ...ticketFile({ id: "nim-cccccc" }),
      ".nimrod/policy.json": '{"version":2}',
    };
    const done = await nimrod(["doctor"], at(tempProject({ files })));
    expect(done.exitCode).toBe(8);
    expect(done.stdout).toContain("nim-gone00, which no ticket has");
    expect(done.stdout).toContain("nim-aaaaaa → nim-bbbbbb → nim-aaaaaa");
    expect(done.stdout).toContain("twin.md:2");
    expect(done.stdout).toContain("policy.json");
  });

  test("--fix shows the missing reverse links, --fix --apply writes them and nothing else", async () => {
    const project = tempProject({
      files: {
        ...ticketFile({ id: "nim-aaaaaa", more: "related: [nim-bbbbbb]" }),
        ...ticketFile({ id: "nim-bbbbbb" }),
      },
    });
    const path = "tickets/active/nim-bbbbbb-sample.md";
    const before = project.read(path);
    expect((await nimrod(["doctor"], at(project))).stdout).toContain("nim-bbbbbb does not say so");
    const preview = await nimrod(["doctor", "--fix"], at(project));
    expect(preview.stdout).toContain(`would add to ${path}`);
    expect(project.read(path)).toBe(before);

    const applied = await nimrodJson(["doctor", "--fix", "--apply"], at(project));
    expect(applied).toMatchObject({
      exitCode: 0,
      repairs: [{ path, applied: true, add: ["- related to nim-aaaaaa"] }],
    });
    expect(project.read(path).startsWith(before.trimEnd())).toBe(true);
    expect(project.git("diff", "--name-only")).toBe(path);
    expect((await nimrodJson(["doctor", "--fix"], at(project)))["repairs"]).toEqual([]);
    expect((await nimrod(["doctor", "--apply"], at(project))).exitCode).toBe(2);
  });
});
