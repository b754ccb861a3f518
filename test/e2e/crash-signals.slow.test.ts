import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { noneLeft, processesOf, start, until } from "../support/kill.ts";
import { field, journal, pageTicket, run, runJson, ticketPath } from "../support/sample-work.ts";
import { writeAgent } from "../support/scripted-agents.ts";
import { tempProject } from "../support/temp-project.ts";

const timeout = 120_000;

describe("interrupted", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "%s leaves at once with exit %i and the command that goes on",
    { timeout },
    async (signal, exit) => {
      const id = "nim-iii111";
      const project = tempProject({ files: pageTicket({ id }) });
      const agent = await writeAgent(
        "once",
        `writeFileSync(env.HOME + "/here", ""); process.on("SIGTERM", () => undefined); await forever();`,
      );
      const config = join(project.configHome, "nimrod", "config.json");
      mkdirSync(dirname(config), { recursive: true });
      const mine = { adapter: "plain", command: agent.command, mode: "once" };
      writeFileSync(
        config,
        JSON.stringify({ agents: { mine }, roles: { researcher: { agent: "mine" } }, consent: ["mine"] }),
      );

      const started = start(project, ["next"]);
      // The research pass is at work: its program, which does not care for a polite end, has been started.
      const command = agent.file;
      expect(await until(started, () => processesOf(project, command).length > 0)).toBe(true);
      const since = performance.now();
      started.child.kill(signal);
      const end = await started.ended;
      expect(performance.now() - since).toBeLessThan(10_000);
      expect([end.exitCode, end.signal]).toEqual([exit, null]);
      expect(end.stderr).toContain("Stopping: no new steps.");
      expect(end.stderr).toContain(`hint: nimrod resume ${id}`);
      await noneLeft(project);
      expect(field(project, ticketPath(id), "status")).toBe("in_progress");

      rmSync(config);
      expect(await runJson(project, "resume")).toMatchObject({
        exitCode: 0,
        ticket: id,
        result: "in_review",
      });
      const outcomes = journal(project, id).flatMap((line) => (line.type === "outcome" ? [line.step] : []));
      expect(outcomes).toEqual([
        "triage",
        "research",
        "plan",
        "authorize",
        "implement",
        "verify",
        "review",
        "close",
      ]);
      expect(await runJson(project, "verify", id)).toMatchObject({ exitCode: 0, ok: true });
    },
  );
});

test("three at once over two tickets: each ticket is run by one, and one finds nothing free", {
  timeout,
}, async () => {
  const ids = ["nim-www111", "nim-www222"];
  const project = tempProject({
    files: {
      ...pageTicket({ id: "nim-www111", page: "a.md" }),
      ...pageTicket({ id: "nim-www222", page: "b.md" }),
    },
  });
  const all = await Promise.all([1, 2, 3].map(() => run(project, "next", "--json")));
  const codes = all.map((end) => end.exitCode).sort();
  expect(codes.slice(0, 2)).toEqual([0, 0]);
  expect([3, 7]).toContain(codes[2]);
  const taken = all.filter((end) => end.exitCode === 0).map((end) => JSON.parse(end.stdout).ticket);
  expect(taken.sort()).toEqual(ids);
  for (const id of ids) {
    expect(
      journal(project, id).filter((line) => line.type === "outcome" && line.step === "implement"),
    ).toHaveLength(1);
    expect(field(project, ticketPath(id), "status")).toBe("in_review");
    expect(await runJson(project, "close", id)).toMatchObject({ exitCode: 0, result: "closed" });
  }
  expect([project.read("a.md"), project.read("b.md")]).toEqual(["hello\n", "hello\n"]);
  expect(await runJson(project, "verify", "--all")).toMatchObject({ exitCode: 0, ok: true });
});
