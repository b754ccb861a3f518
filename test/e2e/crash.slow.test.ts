import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sign } from "../support/at-terminal.ts";
import { killWhen, noneLeft, processesOf } from "../support/kill.ts";
import { field, journal, pageTicket, run, runJson, ticketPath } from "../support/sample-work.ts";
import { tempProject } from "../support/temp-project.ts";

const timeout = 180_000;
const steps = ["triage", "research", "plan", "authorize", "implement", "verify", "review", "close"];

test("killed again and again, a run ends as it would have, and nothing that finished is done twice", {
  timeout,
}, async () => {
  const id = "nim-kkk111";
  const project = tempProject({ files: pageTicket({ id }) });
  const outcomes = () => journal(project, id).flatMap((line) => (line.type === "outcome" ? [line.step] : []));
  // Lines of the journal that are new when the kill comes: from the first one to the middle of a pass.
  const points = [1, 2, 4, 5, 3, 7, 6, 4, 5];
  let kills = 0;
  for (const [index, more] of points.entries()) {
    const goal = journal(project, id).length + more;
    const command = index % 2 === 0 ? ["next"] : ["resume", id];
    const end = await killWhen(
      project,
      index === 0 ? ["next"] : command,
      () => journal(project, id).length >= goal,
    );
    if (!end.killed) break;
    kills++;
    await noneLeft(project);
  }
  expect(kills).toBeGreaterThanOrEqual(5);
  expect(await runJson(project, "run", id)).toMatchObject({ exitCode: 0 });
  expect(field(project, ticketPath(id), "status")).toBe("in_review");
  expect(outcomes()).toEqual(steps);
  expect(await runJson(project, "verify", id)).toMatchObject({ exitCode: 0, ok: true });

  // Killed when the ticket's file says closed, when the landing is about to begin, and when the branch has moved:
  // each time `close` goes on.
  const head = project.git("rev-parse", "HEAD");
  const moved = () => existsSync(join(project.root, ticketPath(id, "closed")));
  expect((await killWhen(project, ["close", id], moved)).killed).toBe(true);
  const landing = () => journal(project, id).some((line) => line.type === "landing");
  expect((await killWhen(project, ["close", id], landing)).killed).toBe(true);
  const ref = join(project.root, ".git/refs/heads/main");
  await killWhen(project, ["close", id], () => readFileSync(ref, "utf8").trim() !== head);
  await noneLeft(project);
  expect(await runJson(project, "close", id)).toMatchObject({ exitCode: 0 });
  expect(await runJson(project, "close", id)).toMatchObject({ exitCode: 0, result: "already" });
  expect(project.git("status", "--porcelain")).toBe("");
  expect(project.git("log", "--format=%s", `${head}..`).split("\n")).toEqual([
    `${id}: Ticket ${id}`,
    "S1: write the page",
  ]);
  expect(project.git("ls-files", "tickets")).not.toContain(ticketPath(id));
  expect(await runJson(project, "verify", id)).toMatchObject({ exitCode: 0, ok: true });
  expect(await runJson(project, "rollback", id)).toMatchObject({ exitCode: 0, commit: expect.any(String) });
  expect(existsSync(join(project.root, "page.md"))).toBe(false);
});

test("a host action without an outcome is asked about, and never started again by itself", {
  timeout,
}, async () => {
  const id = "nim-ddd111";
  const active = ticketPath(id);
  const project = tempProject();
  const live = join(project.home, "live");
  mkdirSync(live);
  // Waits before its effect and after it, until the test opens the other end.
  for (const name of ["before", "after"]) execFileSync("mkfifo", [join(live, name)]);
  const host = `  - title: put it live
    run: cat ${live}/before && cat page.md >> ${live}/page.md && cat ${live}/after
    target: host
    undo: rm ${live}/page.md
`;
  for (const [path, text] of Object.entries(pageTicket({ id, steps: host }))) project.write(path, text);
  project.commit("A ticket");
  const text = () => (existsSync(join(live, "page.md")) ? readFileSync(join(live, "page.md"), "utf8") : "");
  const applying = () =>
    journal(project, id).filter((line) => line.type === "action" && line.step === "apply:S2");
  const begun = (times: number) => () =>
    applying().filter((line) => line.phase === "started").length === times && waits();
  const waits = () =>
    processesOf(project).some((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("cat\0");
      } catch {
        return false; // ended meanwhile
      }
    });

  expect((await run(project, "next")).exitCode).toBe(5);
  expect((await sign(project, ["approve", "A-1"], { first: true })).exitCode).toBe(0);
  expect((await killWhen(project, ["resume", id], begun(1))).killed).toBe(true);

  const asked = await run(project, "resume", id);
  expect(asked.exitCode).toBe(5);
  // What was still waiting on the host is over: it cannot have its effect behind anybody's back.
  await noneLeft(project);
  expect(text()).toBe("");
  expect(field(project, active, "status")).toBe("blocked");
  expect((await run(project, "rollback", id)).exitCode).toBe(5);
  const question = /(QD\d+) .*Did it happen\?/.exec(asked.stdout)?.[1] ?? "";
  expect((await run(project, "answer", id, "--set", `${question}=perhaps`)).exitCode).toBe(2);
  expect((await run(project, "answer", id, "--set", `${question}=not-applied`)).exitCode).toBe(0);

  // The yes was used up with the start, so the second start needs another one; this time the effect is there.
  expect(await runJson(project, "resume", id)).toMatchObject({
    exitCode: 5,
    waits: [{ kind: "approval", id: "A-2" }],
  });
  expect((await sign(project, ["approve", "A-2"])).exitCode).toBe(0);
  const opened = writeFile(join(live, "before"), "");
  expect((await killWhen(project, ["resume", id], () => text() !== "" && waits())).killed).toBe(true);
  await opened;
  expect(await runJson(project, "resume", id)).toMatchObject({
    exitCode: 5,
    waits: [{ questions: [{ id: question }] }],
  });
  await noneLeft(project);
  const given = await run(project, "close", id, "--as", "abandoned", "--reason", "no longer wanted");
  expect([given.exitCode, given.stderr]).toEqual([
    6,
    expect.stringContaining("nobody knows whether it happened"),
  ]);
  expect((await run(project, "answer", id, "--set", `${question}=applied`)).exitCode).toBe(0);
  expect(await runJson(project, "resume", id)).toMatchObject({ exitCode: 0, result: "in_review" });
  expect(text()).toBe("hello\n");
  expect(applying().filter((line) => line.phase === "started")).toHaveLength(2);
  expect(
    (await run(project, "close", id, "--as", "abandoned", "--reason", "no longer wanted")).exitCode,
  ).toBe(6);
  expect(await runJson(project, "verify", id)).toMatchObject({ exitCode: 0, ok: true });
});
