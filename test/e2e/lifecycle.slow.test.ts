import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { field, pageTicket, run, runJson, ticketPath } from "../support/sample-work.ts";
import { tempProject } from "../support/temp-project.ts";

const id = "nim-aaa111";
const active = ticketPath(id);
const closed = ticketPath(id, "closed");

test("one ticket from open to closed, rolled back, answered, run again, closed again, reopened", {
  timeout: 120_000,
}, async () => {
  const project = tempProject({ files: pageTicket({ id }) });
  const start = project.git("rev-parse", "HEAD");

  const early = await runJson(project, "close", id);
  expect(early).toMatchObject({ exitCode: 6, kind: "close", ticket: id, result: "unmet", commit: null });
  const missing = (early["checks"] as { id: string; met: boolean; command: string }[]).filter(
    (check) => !check.met,
  );
  expect(missing.map((check) => check.id)).toEqual(["criteria", "evidence", "docs", "risks", "review"]);
  for (const check of missing) expect(check.command).toBe(`nimrod run ${id}`);
  expect(await runJson(project, "rollback", id)).toMatchObject({ exitCode: 0, result: "already" });

  expect(await runJson(project, "next")).toEqual({
    exitCode: 0,
    schemaVersion: 1,
    kind: "run",
    ticket: id,
    result: "in_review",
    waits: [],
  });
  expect(field(project, active, "status")).toBe("in_review");
  expect(field(project, active, "stage")).toBe("close");
  expect(field(project, active, "branch")).toBe("nimrod/aaa111");
  // The operator's branch, index and files are untouched until close; only the ticket and its evidence moved.
  expect(project.git("rev-parse", "HEAD")).toBe(start);
  expect(project.git("branch", "--list")).toBe("* main");
  expect(existsSync(join(project.root, "page.md"))).toBe(false);
  expect(project.git("diff", "--name-only")).toBe(active);
  for (const again of ["run", "resume"]) {
    expect(await runJson(project, again, id)).toMatchObject({ exitCode: 0, kind: again, result: "already" });
  }
  expect(await runJson(project, "next")).toMatchObject({ exitCode: 3, result: "nothing", skipped: [{ id }] });

  const landed = await runJson(project, "close", id);
  expect(landed).toMatchObject({ exitCode: 0, kind: "close", ticket: id, result: "closed", followUps: [] });
  expect((landed["checks"] as { met: boolean }[]).map((check) => check.met)).toEqual(Array(8).fill(true));
  expect(project.git("rev-parse", "HEAD")).toBe(landed["commit"]);
  expect(project.git("log", "-1", "--format=%(trailers:key=Nimrod-Ticket,valueonly)")).toBe(id);
  expect(project.git("log", "-1", "--format=%(trailers:key=Nimrod-Evidence,valueonly)")).toMatch(
    /^nim-aaa111 \d+ /,
  );
  expect(project.git("rev-list", "--parents", "-1", "HEAD").split(" ")).toHaveLength(3);
  expect(project.git("status", "--porcelain")).toBe("");
  expect(project.read("page.md")).toBe("hello\n");
  expect(field(project, closed, "status")).toBe("closed");
  expect(field(project, closed, "close_reason")).toBe("done");
  expect(project.read(closed)).toContain("- [x] the page says hello");
  expect(existsSync(join(project.root, active))).toBe(false);
  expect(await runJson(project, "verify", id)).toMatchObject({ exitCode: 0, ok: true });
  expect(await runJson(project, "close", id)).toMatchObject({ exitCode: 0, result: "already" });
  expect((await run(project, "run", id)).exitCode).toBe(2);

  const back = await runJson(project, "rollback", id, "--reason", "the wrong word");
  expect(back).toMatchObject({ exitCode: 0, kind: "rollback", ticket: id, undone: [] });
  expect(project.git("rev-parse", "HEAD")).toBe(back["commit"]);
  expect(existsSync(join(project.root, "page.md"))).toBe(false);
  expect(field(project, active, "status")).toBe("blocked");
  expect(field(project, active, "close_reason")).toBeUndefined();
  expect(project.read(active)).toContain(
    "It was rolled back: the wrong word. What has to be different next time?",
  );
  expect(project.git("status", "--porcelain")).toBe("");
  // The revert keeps what Nimrod knows: evidence, and the key without which it verifies nowhere.
  expect(project.git("ls-files", ".nimrod/keys")).not.toBe("");
  expect(await runJson(project, "verify", id)).toMatchObject({ exitCode: 0, ok: true });
  expect(await runJson(project, "rollback", id)).toMatchObject({ exitCode: 0, commit: null });
  expect(await runJson(project, "next")).toMatchObject({
    exitCode: 3,
    skipped: [{ command: `nimrod answer ${id}` }],
  });
  expect(await runJson(project, "run", id)).toMatchObject({
    exitCode: 5,
    ticket: id,
    result: "parked",
    waits: [{ kind: "answer", questions: [{ id: "Q60" }], command: `nimrod answer ${id}` }],
  });

  expect(field(project, active, "status")).toBe("blocked");

  expect((await run(project, "answer", id)).exitCode).toBe(5);
  expect((await run(project, "answer", id, "--set", "Q7=x")).exitCode).toBe(2);
  expect(await runJson(project, "answer", id, "--set", "q60=nothing")).toMatchObject({
    exitCode: 0,
    kind: "answers",
    answers: [{ id: "Q60", answer: "nothing" }],
  });
  expect(await runJson(project, "answer", id)).toMatchObject({ exitCode: 0, answers: [] });
  expect(await runJson(project, "resume")).toMatchObject({ exitCode: 0, ticket: id, result: "in_review" });
  expect(field(project, active, "branch")).toMatch(/^nimrod\/aaa111-[0-9a-z]{4}$/);
  expect(await runJson(project, "close", id)).toMatchObject({ exitCode: 0, result: "closed" });
  expect(project.read("page.md")).toBe("hello\n");
  expect(project.git("status", "--porcelain")).toBe("");

  expect(await runJson(project, "reopen", id)).toMatchObject({
    exitCode: 0,
    kind: "reopen",
    ticket: id,
    path: active,
  });
  expect(field(project, active, "status")).toBe("open");
  expect(project.read("page.md")).toBe("hello\n");
  expect(await runJson(project, "reopen", id)).toMatchObject({ exitCode: 0, result: "already" });
  expect(await runJson(project, "verify", "--all")).toMatchObject({ exitCode: 0, ok: true });

  // What landed can still be taken back, once.
  expect(await runJson(project, "rollback", id)).toMatchObject({ exitCode: 0, kind: "rollback", undone: [] });
  expect(existsSync(join(project.root, "page.md"))).toBe(false);
  expect(field(project, active, "status")).toBe("blocked");
  expect(project.git("status", "--porcelain")).toBe("");
  expect(await runJson(project, "verify", id)).toMatchObject({ exitCode: 0, ok: true });
  expect(await runJson(project, "reopen", id)).toMatchObject({ exitCode: 0, kind: "reopen" });
  expect(await run(project, "rollback", id)).toMatchObject({
    exitCode: 0,
    stdout: `${id} has nothing to roll back\n`,
  });
});
