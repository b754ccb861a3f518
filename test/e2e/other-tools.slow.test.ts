import { beforeEach, describe, expect, test } from "vitest";
import { commands } from "../../src/cli/command-table.ts";
import { nimrod, nimrodJson } from "../support/run-nimrod.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

/** Tickets as other tools write them, left as they are: what is shown of them, and what an edit leaves in place. */

const backlogTask = `---
id: TASK-1
title: 'Serve the vault: through the proxy'
status: In Progress
assignee:
  - '@sara'
reporter: '@li'
created_date: '2026-11-22 07:12'
updated_date: '2026-11-23 09:00'
labels:
  - tls
  - vault
milestone: m-1
dependencies:
  - TASK-2
parent_task_id: TASK-3
priority: high
ordinal: 1000
x-estimate: 3h   # a guess
---

## Description

<!-- SECTION:DESCRIPTION:BEGIN -->
The vault still listens on its own port.
<!-- SECTION:DESCRIPTION:END -->

## Acceptance Criteria
<!-- AC:BEGIN -->
- [ ] #1 The proxy answers
- [x] #2 The page says so
<!-- AC:END -->

## Implementation Notes

<!-- SECTION:NOTES:BEGIN -->
Half done.
<!-- SECTION:NOTES:END -->
`;
const tkTicket = `---
id: lab-5c46
status: open
deps:
  - lab-9999
links: [lab-5c47]
created: 2026-11-22T07:12:40Z
type: feature
priority: 1
assignee: Sara Example
external-ref: gh-12
parent: lab-5c47
tags: [stream, http]
---
# Add a stream of events

Clients poll today.

---
status: closed
priority: 0
---

## Acceptance Criteria

It streams.

## Notes

**2026-11-22T08:00:00Z**

Asked the team.
`;
const backlogPath = "tickets/task-1 - Serve-the-vault-through-the-proxy.md";
const tkPath = "tickets/lab-5c46.md";
const files = {
  [backlogPath]: backlogTask,
  "tickets/task-2 - Second.md":
    "---\nid: TASK-2\ntitle: Second\nstatus: To Do\nassignee: []\ncreated_date: '2026-11-21 07:12'\nlabels: []\ndependencies: []\n---\n",
  "tickets/task-3 - Third.md":
    "---\r\nid: TASK-3\r\ntitle: Third\r\nstatus: Done\r\npriority: low\r\n---\r\n",
  [tkPath]: tkTicket,
  "tickets/lab-5c47.md":
    "---\nid: lab-5c47\nstatus: in_progress\ndeps: []\nlinks: []\ntype: epic\npriority: 4\n---\n# The parent\n",
};

const at = (project: TempProject) => ({ cwd: project.root, env: project.env });

