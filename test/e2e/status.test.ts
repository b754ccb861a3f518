import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nimrod, nimrodJson } from "../support/run-nimrod.ts";
import { type TempProject, tempProject, ticketFile } from "../support/temp-project.ts";

const at = (project: TempProject) => ({ cwd: project.root, env: project.env });
const today = () => `${new Date().toISOString().slice(0, 19)}Z`;

describe("status", () => {
  test("says first what needs a person, then the rest, each with the command that acts on it", async () => {
    const project = tempProject({
      git: false,
      files: {
        ...ticketFile({ id: "nim-aaaaaa", title: "Ready one", priority: 1 }),
        ...ticketFile({ id: "nim-bbbbbb", title: "Reviewed one", status: "in_review" }),
        ...ticketFile({ id: "nim-cccccc", title: "Later one", more: "depends_on: [nim-aaaaaa]" }),
        ...ticketFile({
          id: "nim-dddddd",
          title: "Done one",
          status: "closed",
          more: `closed: ${today()}\nclose_reason: done`,
        }),
        ...ticketFile({
          id: "nim-eeeeee",
          title: "Old one",
          status: "closed",
          more: "closed: 2020-01-01T00:00:00Z",
        }),
        "tickets/active/nim-ffffff-broken.md": "---\nid: nim-ffffff\n",
      },
    });
    const { exitCode, stdout, stderr } = await nimrod(["status"], at(project));
    expect([exitCode, stderr]).toEqual([0, ""]);
    const lines = stdout.split("\n").map((line) => line.replaceAll(/ {2,}/g, "  "));
    expect(lines.slice(0, 2)).toEqual([
      "NEEDS YOU (1)",
      "  nim-bbbbbb  Reviewed one: reviewed, ready to land  → nimrod close nim-bbbbbb",
    ]);
    expect(lines).toContain("RUNNING  nothing");
    expect(lines).toContain("  nim-cccccc  Later one: waits on nim-aaaaaa  → nimrod show nim-cccccc");
    expect(lines).toContain("DONE TODAY (1)");
    expect(stdout).not.toContain("nim-eeeeee");
    expect(stdout).toMatch(/HEALTH \(1\)\n.*nim-ffffff-broken\.md:1: .*→ nimrod doctor/);
    expect(lines.at(-3)).toContain("next: nimrod close nim-bbbbbb");
    expect(lines.at(-2)).toContain("then: nimrod next  nim-aaaaaa Ready one (priority 1; unblocks 1)");
  });

  test("of an empty project is five calm lines and what to do", async () => {
    const project = tempProject({ git: false });
    const { stdout } = await nimrod(["status"], at(project));
    expect(stdout.trimEnd().split("\n")).toHaveLength(6);
    expect(stdout).toContain('next: nimrod new "What is to be done"');
    expect(stdout).not.toContain("$");
  });

  test("shows questions, requests and failed passes of real runs", async () => {
    const project = tempProject({ files: ticketFile({ id: "nim-aaaaaa", body: "Do something.\n" }) });
    expect((await nimrod(["next", "--agent", "builtin"], at(project))).exitCode).toBe(5);
    const told = await nimrodJson(["status"], at(project));
    expect(told).toMatchObject({
      exitCode: 0,
      kind: "status",
      needs: [{ kind: "waits", ticket: "nim-aaaaaa", command: "nimrod answer nim-aaaaaa" }],
      running: [],
      spent: null,
      next: "nimrod answer nim-aaaaaa",
    });
  });
});

