import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runInTerminal } from "../support/pty.ts";
import { canMountReadOnly, nimrodReadOnly, nimrodWithReadOnly } from "../support/read-only.ts";
import { nimrod, nimrodJson } from "../support/run-nimrod.ts";
import { type TempProject, tempProject, ticketFile } from "../support/temp-project.ts";

/**
 * What a person meets on a bad morning, a row each: one clear message with the file, what was found and what was
 * expected, the command that helps, the right exit code, and not a byte of the project changed.
 */

const good = ticketFile({ id: "nim-aaaaaa" });
const path = "tickets/active/nim-aaaaaa-sample.md";
const text = good[path] ?? "";

type Row = {
  name: string;
  files?: Record<string, string>;
  /** Makes it bad, after the first commit. */
  spoil?: (project: TempProject) => void;
  git?: false;
  args: string[];
  exit: number;
  /** On stderr, or on stdout of a command whose answer it is. */
  says: RegExp;
  hint: RegExp;
};

const twin = { "tickets/active/other.md": text };
const circle = {
  ...ticketFile({ id: "nim-aaaaaa", more: "depends_on: [nim-bbbbbb]" }),
  ...ticketFile({ id: "nim-bbbbbb", more: "depends_on: [nim-aaaaaa]" }),
};

const rows: Row[] = [
  {
    name: "front matter that is no YAML",
    files: { [path]: text.replace("type: task", "type: [task") },
    args: ["show", "aaaaaa"],
    exit: 8,
    says: /nim-aaaaaa-sample\.md:\d: YAML that cannot be read: .*; expected/,
    hint: /hint: nimrod edit tickets\/active\/nim-aaaaaa-sample\.md/,
  },
  {
    name: "a value that is none of those there are",
    files: { [path]: text.replace("status: open", "status: wip") },
    args: ["note", "aaaaaa", "seen"],
    exit: 8,
    says: /nim-aaaaaa-sample\.md:4: status is "wip"; expected draft, open/,
    hint: /hint: nimrod edit tickets\/active\/nim-aaaaaa-sample\.md/,
  },
  {
    name: "a conflict that is not resolved",
    files: {
      [path]: text.replace("status: open", "<<<<<<< HEAD\nstatus: open\n=======\nstatus: closed\n>>>>>>> x"),
    },
    args: ["edit", "aaaaaa", "-p", "1"],
    exit: 8,
    says: /nim-aaaaaa-sample\.md:4: a git conflict marker; expected a resolved merge/,
    hint: /hint: nimrod edit tickets\/active\/nim-aaaaaa-sample\.md/,
  },
  {
    name: "two files with one id",
    files: twin,
    args: ["show", "aaaaaa"],
    exit: 8,
    says: /nim-aaaaaa-sample\.md:2: id "nim-aaaaaa", also in tickets\/active\/other\.md; expected an id of its own/,
    hint: /hint: nimrod doctor --fix/,
  },
  {
    name: "a circle of dependencies",
    files: circle,
    args: ["doctor"],
    exit: 8,
    says: /✗ circle of depends_on: nim-aaaaaa → nim-bbbbbb → nim-aaaaaa/,
    hint: /→ nimrod link nim-aaaaaa depends_on nim-bbbbbb --remove/,
  },
  {
    name: "a circle that is about to be made",
    files: { ...good, ...ticketFile({ id: "nim-bbbbbb", more: "depends_on: [nim-aaaaaa]" }) },
    args: ["link", "aaaaaa", "depends_on", "bbbbbb"],
    exit: 2,
    says: /nim-aaaaaa depends_on nim-bbbbbb would close a circle: nim-aaaaaa → nim-bbbbbb → nim-aaaaaa/,
    hint: /hint: nimrod link nim-bbbbbb depends_on nim-aaaaaa --remove/,
  },
  {
    name: "a dependency that no ticket is",
    files: ticketFile({ id: "nim-aaaaaa", more: "depends_on: [nim-gone00]" }),
    args: ["doctor"],
    exit: 8,
    says: /✗ tickets\/active\/nim-aaaaaa-sample\.md: depends_on nim-gone00, which no ticket has/,
    hint: /→ nimrod link nim-aaaaaa depends_on nim-gone00 --remove/,
  },
  {
    name: "an unknown id",
    args: ["show", "zzz"],
    exit: 4,
    says: /no ticket has an id with "zzz"/,
    hint: /hint: nimrod list --all/,
  },
  {
    name: "a role prompt that is empty",
    files: { "agents/planner.md": "" },
    args: ["prompt", "aaaaaa", "planner"],
    exit: 8,
    says: /agents\/planner\.md:1: .*expected/,
    hint: /hint: correct the file; where a project has none, the shipped one is used/,
  },
  {
    name: "a bad key in nimrod.json",
    files: { "nimrod.json": '{\n  "agnet": "x"\n}\n' },
    args: ["list"],
    exit: 2,
    says: /nimrod\.json:2: unknown key "agnet"/,
    hint: /hint: did you mean agent\?/,
  },
  {
    name: "no git",
    git: false,
    args: ["run", "aaaaaa"],
    exit: 1,
    says: /not a git repository/,
    hint: /hint: git init/,
  },
  {
    name: "a file in place of the folder of tickets",
    spoil: (project) => {
      project.git("rm", "-q", "-r", "tickets");
      project.write("tickets", "x");
    },
    args: ["list"],
    exit: 2,
    says: /no tickets\/ folder in .* or above/,
    hint: /hint: nimrod init/,
  },
  {
    name: "a file in place of tickets/active",
    spoil: (project) => {
      project.git("rm", "-q", "-r", "tickets/active");
      project.write("tickets/active", "x");
    },
    args: ["new", "Something"],
    exit: 1,
    says: /tickets\/active is no folder; expected one/,
    hint: /hint: ls -ld /,
  },
];

