import { appendFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { evidenceOf, field, journal, pageTicket, run, runJson, ticketPath } from "../support/sample-work.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

const timeout = 180_000;
const stepsDone = (project: TempProject, id: string) =>
  journal(project, id).flatMap((line) => (line.type === "outcome" ? [line.step] : []));

test("a branch that moved on is merged, verified and reviewed again; a conflict or a collision changes nothing", {
  timeout,
}, async () => {
  const id = "nim-mmm111";
  const active = ticketPath(id);
  const project = tempProject({ files: { ...pageTicket({ id }), "mine.md": "one\n", "staged.md": "one\n" } });
  expect(await runJson(project, "next")).toMatchObject({ exitCode: 0, result: "in_review" });
  const before = { ticket: project.read(active), steps: stepsDone(project, id) };

  // The operator made the same file meanwhile, uncommitted: refused, with what to do, and nothing was changed.
  project.write("page.md", "something of mine\n");
  const collision = await run(project, "close", id);
  expect([collision.exitCode, collision.stdout]).toEqual([1, ""]);
  expect(collision.stderr).toMatch(
    /page\.md\n {2}hint: git stash push -u -- page\.md && nimrod close nim-mmm111/,
  );
  expect(project.read("page.md")).toBe("something of mine\n");
  expect(field(project, active, "status")).toBe("in_review");
  expect(readdirSync(join(project.root, "tickets/closed"))).toEqual([".gitkeep"]);
  expect(project.git("status", "--porcelain", "--", "docs", "tickets/closed")).toBe("");

  // The same, committed: the merge conflicts.
  project.git("add", "page.md");
  project.git("commit", "-q", "-m", "Another page");
  const conflict = await run(project, "close", id);
  expect(conflict.exitCode).toBe(1);
  expect(conflict.stderr).toMatch(/does not merge.*page\.md\n {2}hint: nimrod reopen nim-mmm111/s);
  expect(field(project, active, "status")).toBe("in_review");
  expect(stepsDone(project, id)).toEqual(before.steps);
  project.git("rm", "-q", "page.md");
  project.git("commit", "-q", "-m", "No page after all");

  // An unrelated commit, and work of the operator's in every state that git knows.
  project.write("else.md", "elsewhere\n");
  project.git("add", "else.md");
  project.git("commit", "-q", "-m", "Something else");
  project.write("mine.md", "two\n");
  project.write("staged.md", "two\n");
  project.git("add", "staged.md");
  project.write("staged.md", "three\n");
  project.write("new.md", "untracked\n");
  const status = project.git("status", "--porcelain", "--", "*.md", ":!tickets", ":!docs");
  const done = await run(project, "close", id);
  expect(done.exitCode).toBe(0);
  expect(done.stderr).toContain("main moved on: the merged result is verified and reviewed again");
  const again = stepsDone(project, id);
  expect(again.slice(before.steps.length)).toEqual(["rebase", "verify", "review", "close"]);
  expect(project.git("status", "--porcelain")).toBe(status);
  expect(["mine.md", "staged.md", "new.md", "page.md", "else.md"].map(project.read)).toEqual([
    "two\n",
    "three\n",
    "untracked\n",
    "hello\n",
    "elsewhere\n",
  ]);
  expect(project.git("show", ":staged.md")).toBe("two");
  expect(project.git("log", "-1", "--format=%s", "HEAD^1")).toBe("Something else");
  expect(await runJson(project, "verify", id)).toMatchObject({ exitCode: 0, ok: true });
});

test("evidence that was changed, cut or taken away is seen, and nothing is closed on it", {
  timeout,
}, async () => {
  const id = "nim-eee111";
  const project = tempProject({
    files: { ...pageTicket({ id }), ...pageTicket({ id: "nim-zzz999", status: "draft" }) },
  });
  expect(await runJson(project, "next")).toMatchObject({ exitCode: 0, result: "in_review" });
  const segments = evidenceOf(project, id);
  const kept = new Map(segments.map((path) => [path, project.read(path)]));
  const restore = () => {
    for (const [path, text] of kept) project.write(path, text);
  };
  const review = segments.find((path) => path.endsWith("-review.jsonl")) ?? "";
  const close = segments.find((path) => path.endsWith("-close.jsonl")) ?? "";
  const damages: [string, () => void][] = [
    ["one word", () => project.write(review, project.read(review).replace('"approve"', '"changes"'))],
    ["a line more", () => appendFileSync(join(project.root, close), "{}\n")],
    ["the end cut off", () => project.write(close, project.read(close).split("\n").slice(0, -3).join("\n"))],
    ["one segment gone", () => rmSync(join(project.root, review))],
    ["all gone", () => rmSync(join(project.root, ".nimrod/evidence"), { recursive: true })],
  ];
  for (const [name, damage] of damages) {
    damage();
    expect(await runJson(project, "verify", id), name).toMatchObject({ exitCode: 8, ok: false });
    const refused = await runJson(project, "close", id);
    expect(refused, name).toMatchObject({ exitCode: 6, result: "unmet" });
    expect((refused["checks"] as unknown[])[1], name).toMatchObject({
      met: false,
      command: `nimrod verify ${id}`,
    });
    restore();
  }
  expect(await runJson(project, "verify", id)).toMatchObject({ exitCode: 0, ok: true });

  // Only a ticket of the operator's moved on: the tree is the same, and so are its verdicts.
  const before = stepsDone(project, id);
  project.write(ticketPath("nim-zzz999"), project.read(ticketPath("nim-zzz999")).replace("Add ", "Do add "));
  project.git("commit", "-q", "-m", "A ticket", "--", ticketPath("nim-zzz999"));
  expect(await runJson(project, "close", id)).toMatchObject({ exitCode: 0, result: "closed" });
  expect(stepsDone(project, id).slice(before.length)).toEqual(["rebase"]);
  expect(project.git("status", "--porcelain")).toBe("");
});

test("a ticket whose text was changed in review is researched, planned and reviewed again", {
  timeout,
}, async () => {
  const id = "nim-ppp111";
  const active = ticketPath(id);
  const project = tempProject({ files: pageTicket({ id }) });
  expect(await runJson(project, "next", "--until", "plan")).toMatchObject({
    exitCode: 0,
    result: "until",
    pass: "plan",
  });
  expect(await runJson(project, "resume", id)).toMatchObject({ exitCode: 0, result: "in_review" });
  const first = stepsDone(project, id);
  expect(first).toEqual([
    "triage",
    "research",
    "plan",
    "authorize",
    "implement",
    "verify",
    "review",
    "close",
  ]);

  project.write(active, project.read(active).replace("      hello", "      hello again"));
  const refused = await runJson(project, "close", id);
  expect(refused).toMatchObject({ exitCode: 6, result: "unmet" });
  const supply = (refused["checks"] as { command: string | null }[])[0]?.command;
  expect(supply).toBe(`nimrod run ${id}`);
  expect(await runJson(project, "run", id)).toMatchObject({ exitCode: 0, result: "in_review" });
  expect(stepsDone(project, id).slice(first.length)).toEqual(first.slice(1));
  // What Nimrod writes and a tick by hand are not the ticket's text.
  project.write(active, project.read(active).replace("- [ ] the page", "- [x] the page"));
  expect(await runJson(project, "close", id)).toMatchObject({ exitCode: 0, result: "closed" });
  expect(project.read("page.md")).toBe("hello again\n");
});
