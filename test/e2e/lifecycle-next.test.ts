import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { run, runJson } from "../support/sample-work.ts";
import { type TempProject, tempProject, ticketFile } from "../support/temp-project.ts";

/** No program can be found: whatever would be started cannot be. */
function withoutPrograms(project: TempProject): TempProject {
  mkdirSync(join(project.home, "empty"));
  project.env["PATH"] = join(project.home, "empty");
  return project;
}

const files = {
  ...ticketFile({ id: "nim-procss", priority: 0, more: "labels: [process]" }),
  ...ticketFile({ id: "nim-urgent", priority: 0 }),
  ...ticketFile({ id: "nim-begun0", status: "in_progress", priority: 4 }),
  ...ticketFile({ id: "nim-plain2" }),
  ...ticketFile({ id: "nim-plain1" }),
  ...ticketFile({ id: "nim-helper" }),
  ...ticketFile({ id: "nim-waits0", more: "depends_on: [nim-helper]" }),
  ...ticketFile({ id: "nim-lost00", more: "depends_on: [nim-nobody]", priority: 0 }),
  ...ticketFile({ id: "nim-draft0", status: "draft", priority: 0 }),
  ...ticketFile({ id: "nim-epic00", type: "epic", priority: 0 }),
  ...ticketFile({ id: "nim-given0", status: "closed", more: "close_reason: wontfix" }),
  ...ticketFile({ id: "nim-after0", more: "depends_on: [nim-given0]" }),
};

describe("next, before it starts anything", () => {
  test.each(["--dry-run", "--explain"])(
    "%s says which, why and why not the others, and starts no process",
    async (option) => {
      const project = withoutPrograms(tempProject({ files }));
      const told = await runJson(project, "next", option);
      expect(told).toMatchObject({
        exitCode: 0,
        kind: "next",
        ticket: "nim-begun0",
        why: "in progress already; priority 4",
        resumes: false,
        order: ["nim-begun0", "nim-urgent", "nim-helper", "nim-plain1", "nim-plain2", "nim-procss"],
        equals: ["nim-begun0"],
      });
      const skipped = Object.fromEntries(
        (told["skipped"] as { id: string; reason: string }[]).map((each) => [each.id, each.reason]),
      );
      expect(skipped).toEqual({
        "nim-waits0": "waits on nim-helper",
        "nim-lost00": "waits on nim-nobody",
        "nim-after0": "waits on nim-given0",
        "nim-draft0": "is a draft",
        "nim-epic00": "is an epic: its parts are worked on instead",
      });
      const said = await run(project, "next", option);
      expect(said.stdout).toMatch(
        /^Next: nim-begun0 {2}Ticket nim-begun0\n {2}why this one {3}in progress already/,
      );
      expect(said.stdout).toContain("nim-lost00  Ticket nim-lost00: waits on nim-nobody");
    },
  );

  test("the older one first, then the smaller id; equals are the triager's to choose among", async () => {
    const older = ticketFile({ id: "nim-zzz000" });
    const path = "tickets/active/nim-zzz000-sample.md";
    const text = (older[path] ?? "").replace("2026-11-22", "2025-01-01");
    const project = withoutPrograms(
      tempProject({
        files: { ...ticketFile({ id: "nim-bbb000" }), ...ticketFile({ id: "nim-aaa000" }), [path]: text },
      }),
    );
    expect(await runJson(project, "next", "--dry-run")).toMatchObject({
      order: ["nim-zzz000", "nim-aaa000", "nim-bbb000"],
      equals: ["nim-zzz000", "nim-aaa000", "nim-bbb000"],
    });
  });

  test("a ticket that cannot be read is loud and holds up nobody else's", async () => {
    const broken = "---\nid: nim-broken\ntitle: x\nstatus: wip\n---\n";
    const project = withoutPrograms(
      tempProject({
        files: { ...ticketFile({ id: "nim-aaa000" }), "tickets/active/nim-broken-x.md": broken },
      }),
    );
    const told = await run(project, "next", "--dry-run");
    expect(told.exitCode).toBe(0);
    expect(told.stdout).toContain("Next: nim-aaa000");
    expect(told.stderr).toMatch(/^BROKEN {2}tickets\/active\/nim-broken-x\.md:4: .*wip/m);
  });

  test("with nothing to start it is exit 3, and says what is waited for", async () => {
    const project = withoutPrograms(
      tempProject({ files: ticketFile({ id: "nim-lost00", more: "depends_on: [nim-nobody]" }) }),
    );
    expect(await runJson(project, "next", "--dry-run")).toMatchObject({
      exitCode: 3,
      result: "nothing",
      skipped: [{ id: "nim-lost00", reason: "waits on nim-nobody" }],
    });
    expect((await run(withoutPrograms(tempProject()), "next", "--explain")).exitCode).toBe(3);
  });
});
