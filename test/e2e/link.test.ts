import { describe, expect, test } from "vitest";
import { run, runJson, ticketPath } from "../support/sample-work.ts";
import { tempProject, ticketFile } from "../support/temp-project.ts";

const [a, b, c] = ["nim-aaa111", "nim-bbb222", "nim-ccc333"] as const;
const scene = (more: Record<string, string> = {}) =>
  tempProject({
    git: false,
    files: { ...ticketFile({ id: a }), ...ticketFile({ id: b }), ...ticketFile({ id: c }), ...more },
  });

describe("link", () => {
  test("goes to the key that a file of another tool has, and counts ids in any case", async () => {
    const foreign = ticketFile({ id: "TASK-1", more: `deps: [${a}] # first` });
    const project = scene(foreign);
    await run(project, "link", "task-1", "deps", "BBB222");
    expect(project.read("tickets/active/TASK-1-sample.md")).toContain(`\ndeps: [${a}, ${b}] # first\n`);
    expect(await runJson(project, "link", "TASK-1", "dependencies", a.toUpperCase())).toMatchObject({
      link: "depends_on",
      to: a,
      changed: true,
    });
    expect(project.read(ticketPath(a))).toContain("- needed by TASK-1\n");
    await run(project, "link", "TASK-1", "depends_on", a, "--remove");
    expect(project.read("tickets/active/TASK-1-sample.md")).toContain(`\ndeps: [${b}] # first\n`);
  });

  test("takes out a link that leads nowhere", async () => {
    const project = scene(ticketFile({ id: "nim-ddd444", more: "depends_on: [nim-gone00]" }));
    expect(await runJson(project, "link", "ddd", "depends_on", "nim-gone00", "--remove")).toMatchObject({
      exitCode: 0,
      to: "nim-gone00",
      changed: true,
    });
    expect(project.read(ticketPath("nim-ddd444"))).toContain("\ndepends_on: []\n");
  });

  test("repeats what a kill between the two files left out", async () => {
    const project = scene(ticketFile({ id: "nim-ddd444", more: `related: [${a}]` }));
    expect(await runJson(project, "link", "ddd", "related", a)).toMatchObject({ changed: true });
    expect(project.read(ticketPath(a))).toContain("- related to nim-ddd444\n");
  });

  test("a circle is refused and named, whichever way round it is", async () => {
    const project = scene();
    await run(project, "link", a, "depends_on", b);
    await run(project, "link", b, "depends_on", c);
    const before = [a, b, c].map((id) => project.read(ticketPath(id)));
    const done = await run(project, "link", c, "depends_on", a);
    expect(done).toMatchObject({ exitCode: 2, stdout: "" });
    expect(done.stderr).toContain(`${c} depends_on ${a} would close a circle: ${c} → ${a} → ${b} → ${c}`);
    expect(done.stderr).toContain(`nimrod link ${b} depends_on ${c} --remove`);
    expect((await run(project, "link", a, "related", a)).stderr).toContain(`${a} cannot be linked to itself`);
    expect([a, b, c].map((id) => project.read(ticketPath(id)))).toEqual(before);
    // Only an order can go round in a circle.
    expect((await run(project, "link", c, "related", a)).exitCode).toBe(0);
  });

  test.each<[string, string[], number, RegExp]>([
    [
      "a word that is no kind",
      [a, "depend_on", b],
      2,
      /"depend_on" is no kind of link; expected .*\n {2}hint: did you mean depends_on/,
    ],
    ["no such ticket", [a, "related", "zzz"], 4, /no ticket has an id with "zzz"/],
    ["an ambiguous id", ["nim", "related", b], 4, /fits 3 tickets/],
    ["a broken file", [a, "related", "eee555"], 8, /nim-eee555\.md:1:/],
    [
      "a link that is not there to an id that is not there",
      [a, "related", "nim-gone00", "--remove"],
      4,
      /nim-gone00/,
    ],
    ["too few words", [a, "related"], 2, /missing required argument/],
  ])("%s: one clear message, and nothing is written", async (_, args, exit, message) => {
    const project = scene({ "tickets/active/nim-eee555.md": "---\nid: nim-eee555\n" });
    const before = project.read(ticketPath(a));
    const done = await run(project, "link", ...args);
    expect({ exit: done.exitCode, stdout: done.stdout }).toEqual({ exit, stdout: "" });
    expect(done.stderr).toMatch(message);
    expect(project.read(ticketPath(a))).toBe(before);
  });
});
