import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { start, until } from "../support/kill.ts";
import { nimrod } from "../support/run-nimrod.ts";
import { pageTicket, run, runJson } from "../support/sample-work.ts";
import { describeSandboxed, honest, id, scene } from "../support/scripted-roles.ts";
import { tempProject } from "../support/temp-project.ts";

const timeout = 60_000;

test("log tells what a run did, in order, with tiers and what became of it", { timeout }, async () => {
  const project = tempProject({ files: pageTicket({ id: "nim-log000" }) });
  const before = await run(project, "log", "log000");
  expect([before.exitCode, before.stdout]).toEqual([
    0,
    "nim-log000 has not been run yet      next: nimrod run nim-log000\n",
  ]);
  expect((await run(project, "run", "log000")).exitCode).toBe(0);
  const log = await run(project, "log", "log000");
  expect(log.exitCode).toBe(0);
  const lines = log.stdout
    .split("\n")
    .map((line) => line.replace(/^[-\dT:]+Z {2}/, "").replaceAll(/ +/g, " "));
  expect(lines[0]).toMatch(/^ nimrod\/log000 from [0-9a-f]{12}, to land on main begun$/);
  const order = [
    "triage started",
    "triage done",
    "research started",
    "research done",
    "plan done",
    "authorize done",
    "implement started",
    "implement none write page.md (6 bytes) done",
    "implement done",
    "verify AC1 grep -q hello page.md red on base",
    "verify AC1 grep -q hello page.md green on candidate",
    "verify done",
    "review done",
    "close done",
    " in_review",
  ];
  expect(order.map((line) => lines.indexOf(line))).toEqual(
    order.map((line) => lines.indexOf(line)).toSorted((a, b) => a - b),
  );
  expect(order.filter((line) => !lines.includes(line))).toEqual([]);
  expect(await runJson(project, "log", "log000")).toMatchObject({
    exitCode: 0,
    kind: "log",
    ticket: "nim-log000",
    live: false,
    entries: expect.arrayContaining([
      expect.objectContaining({
        step: "implement",
        what: "write page.md (6 bytes)",
        tier: "none",
        status: "done",
      }),
    ]),
  });
  expect(await runJson(project, "log", "log000", "-f")).toMatchObject({ exitCode: 2, code: "usage" });
  expect((await run(project, "log", "log000", "-f")).stdout).toBe(log.stdout);
});

describeSandboxed("of a scripted agent", () => {
  test("log -f follows a live run and ends with it", { timeout }, async () => {
    const act = JSON.stringify([{ kind: "write", path: "greeting.txt", content: "hello\n" }]);
    const lab = await scene({
      implementer: { mode: "once", body: `if (round === 1) await act(${act}); else await forever();` },
    });
    const live = start(lab.project, ["next"]);
    let seen = "";
    const evidence = () => lab.evidence().some(({ pass }) => pass === "implement");
    expect(await until(live, evidence)).toBe(true);
    const follower = start(lab.project, ["log", id, "--follow"]);
    follower.child.stdout?.on("data", (text: string) => (seen += text));
    expect(await until(live, () => seen.includes("write greeting.txt (6 bytes)"))).toBe(true);
    expect(follower.child.exitCode).toBeNull();
    live.child.kill("SIGTERM");
    expect(await live.ended).toMatchObject({ exitCode: 143 });
    const end = await follower.ended;
    expect([end.exitCode, end.stderr]).toEqual([0, ""]);
    expect(end.stdout.match(/write greeting\.txt/g)).toHaveLength(1);
  });

  test("the last words of an agent that fails are told without secrets, everywhere", {
    timeout,
  }, async () => {
    const secret = "canary-of-the-operator-4711";
    const body = `
      console.error("wrong key " + ["canary", "of", "the", "operator", "4711"].join("-"));
      process.exit(3);`;
    const lab = await scene({ researcher: { mode: "once", body } });
    const at = {
      cwd: lab.project.root,
      env: { ...lab.project.env, SOME_API_KEY: secret, NIMROD_TRIES: "1" },
    };
    const failed = await nimrod(["run", id], at);
    expect(failed.stdout + failed.stderr).toContain("wrong key [redacted:");
    expect(failed.stdout + failed.stderr).not.toContain(secret);
    const places = [lab.project.root, lab.project.env["XDG_STATE_HOME"] ?? ""];
    const left = spawnSync("grep", ["-rl", secret, ...places], { encoding: "utf8" }).stdout;
    expect(left).toBe("");
  });

  test("a transcript shows what was said, without secrets, and no terminal obeys it", {
    timeout,
  }, async () => {
    const secret = "canary-of-the-operator-4711";
    const body = `
      console.error("\\x1b[2J\\x1b]0;title\\x07" + ["canary", "of", "the", "operator", "4711"].join("-"));
      await finish(${JSON.stringify(honest.researcher)});`;
    const lab = await scene({ researcher: { mode: "once", body } });
    const at = { cwd: lab.project.root, env: { ...lab.project.env, SOME_API_KEY: secret } };
    expect((await nimrod(["next", "--until", "plan"], at)).exitCode).toBe(0);

    const shown = await lab.run("show", id, "--transcript", "--pass", "research");
    expect(shown.exitCode).toBe(0);
    expect(shown.stdout).toMatch(/^research {2}[0-9A-Z]{26}\n/);
    expect(shown.stdout).toContain("→ to the agent");
    expect(shown.stdout).toContain("there is no greeting yet");
    expect(shown.stdout).toContain("\\u{1b}[2J\\u{1b}]0;title\\u{7}");
    expect(shown.stdout).not.toMatch(/\x1b|canary-of/);

    const all = await runJson(lab.project, "show", id, "--transcript");
    expect(all["passes"]).toMatchObject([{ step: "triage" }, { step: "research" }, { step: "plan" }]);
    expect(JSON.stringify(all)).not.toContain(secret);
    const none = await lab.run("show", id, "--transcript", "--pass", "review");
    expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining('no transcript of "review"')]);
  });
});