test.each(rows)("$name: $args", async ({ files, git, spoil, args, exit, says, hint }) => {
  const project = tempProject({ files: { ...good, ...files }, ...(git === undefined ? {} : { git }) });
  spoil?.(project);
  const before = bytesOf(project.root);
  const done = await nimrod(args, { cwd: project.root, env: project.env });
  const said = `${done.stderr}${done.stdout}`;
  expect(done.exitCode, said).toBe(exit);
  expect(said).toMatch(says);
  expect(said).toMatch(hint);
  expect(said).not.toMatch(/\n {4}at |bug in Nimrod/);
  expect(bytesOf(project.root)).toEqual(before);
});

test("a dirty checkout is worked beside, and left as it is", async () => {
  const project = tempProject({ files: good });
  project.write("half-done.txt", "mine\n");
  const done = await nimrod(["run", "aaaaaa", "--until", "triage"], { cwd: project.root, env: project.env });
  expect([done.exitCode, done.stderr.includes("    at ")]).toEqual([0, false]);
  expect(project.read("half-done.txt")).toBe("mine\n");
  expect(project.git("status", "--porcelain")).toContain("?? half-done.txt");
});

test("on a detached head there is nothing to land on, and the branch to switch to is named", async () => {
  const project = tempProject({ files: good });
  project.git("checkout", "-q", "--detach");
  const done = await nimrod(["run", "aaaaaa"], { cwd: project.root, env: project.env });
  expect(done.exitCode).toBe(1);
  expect(done.stderr).toMatch(/the checkout is on no branch.*\n {2}hint: git switch main/);
  expect(project.read(path)).toBe(text);
});

// As root, permissions stop nobody: the project is mounted read-only instead.
test.skipIf(!canMountReadOnly).each<[string[], RegExp]>([
  [["new", "Something"], /tickets\/active.*read-only file system/i],
  [["note", "aaaaaa", "seen"], /nim-aaaaaa-sample\.md.*read-only file system/i],
  [["edit", "aaaaaa", "-p", "0"], /nim-aaaaaa-sample\.md.*read-only file system/i],
])("where nothing may be written, %j is exit 1 and says which file", (args, message) => {
  const project = tempProject({ files: good });
  const before = bytesOf(project.root);
  const done = nimrodReadOnly(project, ...args);
  expect(done.exitCode).toBe(1);
  expect(done.stderr).toMatch(message);
  expect(done.stderr).not.toMatch(/\n {4}at |bug in Nimrod/);
  expect(bytesOf(project.root)).toEqual(before);
});

test.skipIf(!canMountReadOnly)("a ticket that was created is never taken for one that was not", async () => {
  const project = tempProject({ files: good });
  const idOf = { id: expect.stringMatching(/^nim-[0-9a-z]{6}\n$/) };
  // Only where `@` is kept cannot be written.
  const done = nimrodWithReadOnly(project, project.home, ["new", "Something"]);
  expect([done.exitCode, { id: done.stdout }]).toEqual([0, idOf]);
  expect(done.stderr).toMatch(/^@ does not mean nim-[0-9a-z]{6}: .*\.local/m);
  expect(readdirSync(join(project.root, "tickets/active"))).toContainEqual(
    expect.stringMatching(/something/),
  );

  const linked = nimrodWithReadOnly(project, project.home, ["new", "Another", "--related", "aaaaaa"]);
  expect([linked.exitCode, linked.stdout]).toEqual([1, ""]);
  const [, command = ""] =
    /hint: nimrod (link nim-[0-9a-z]{6} related nim-aaaaaa)$/m.exec(linked.stderr) ?? [];
  expect(linked.stderr).toMatch(/^nim-[0-9a-z]{6} was created, but nim-aaaaaa does not name it: /m);
  const typed = await nimrod(command.split(" "), { cwd: project.root, env: project.env });
  expect(typed.exitCode).toBe(0);
  expect(project.read(path)).toMatch(/- related to nim-[0-9a-z]{6}|- related nim-[0-9a-z]{6}/);
});

test("a doubled id is one row with the keys of any other in --json", async () => {
  const project = tempProject({ files: { ...good, ...twin } });
  for (const args of [["list"], ["search", "x"], ["status"]]) {
    const shown = await nimrodJson(args, { cwd: project.root, env: project.env });
    expect(shown["exitCode"]).toBe(args[0] === "list" ? 8 : 0);
  }
});

test("a terminal that is interrupted at a question is exit 130, and nothing was written", async () => {
  const project = tempProject({ files: good });
  const before = bytesOf(project.root);
  const run = await runInTerminal(["init"], {
    cwd: project.root,
    env: project.env,
    answers: [{ when: "Passphrase", type: "\x03" }],
  });
  expect(run.exitCode).toBe(130);
  for (const [name, bytes] of before) expect(bytesOf(project.root).get(name)).toBe(bytes);
});

/** Every file of the project but git's own. */
function bytesOf(root: string): Map<string, string> {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => !/^\.git(?:\/|$)/.test(name) && statSync(join(root, name)).isFile())
    .sort();
  return new Map(files.map((name) => [name, readFileSync(join(root, name), "latin1")]));
}