describe("tickets of other tools, as they stand", () => {
  let project: TempProject;
  beforeEach(() => {
    project = tempProject({ files });
  });

  test("are listed with their own ids, titles, states and priorities, and nothing is missing", async () => {
    const { tickets, broken } = await nimrodJson(["list", "--all"], at(project));
    expect(broken).toEqual([]);
    expect(tickets).toMatchObject([
      { id: "TASK-1", title: "Serve the vault: through the proxy", status: "in_progress", priority: 1 },
      { id: "lab-5c47", title: "The parent", status: "in_progress", type: "epic", priority: 4 },
      { id: "lab-5c46", title: "Add a stream of events", status: "open", type: "feature", priority: 1 },
      { id: "TASK-2", title: "Second", status: "open", priority: 2 },
      { id: "TASK-3", title: "Third", status: "closed", priority: 3 },
    ]);
  });

  test("show has every field under Nimrod's name", async () => {
    expect(await nimrodJson(["show", "task-1"], at(project))).toMatchObject({
      ticket: {
        path: backlogPath,
        labels: ["tls", "vault"],
        assignee: "@sara",
        depends_on: ["TASK-2"],
        part_of: ["TASK-3"],
        created: "2026-11-22T07:12:00Z",
      },
    });
    expect(await nimrodJson(["show", "5c46"], at(project))).toMatchObject({
      ticket: {
        labels: ["stream", "http"],
        assignee: "Sara Example",
        depends_on: ["lab-9999"],
        related: ["lab-5c47"],
        part_of: ["lab-5c47"],
        external_ref: "gh-12",
        status: "open",
      },
    });
  });

  test("a block list of dependencies holds back, an unknown one too; the body decides nothing", async () => {
    expect(await nimrodJson(["ready"], at(project))).toMatchObject({ tickets: [{ id: "TASK-2" }] });
    expect(await nimrodJson(["blocked"], at(project))).toMatchObject({
      tickets: [
        { id: "TASK-1", blocked_by: ["TASK-2"] },
        { id: "lab-5c46", blocked_by: ["lab-9999"] },
      ],
    });
  });

  test("numbered criteria between marks are criteria", async () => {
    const done = await nimrod(["show", "task-1", "--evidence"], at(project));
    expect(done.exitCode).toBe(0);
    expect(done.stdout).toMatch(/^AC1 .*\n(?: {5}.*\n)*AC2 /m);
  });

  test.each<[string, string[], string, string, string]>([
    ["a priority in words", ["edit", "task-1", "-p", "0"], backlogPath, "priority: high", "priority: 0"],
    [
      "a label in a block list",
      ["edit", "task-1", "-l", "new"],
      backlogPath,
      "  - vault\n",
      "  - vault\n  - new\n",
    ],
    [
      "a dependency",
      ["edit", "task-1", "--depends-on", "5c46"],
      backlogPath,
      "  - TASK-2\n",
      "  - TASK-2\n  - lab-5c46\n",
    ],
    ["a tag", ["edit", "5c46", "-l", "new"], tkPath, "[stream, http]", "[stream, http, new]"],
    ["a state", ["edit", "5c46", "-s", "blocked"], tkPath, "\nstatus: open", "\nstatus: blocked"],
    ["a reference", ["edit", "5c46", "--external-ref", "gh-13"], tkPath, "gh-12", "gh-13"],
  ])(
    "an edit of %s is one line, under the name that the file has for it",
    async (_, args, path, old, now) => {
      const before = project.read(path);
      const done = await nimrod(args, at(project));
      expect([done.exitCode, done.stderr]).toEqual([0, ""]);
      expect(project.read(path)).toBe(before.replace(old, now));
      const [added, removed] = project.git("diff", "--numstat", "--", path).split("\t");
      expect(Number(added) + Number(removed)).toBeLessThanOrEqual(2);
    },
  );

  test("a note and a reverse link are added behind what is there, in the file's own line ends", async () => {
    const before = project.read("tickets/task-3 - Third.md");
    await nimrod(["link", "task-2", "related", "task-3"], at(project));
    await nimrod(["note", "task-3", "seen"], at(project));
    const after = project.read("tickets/task-3 - Third.md");
    expect(after.startsWith(before)).toBe(true);
    expect(after.replaceAll("\r\n", "")).not.toContain("\n");
    expect(after).toContain("- related to TASK-2\r\n");
  });
});

test.each<[string, string, RegExp]>([
  [
    "invalid YAML",
    "---\nid: a-1\ntitle: [x\nstatus: open\n---\n",
    /^BROKEN {2}tickets\/a-1\.md:4: YAML .*expected/m,
  ],
  [
    "a front matter that is never closed",
    "---\nid: a-1\nstatus: open\n",
    /^BROKEN {2}tickets\/a-1\.md:1: .*never closed; expected/m,
  ],
  [
    "conflict markers",
    "---\nid: a-1\ntitle: x\n<<<<<<< HEAD\nstatus: open\n=======\nstatus: closed\n>>>>>>> other\n---\n",
    /^BROKEN {2}tickets\/a-1\.md:4: a git conflict marker; expected/m,
  ],
])("%s is a loud row, exit 8, in list and doctor alike", async (_, text, message) => {
  const project = tempProject({ files: { "tickets/a-1.md": text, ...files } });
  const listed = await nimrod(["list"], at(project));
  expect(listed.exitCode).toBe(8);
  expect(listed.stdout).toMatch(message);
  expect(listed.stdout).toContain("TASK-1");
  const checked = await nimrod(["doctor"], at(project));
  expect(checked.exitCode).toBe(8);
  expect(checked.stdout).toMatch(/tickets\/a-1\.md:\d+: /);
});

describe("where those tools say nothing or the wrong thing", () => {
  test("closing with nothing done is refused, and says what is missing", async () => {
    const project = tempProject({ files });
    const done = await nimrod(["close", "task-1"], at(project));
    expect(done.exitCode).toBe(6);
    expect(`${done.stdout}${done.stderr}`).toMatch(/nimrod run TASK-1/);
    expect(project.read(backlogPath)).toBe(backlogTask);
  });

  test.each<[string[], number, RegExp]>([
    [["show", "task-77"], 4, /no ticket has an id with "task-77"/],
    [["list", "-l", "nothing"], 0, /^$/],
  ])("%j on an empty project is exit %i", async (args, exitCode, message) => {
    const done = await nimrod(args, at(tempProject()));
    expect([done.exitCode, done.stdout]).toEqual([exitCode, ""]);
    if (exitCode !== 0) expect(done.stderr).toMatch(message);
  });

  test("what new can say, edit can say", () => {
    const optionsOf = (name: string) =>
      (commands.find(({ usage }) => usage.split(" ")[0] === name)?.options ?? []).map(
        ({ flags }) => /--[a-z-]+/.exec(flags)?.[0],
      );
    const missing = optionsOf("new").filter((flag) => !optionsOf("edit").includes(flag));
    expect(missing).toEqual(["--edit"]);
  });
});