describe("bare nimrod", () => {
  test("in a project says what to do now", async () => {
    const project = tempProject({ git: false, files: ticketFile({ id: "nim-aaaaaa", title: "First" }) });
    const { exitCode, stdout, stderr } = await nimrod([], at(project));
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^NEEDS YOU +nothing\nRUNNING +nothing\n {2}next: nimrod next {3}nim-aaaaaa First/,
    );
  });

  test("anywhere else prints how to begin, and what it says works as it stands", async () => {
    const project = tempProject({ tickets: false, git: false });
    const { exitCode, stdout, stderr } = await nimrod([], at(project));
    expect([exitCode, stderr]).toEqual([0, ""]);
    const commands = [...stdout.matchAll(/^ {2}((?:git|nimrod) .+?) {2,}/gm)].map(([, command]) => command);
    expect(commands).toEqual(["git init", "nimrod init", 'nimrod new "What is to be done"', "nimrod next"]);
    expect(existsSync(join(project.root, "tickets"))).toBe(false);

    project.git("init", "-q");
    expect((await nimrod([], at(project))).stdout).not.toContain("git init");
    expect(await nimrodJson([], at(project))).toMatchObject({ exitCode: 0, kind: "setup" });
    expect((await nimrod(["init"], at(project))).exitCode).toBe(0);
    expect((await nimrod(["new", "What is to be done"], at(project))).exitCode).toBe(0);
    expect((await nimrod([], at(project))).stdout).toContain("What is to be done");
  });

  test("other commands outside a project name the one that helps", async () => {
    const project = tempProject({ tickets: false, git: false });
    const done = await nimrod(["status"], at(project));
    expect([done.exitCode, done.stdout]).toEqual([2, ""]);
    expect(done.stderr).toMatch(/no tickets\/ folder in .*\n {2}hint: nimrod init\n$/);
  });

  test("-C is honoured, a file in the way is not taken for a project", async () => {
    const project = tempProject({ git: false, files: { "sub/tickets": "a file" } });
    mkdirSync(join(project.root, "other"));
    expect((await nimrod(["-C", "other"], at(project))).stdout).toContain("NEEDS YOU");
    expect((await nimrod(["-C", "sub"], at(project))).stdout).toContain("NEEDS YOU");
  });
});

describe("help", () => {
  test.each([
    [["lst"], "unknown command 'lst'\n  hint: did you mean list, ls?\n"],
    [["list", "--statsu", "x"], "unknown option '--statsu'\n  hint: did you mean --status?\n"],
    [["list", "--frobnicate"], "unknown option '--frobnicate'\n  hint: nimrod list --help\n"],
    [["help", "nxt"], 'no help about "nxt"\n  hint: nimrod help next\n'],
  ])("%j is two lines and exit 2", async (args, said) => {
    const project = tempProject({ git: false });
    expect(await nimrod(args, at(project))).toMatchObject({ exitCode: 2, stdout: "", stderr: said });
  });

  test("ends with examples, and lists the values that this project accepts", async () => {
    const project = tempProject({
      git: false,
      files: { "nimrod.json": '{"agents":{"lab":{"adapter":"plain","command":["true"]}}}' },
    });
    const made = (await nimrod(["new", "--help"], at(project))).stdout;
    expect(made).toMatch(
      /Accepted values:\n(?: {2}.*\n)* {2}--type +task, bug, feature, chore, docs, spike, epic\n/,
    );
    expect(made.trimEnd().split("\n").at(-1)).toMatch(/^ {2}\$ .*nimrod new/);
    expect((await nimrod(["help", "run"], at(project))).stdout).toMatch(/--agent +lab, auto, builtin/);
  });
});

test("next --explain says of every other ticket why not, the first of each kind and the number of the rest", async () => {
  const many = Array.from({ length: 40 }, (_, index) => `nim-1000${String(index).padStart(2, "0")}`);
  const project = tempProject({
    git: false,
    files: {
      ...ticketFile({ id: "nim-aaaaaa", title: "The one", priority: 1 }),
      ...Object.assign({}, ...many.map((id) => ticketFile({ id, priority: 3 }))),
      ...ticketFile({ id: "nim-bbbbbb", priority: 1 }),
      ...ticketFile({ id: "nim-cccccc", more: "depends_on: [nim-aaaaaa]" }),
      ...ticketFile({ id: "nim-dddddd", status: "draft" }),
      ...ticketFile({ id: "nim-eeeeee", more: "defer_until: 2999-01-01T00:00:00Z" }),
    },
  });
  const { stdout } = await nimrod(["next", "--explain"], at(project));
  expect(stdout).toContain("Why not the others (44):");
  expect(stdout).toMatch(/nim-bbbbbb {2}.*: unblocks nothing\n/);
  expect(stdout).toMatch(/nim-100000 {2}.*: lower priority, 3\n/);
  expect(stdout).toMatch(/nim-cccccc {2}.*: waits on nim-aaaaaa\n/);
  expect(stdout).toMatch(/nim-dddddd {2}.*: is a draft\n/);
  expect(stdout).toMatch(/nim-eeeeee {2}.*: is deferred until 2999/);
  expect(stdout).toContain("… and 24 more ready, and later in the order  → nimrod ready");
  const told = await nimrodJson(["next", "--explain"], at(project));
  expect(told["others"]).toHaveLength(44);
  expect(new Set((told["others"] as { kind: string }[]).map(({ kind }) => kind))).toEqual(
    new Set(["later", "depends", "draft", "deferred"]),
  );
});
