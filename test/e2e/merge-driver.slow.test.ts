import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nimrod, nimrodJson } from "../support/run-nimrod.ts";
import { tempProject, ticketFile } from "../support/temp-project.ts";
import { addLine, at, ticketClones, ticketPath } from "../support/two-clones.ts";

describe("nimrod init --git", () => {
  test("says what it did, and does nothing the second time; doctor knows a clone that lacks it", async () => {
    const { a, b } = await ticketClones({ driver: false });
    const first = await nimrod(["init", "--git"], at(a));
    expect(first.stdout).toContain("made  git config merge.nimrod.driver");
    expect(a.git("config", "merge.nimrod.driver")).toMatch(/^nimrod merge-driver %O %A %B %P \|\| /);
    const config = a.read(".git/config");
    const second = await nimrod(["init", "--git"], at(a));
    expect(second.stdout).toBe("nothing to do: everything is there already\n");
    expect(a.read(".git/config")).toBe(config);
    expect((await nimrod(["doctor"], at(a))).stdout).toContain("✓ git merges tickets by nimrod merge-driver");

    const doctor = await nimrod(["doctor"], at(b));
    expect(doctor.stdout).toMatch(
      /! git merges tickets as plain text: \.gitattributes .* → nimrod init --git/,
    );
  });
});

describe("two clones with the driver", () => {
  test("edit one ticket in different ways, and nothing of either is lost", async () => {
    const { a, b } = await ticketClones({ driver: true });
    a.change(ticketPath, (text) => text.replace("status: open", "status: in_progress # since today"));
    a.change(ticketPath, (text) => text.replace("[tls]", "[tls, urgent]\ndepends_on: [nim-bbbbbb]"));
    addLine(a, "- a note of a");
    b.change(ticketPath, (text) => text.replace("priority: 2", "priority: 0"));
    b.change(ticketPath, (text) => text.replace("[tls]", "[vault]\ndepends_on: [nim-cccccc]"));
    addLine(b, "- a note of b\n\n## Risks\n\n- it may rain");
    a.publish();
    expect(b.merge()).toMatchObject({ clean: true });
    expect(b.read(ticketPath)).toBe(`---
id: nim-aaaaaa
title: Ticket nim-aaaaaa
status: in_progress # since today
type: task
priority: 0
created: 2026-11-22T07:12:40Z
labels: [vault, urgent]
depends_on: [nim-cccccc, nim-bbbbbb]
---

## Description

Something.

## Notes

- the first note
- a note of b
- a note of a

## Risks

- it may rain
`);
  });

  test("set one key to two values: a conflict that git, and nimrod list with its line, report", async () => {
    const { a, b } = await ticketClones({ driver: true });
    const file = ticketPath;
    a.change(file, (text) => text.replace("status: open", "status: closed"));
    b.change(file, (text) => text.replace("status: open", "status: in_progress"));
    addLine(a, "- a note of a");
    a.publish();
    const merge = b.merge();
    expect(merge.clean).toBe(false);
    expect(merge.said).toContain(`${file}:4: both sides changed status`);
    expect(b.git("status", "--porcelain")).toContain(`UU ${file}`);
    const list = await nimrod(["list"], at(b));
    expect(list.exitCode).toBe(8);
    expect(`${list.stdout}${list.stderr}`).toContain(`${file}:4: a git conflict marker`);

    expect(b.read(file)).toContain("- a note of a\n");
    b.change(file, (text) => text.replace(/<{7}.*\n(.*\n)={7}\n.*\n>{7}.*\n/, "$1"));
    expect((await nimrod(["list"], at(b))).stdout).toContain("in_progress");
  });
});

describe("what git starts", () => {
  test("works with the PATH of a git hook", async () => {
    const clones = await ticketClones({ driver: true });
    addLine(clones.a, "- a note of a");
    clones.a.publish();
    addLine(clones.b, "- a note of b");
    clones.b.git("fetch", "-q");
    const hook = join(clones.b.root, ".git", "hooks", "post-commit");
    writeFileSync(hook, "#!/bin/sh\ngit -c core.hooksPath=/dev/null merge -q --no-edit origin/main\n");
    chmodSync(hook, 0o755);
    clones.b.git("add", "-A");
    clones.b.git("commit", "-qm", "What b did");
    expect(clones.b.read(ticketPath)).toContain("- a note of b\n- a note of a\n");
  });
});

describe("nimrod merge-driver", () => {
  test("merges three files into the second one, and has its document with --json", async () => {
    const project = tempProject();
    const [text = ""] = Object.values(ticketFile({ id: "nim-aaaaaa" }));
    project.write("o", text);
    project.write("a", text.replace("status: open", "status: blocked"));
    project.write("b", text.replace("priority: 2", "priority: 3"));
    expect(await nimrodJson(["merge-driver", "o", "a", "b", "tickets/x.md"], at(project))).toMatchObject({
      exitCode: 0,
      kind: "merge-driver",
      path: "tickets/x.md",
    });
    expect(project.read("a")).toBe(
      text.replace("status: open", "status: blocked").replace("priority: 2", "priority: 3"),
    );
    project.write("b", text.replace("status: open", "status: draft"));
    expect(await nimrodJson(["merge-driver", "o", "a", "b", "tickets/x.md"], at(project))).toMatchObject({
      exitCode: 1,
      code: "conflict",
      where: "tickets/x.md:4",
    });
  });

  test("knows what an evidence field counts; of one that it cannot read it says which command helps", async () => {
    const project = tempProject();
    const [text = ""] = Object.values(ticketFile({ id: "nim-aaaaaa" }));
    const field = (value: string) => text.replace("priority: 2", `priority: 2\nevidence: ${value}`);
    const [a, b] = ["a".repeat(64), "b".repeat(64)];
    const args = ["merge-driver", "o", "a", "b", "tickets/x.md"];
    project.write("o", text);
    project.write("a", field(`2 ${b} # of mine`));
    project.write("b", field(`3 ${a}`));
    expect(await nimrod(args, at(project))).toMatchObject({ exitCode: 0, stderr: "" });
    expect(project.read("a")).toBe(field(`5 ${a},${b} # of mine`));
    project.write("b", field("soon"));
    const clash = await nimrod(args, at(project));
    expect(clash.exitCode).toBe(1);
    expect(clash.stderr).toContain("both sides changed evidence");
    expect(clash.stderr).toContain(
      "of evidence keep either line, and after the merge: nimrod verify ID --join",
    );
  });
});
