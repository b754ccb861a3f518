import { describe, expect, test } from "vitest";
import { nimrod, nimrodJson } from "../support/run-nimrod.ts";
import { tempProject } from "../support/temp-project.ts";
import { addLine, at, ticketClones, ticketPath } from "../support/two-clones.ts";

describe("nimrod init --git", () => {
  test("adds the line to the attributes that are there", async () => {
    const project = tempProject({ files: { ".gitattributes": "*.png binary" } });
    await nimrod(["init", "--git"], at(project));
    expect(project.read(".gitattributes")).toBe(
      "*.png binary\n.nimrod/evidence/** -text -merge\n/tickets/**/*.md merge=nimrod\n",
    );
    const where = ["tickets/nim-a.md", "tickets/active/nim-a.md", "tickets/closed/nim-a.md", "docs/a.md"];
    const asked = where.map((one) => project.git("check-attr", "merge", "--", one).split(": ").at(-1));
    expect(asked).toEqual(["nimrod", "nimrod", "nimrod", "unspecified"]);
  });

  test("needs a repository, and makes nothing without one", async () => {
    const project = tempProject({ git: false, tickets: false });
    const done = await nimrod(["init", "--git"], at(project));
    expect(done).toMatchObject({ exitCode: 2, stdout: "" });
    expect(done.stderr).toContain("hint: git init");
  });

  test("doctor says when the program that a clone names is gone", async () => {
    const { a } = await ticketClones({ driver: false });
    await nimrod(["init", "--git"], at(a));
    const driver = a.git("config", "merge.nimrod.driver").replace("nimrod", "'/nowhere/nimrod'");
    a.git("config", "merge.nimrod.driver", driver);
    const doctor = await nimrod(["doctor"], at(a));
    expect(doctor.stdout).toMatch(/'\/nowhere\/nimrod', which .* is not there {3}→ nimrod init --git/);
    await nimrod(["init", "--git"], at(a));
    expect((await nimrod(["doctor"], at(a))).stdout).toContain("✓ git merges tickets by");
  });
});

describe("two clones with the driver", () => {
  test("create tickets that are two tickets everywhere", async () => {
    const { a, b } = await ticketClones({ driver: true });
    const ids = [];
    for (const clone of [a, b]) ids.push((await nimrod(["new", "The same title"], at(clone))).stdout.trim());
    a.publish();
    expect(b.merge().clean).toBe(true);
    expect(new Set(ids).size).toBe(2);
    const { tickets, broken } = await nimrodJson(["list"], at(b));
    expect(broken).toEqual([]);
    expect((tickets as { id: string }[]).map(({ id }) => id).sort()).toEqual(["nim-aaaaaa", ...ids].sort());
  });

  test("close it here and note something there: the note is in the closed ticket", async () => {
    const { a, b } = await ticketClones({ driver: true });
    const closed = "tickets/closed/nim-aaaaaa-sample.md";
    a.git("mv", ticketPath, closed);
    a.change(closed, (text) => text.replace("status: open", "status: closed\nclose_reason: done"));
    addLine(b, "- seen again");
    b.change(ticketPath, (text) => text.replace("[tls]", "[tls, seen]"));
    a.publish();
    expect(b.merge()).toMatchObject({ clean: true });
    expect(b.read(closed)).toContain("status: closed\nclose_reason: done");
    expect(b.read(closed)).toContain("labels: [tls, seen]");
    expect(b.read(closed)).toContain("- the first note\n- seen again\n");
  });

  test("merge crosswise, so that git has to merge the ancestors first: no mark gets into the result", async () => {
    const { a, b } = await ticketClones({ driver: true });
    const file = ticketPath;
    const resolve = (text: string) => text.replace(/<{7}.*\n(.*\n)={7}\n.*\n>{7}.*\n/, "$1");
    a.change(file, (text) => text.replace("status: open", "status: blocked"));
    b.change(file, (text) => text.replace("status: open", "status: in_progress"));
    a.git("commit", "-qam", "blocked");
    b.git("commit", "-qam", "in progress");
    // Each takes in the other's first commit, and both decide alike: two ancestors, neither above the other.
    a.git("fetch", "-q", b.root, "main:other");
    b.git("fetch", "-q", a.root, "main:other");
    for (const clone of [a, b]) {
      expect(() => clone.git("merge", "-q", "other")).toThrow();
      clone.change(file, (text) => resolve(text).replace(/status: .*/, "status: in_review"));
      addLine(clone, `- decided in ${clone.root.at(-1)}`);
      clone.git("commit", "-qam", "decided");
    }
    a.publish();
    expect(b.merge()).toMatchObject({ clean: true });
    expect(b.read(file)).toContain("status: in_review");
    expect(b.read(file)).toContain("- the first note\n- decided in b\n- decided in a\n");
  });
});

describe("what git starts", () => {
  const clash = ({ a, b }: Pick<Awaited<ReturnType<typeof ticketClones>>, "a" | "b">) => {
    a.change(ticketPath, (text) => text.replace("status: open", "status: closed"));
    b.change(ticketPath, (text) => text.replace("status: open", "status: blocked"));
    addLine(a, "- a note of a");
    a.publish();
  };

  test("with a PATH on which nimrod is not, git merges lines, and loses nothing", async () => {
    const clones = await ticketClones({ driver: true });
    clash(clones);
    const bare = (clones.b.env["PATH"] ?? "")
      .split(":")
      .slice(1)
      .filter((one) => !one.endsWith(".bin"));
    const merge = clones.b.merge({ PATH: bare.join(":") });
    expect(merge.clean).toBe(false);
    const text = clones.b.read(ticketPath);
    expect(text).toContain("<<<<<<< ours\nstatus: blocked\n=======\nstatus: closed\n>>>>>>> theirs\n");
    expect(text).toContain("- a note of a\n");
    expect((await nimrod(["list"], at(clones.b))).exitCode).toBe(8);
  });

  test("with a Nimrod that falls over, the same", async () => {
    const clones = await ticketClones({ driver: true });
    addLine(clones.a, "- a note of a");
    clones.a.publish();
    clones.b.change(ticketPath, (text) => text.replace("status: open", "status: blocked"));
    const driver = clones.b.git("config", "merge.nimrod.driver").replace(/^nimrod/, "sh -c 'exit 1' nimrod");
    clones.b.git("config", "merge.nimrod.driver", driver);
    expect(clones.b.merge()).toMatchObject({ clean: true });
    expect(clones.b.read(ticketPath)).toContain("- a note of a\n");
    expect(clones.b.read(ticketPath)).toContain("status: blocked\n");
  });

  test("in a clone without the driver git merges lines: what lies apart merges, what does not is a conflict", async () => {
    const { a, b } = await ticketClones({ driver: false });
    clash({ a, b });
    expect(b.merge().clean).toBe(false);
    expect(b.read(ticketPath)).toContain("- a note of a\n");
    const list = await nimrod(["list"], at(b));
    expect(list.exitCode).toBe(8);
    expect(`${list.stdout}${list.stderr}`).toContain(":4: a git conflict marker");
  });
});
