import { expect, test } from "vitest";
import { nimrod, nimrodJson } from "../support/run-nimrod.ts";
import { type TempProject, tempProject, ticketFile } from "../support/temp-project.ts";

const at = (project: TempProject) => ({ cwd: project.root, env: project.env });
const fileOf = (fields: Parameters<typeof ticketFile>[0]) => Object.values(ticketFile(fields))[0] ?? "";

test("what lies under tickets/ and is no ticket is named, each with what to do", async () => {
  const project = tempProject({
    files: {
      ...ticketFile({ id: "nim-aaaaaa" }),
      "tickets/active/nim-bbbbbb.md.orig": "x",
      "tickets/archive/2025/nim-cccccc.md": fileOf({ id: "nim-cccccc" }),
      "tickets/images/plan.png": "x",
      "tickets/closed/nim-dddddd.md": fileOf({ id: "nim-dddddd" }),
      "tickets/README.md": "# Tickets\n",
      "tickets/.DS_Store": "x",
    },
  });
  const done = await nimrod(["doctor"], at(project));
  expect(done.exitCode).toBe(0);
  const lines = done.stdout
    .slice(done.stdout.indexOf("\ntickets\n"))
    .split("\n")
    .filter((line) => line.includes("!"));
  expect(lines).toEqual([
    expect.stringMatching(/! tickets\/closed\/nim-dddddd\.md: status is open, so no list shows it.*→ git mv/),
    expect.stringMatching(/! tickets\/archive\/: 1 \.md files in it are not read.*→ git mv/),
    expect.stringMatching(
      /! tickets\/active\/nim-bbbbbb\.md\.orig: no ticket; expected a name that ends in \.md/,
    ),
  ]);
});

test("--fix says word for word what --apply then does, once, and nothing else changes", async () => {
  const older = fileOf({ id: "nim-aaaaaa", title: "Older" });
  const younger = fileOf({ id: "nim-aaaaaa", title: "Younger" }).replace("2026-11-22T07", "2026-11-22T09");
  const left = "tickets/active/.nimrod-4194304-0123456789abcdef.tmp";
  const project = tempProject({
    files: {
      "tickets/active/nim-aaaaaa-older.md": older,
      "tickets/active/nim-aaaaaa-younger.md": younger.replaceAll("\n", "\r\n"),
      ...ticketFile({ id: "nim-bbbbbb", more: "related: [nim-cccccc]" }),
      ...ticketFile({ id: "nim-cccccc" }),
      [left]: "half a tick",
    },
  });
  const plan = await nimrodJson(["doctor", "--fix"], at(project));
  expect(plan["exitCode"]).toBe(8);
  expect(project.git("status", "--porcelain")).toBe("");
  const shown = await nimrod(["doctor", "--fix"], at(project));
  expect(shown.stdout).toContain(`would remove ${left}\n`);

  const done = await nimrodJson(["doctor", "--fix", "--apply"], at(project));
  expect(done["exitCode"]).toBe(0);
  const repairs = (plan["repairs"] as { id: string | null; renamed: string | null }[]).map((one) => ({
    ...one,
    applied: true,
  }));
  expect(done["repairs"]).toEqual(repairs);
  const { id, renamed } = repairs.find((one) => one.id !== null) ?? { id: null, renamed: null };
  expect(renamed).toBe(`tickets/active/${id}-younger.md`);
  expect(shown.stdout).toContain(`  id: nim-aaaaaa → ${id}\n  renamed to ${renamed}\n`);
  expect(project.read(renamed ?? "")).toBe(younger.replaceAll("\n", "\r\n").replace("nim-aaaaaa", id ?? ""));
  expect(project.read("tickets/active/nim-aaaaaa-older.md")).toBe(older);
  expect(project.git("status", "--porcelain").split("\n")).toHaveLength(4);

  project.commit("Repaired");
  expect(await nimrodJson(["doctor", "--fix", "--apply"], at(project))).toMatchObject({
    exitCode: 0,
    repairs: [],
  });
  expect(project.git("status", "--porcelain")).toBe("");
});

test.each<[string, Record<string, string>, RegExp]>([
  ["nobody says which is younger", {}, /`created` does not tell/],
  [
    "another ticket means one of them",
    {
      "tickets/active/b.md": fileOf({ id: "nim-aaaaaa", title: "One" }).replace("22T07", "22T09"),
      ...ticketFile({ id: "nim-cccccc", more: "depends_on: [nim-aaaaaa]" }),
    },
    /other text names it/,
  ],
  [
    "the younger one was worked on",
    {
      "tickets/active/b.md": fileOf({ id: "nim-aaaaaa", title: "One", more: "stage: plan" }).replace(
        "22T07",
        "22T09",
      ),
    },
    /was worked on already/,
  ],
])("one id in two files where %s is left to a person", async (_, files, why) => {
  const project = tempProject({
    files: {
      "tickets/active/a.md": fileOf({ id: "nim-aaaaaa", title: "One" }),
      "tickets/active/b.md": fileOf({ id: "nim-aaaaaa", title: "One" }),
      ...files,
    },
  });
  const done = await nimrod(["doctor", "--fix", "--apply"], at(project));
  expect(done.exitCode).toBe(8);
  expect(done.stdout).toMatch(why);
  expect(done.stdout).toMatch(/→ give one of them another id by hand: nimrod edit tickets\/active\/[ab]\.md/);
  expect(project.git("status", "--porcelain")).toBe("");
});
