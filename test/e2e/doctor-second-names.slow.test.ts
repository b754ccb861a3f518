import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, linkSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nimrod, nimrodJson } from "../support/run-nimrod.ts";
import { type TempProject, tempProject, ticketFile } from "../support/temp-project.ts";

/** What a kill in the middle of a move leaves: `doctor` names both files, and puts right what loses nothing. */

const at = (project: TempProject) => ({ cwd: project.root, env: project.env });
const textOf = (status: string) =>
  (Object.values(ticketFile({ id: "nim-aaaaaa", status: "open" }))[0] ?? "").replace(
    "status: open",
    `status: ${status}`,
  );

type How = (from: string, to: string) => void;
const rows: [name: string, how: How, status: string, from: string, to: string, kept: string][] = [
  ["closing", linkSync, "closed", "active/a.md", "closed/a.md", "closed/a.md"],
  ["reopening", linkSync, "closed", "closed/a.md", "active/a.md", "closed/a.md"],
  ["rolling back", linkSync, "blocked", "closed/a.md", "active/a.md", "active/a.md"],
  ["closing one that lies in tickets/", linkSync, "closed", "a.md", "closed/a.md", "closed/a.md"],
  [
    "closing, and then somebody committed both",
    copyFileSync,
    "closed",
    "active/a.md",
    "closed/a.md",
    "closed/a.md",
  ],
  [
    "giving it a new id",
    linkSync,
    "open",
    "active/nim-old-x.md",
    "active/nim-aaaaaa-x.md",
    "active/nim-aaaaaa-x.md",
  ],
];

test.each(rows)("a kill while %s", async (_, how, status, from, to, kept) => {
  const text = textOf(status);
  const project = tempProject({ files: { [`tickets/${from}`]: text } });
  const path = (name: string) => join(project.root, "tickets", name);
  mkdirSync(path("closed"), { recursive: true });
  how(path(from), path(to));
  const gone = kept === to ? from : to;

  const named = await nimrod(["doctor"], at(project));
  expect(named.stdout).toContain(`tickets/${gone} and tickets/${kept}: one ticket under two names`);
  expect(named.stdout).not.toContain("id nim-aaaaaa in");
  const shown = await nimrod(["doctor", "--fix"], at(project));
  expect(shown.stdout).toContain(
    `would remove tickets/${gone}\n  the same ticket, byte for byte, stays as tickets/${kept}\n`,
  );
  expect(existsSync(path(gone))).toBe(true);
  const done = await nimrodJson(["doctor", "--fix", "--apply"], at(project));
  expect(done).toMatchObject({
    exitCode: 0,
    healthy: true,
    repairs: [{ kind: "remove", path: `tickets/${gone}`, applied: true }],
  });
  expect(existsSync(path(gone))).toBe(false);
  expect(project.read(`tickets/${kept}`)).toBe(text);
  expect(await nimrodJson(["list", "--all"], at(project))).toMatchObject({
    exitCode: 0,
    tickets: [{ path: `tickets/${kept}` }],
  });
});

test("a kill before the move, when the ticket says that it is closed, is told with the move that is missing", async () => {
  const closed = textOf("closed");
  const project = tempProject({
    files: {
      "tickets/active/a.md": closed.replace("status: closed", "status: closed\nclose_reason: wontfix"),
      "tickets/active/b.md": closed.replace("nim-aaaaaa", "nim-bbbbbb"),
    },
  });
  mkdirSync(join(project.root, "tickets/closed"), { recursive: true });
  const doctor = await nimrod(["doctor"], at(project));
  expect(doctor.exitCode).toBe(0);
  const [told, ...others] = doctor.stdout
    .split("\n")
    .filter((line) => line.includes("not in tickets/closed"));
  expect(others).toEqual([]);
  const [, command = ""] = /→ (git mv tickets\/active\/a\.md tickets\/closed\/)$/.exec(told ?? "") ?? [];
  execFileSync("sh", ["-c", command], { cwd: project.root, env: project.env });
  expect((await nimrod(["doctor"], at(project))).stdout).not.toContain("not in tickets/closed");
});

test("two names that are as good as each other, or two texts, are left to a person; both are named", async () => {
  const project = tempProject({ files: { "tickets/active/a.md": textOf("open") } });
  const path = (name: string) => join(project.root, "tickets", name);
  linkSync(path("active/a.md"), path("active/b.md"));
  const same = await nimrod(["doctor", "--fix", "--apply"], at(project));
  expect(same.exitCode).toBe(8);
  expect(same.stdout).toContain("id nim-aaaaaa in tickets/active/a.md, tickets/active/b.md");
  expect(existsSync(path("active/a.md")) && existsSync(path("active/b.md"))).toBe(true);

  const edited = tempProject({
    files: {
      "tickets/active/a.md": textOf("closed"),
      "tickets/closed/a.md": `${textOf("closed")}- one line more\n`,
    },
  });
  const differ = await nimrod(["doctor", "--fix", "--apply"], at(edited));
  expect(differ.exitCode).toBe(8);
  expect(differ.stdout).toContain("id nim-aaaaaa in tickets/active/a.md, tickets/closed/a.md");
  expect(edited.git("status", "--porcelain")).toBe("");
});
