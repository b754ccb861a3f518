import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  acts,
  aftermath,
  describeSandboxed,
  greeting,
  honest,
  id,
  notDone,
  obedient,
  scene,
  yesMan,
} from "../support/scripted-roles.ts";

/** T5, and A4 and A6 where work meets them: what was not reviewed does not land, whichever way it was written. */

const done = `await finish(${JSON.stringify(honest.implementer)});`;
const slow = 90_000;

/** Does the work, and one thing more with its own hands. */
const byHand = (path: string) => `
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
const extra = worktree + "/" + ${JSON.stringify(path)};
writeFileSync(worktree + "/greeting.txt", "hello\\n");
mkdirSync(dirname(extra), { recursive: true });
writeFileSync(extra, "mine\\n");
${done}`;

describeSandboxed("an implementer that writes with its own hands", () => {
  test("where the plan or Nimrod forbids it fails its pass, and the attempt leaves nothing", {
    timeout: slow,
  }, async () => {
    const paths = [
      "other.txt",
      "tickets/active/mine.md",
      ".nimrod/policy.json",
      "nimrod.json",
      "agents/reviewer.md",
    ];
    const lab = await scene({
      implementer: { mode: "once", body: byHand(paths[0] ?? "") },
      reviewer: yesMan,
    });
    let run = await lab.run("next");
    for (const [index, path] of paths.entries()) {
      if (index > 0) {
        await lab.rewrite("implementer", byHand(path));
        run = await lab.run("resume", id);
      }
      expect([path, run.exitCode, run.stdout]).toEqual([path, 1, ""]);
      const why = index === 0 ? "which the authorized plan does not name" : "is written by Nimrod only";
      expect(run.stderr).toMatch(new RegExp(`implement failed \\(policy\\): it changed ${path}.* ${why}`));
      for (const left of [path, "greeting.txt"])
        expect(existsSync(join(lab.workspace(), "worktree", left)), left).toBe(false);
    }
    expect(await aftermath(lab)).toEqual(notDone());

    await lab.rewrite("implementer", `writeFileSync(worktree + "/greeting.txt", "hello\\n"); ${done}`);
    const honestly = await lab.run("resume", id);
    expect([honestly.exitCode, lab.ticket().status]).toEqual([0, "in_review"]);
    expect((await lab.run("close", id)).exitCode).toBe(0);
    expect(lab.project.git("ls-tree", "-r", "--name-only", "main").split("\n")).not.toContain("other.txt");
  });

  test("beside an action of the plan has violated policy too: nothing rides along in its commit", {
    timeout: slow,
  }, async () => {
    const greet = JSON.stringify(greeting);
    const body = `if (round === 1) { writeFileSync(worktree + "/other.txt", "x"); await act([${greet}]); } else { ${done} }`;
    const lab = await scene({ implementer: { mode: "once", body }, reviewer: yesMan });
    const next = await lab.run("next");
    expect(next.exitCode).not.toBe(0);
    expect(await aftermath(lab)).toMatchObject({ landedAfterClose: false, verify: 0 });
    expect(["in_review", "closed"]).not.toContain(lab.ticket().status);
    expect(existsSync(join(lab.workspace(), "worktree/other.txt"))).toBe(false);
  });

  test("a .git of its own into the worktree has violated policy, and it is gone", {
    timeout: slow,
  }, async () => {
    const lab = await scene({ implementer: { mode: "once", body: byHand(".git/config") }, reviewer: yesMan });
    const next = await lab.run("next");
    expect([next.exitCode, next.stdout]).toEqual([1, ""]);
    expect(next.stderr).toMatch(/implement failed \(policy\): it made a \.git of its own in the worktree/);
    expect(await aftermath(lab)).toEqual(notDone());
    await lab.rewrite("implementer", obedient().body);
    expect((await lab.run("resume", id)).exitCode).toBe(0);
  });
});

describeSandboxed("an implementer that asks for what it may not", () => {
  test("again and again has violated policy, whatever the words", { timeout: slow }, async () => {
    const forbidden = [
      { kind: "write", path: "tickets/active/mine.md", content: "" },
      { kind: "edit", path: ".nimrod/policy.json", old: "a", new: "b" },
      { kind: "run", command: "echo {} > nimrod.json" },
    ] as const;
    const scripts = forbidden.map((action) =>
      acts("once", [greeting, action, action, action], honest.implementer),
    );
    const lab = await scene({ implementer: scripts[0] ?? obedient(), reviewer: yesMan });
    await lab.run("next", "--until", "plan");
    for (const { body } of scripts) {
      await lab.rewrite("implementer", body);
      const run = await lab.run("resume", id);
      expect([run.exitCode, run.stdout]).toEqual([1, ""]);
      expect(run.stderr).toMatch(/implement failed \(policy\): a denied action was sent 3 times/);
    }
    expect(await aftermath(lab)).toEqual(notDone());
  });

  test("waits for a person before it writes what the plan does not name", { timeout: slow }, async () => {
    const action = { kind: "write", path: "other.txt", content: "x" } as const;
    const lab = await scene({
      implementer: acts("once", [greeting, action], honest.implementer),
      reviewer: yesMan,
    });
    const next = await lab.run("next");
    expect([next.exitCode, next.stdout]).toEqual([5, expect.stringContaining("waits for approval A-1")]);
    expect(await aftermath(lab)).toEqual(notDone());
    expect((await lab.run("resume", id)).exitCode).toBe(5);
    expect(lab.ticket().status).toBe("in_progress");
  });

  test("by a script of the plan that does more than it says has its step refused", {
    timeout: slow,
  }, async () => {
    const lab = await scene(
      { reviewer: yesMan },
      {
        runbook: "  - title: make the greeting\n    run: sh make.sh\n",
        files: { "make.sh": "echo hello > greeting.txt; echo {} > nimrod.json\n" },
      },
    );
    const next = await lab.run("next");
    expect([next.exitCode, next.stdout]).toEqual([1, ""]);
    expect(next.stderr).toMatch(
      /sh make\.sh +brief denied[\s\S]*review failed \(schema\): .*own check of AC1 is red/,
    );
    expect(await aftermath(lab)).toEqual(notDone());
  });
});

describeSandboxed("what is slipped in after the review", () => {
  test("onto the branch stops the closing", { timeout: slow }, async () => {
    const lab = await scene({ implementer: obedient() });
    expect((await lab.run("next")).exitCode).toBe(0);
    const folder = lab.workspace();
    writeFileSync(join(folder, "worktree", "slipped.txt"), "unseen\n");
    const env = { ...lab.project.env, GIT_DIR: join(folder, "git"), GIT_WORK_TREE: join(folder, "worktree") };
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=X", "-c", "user.email=x@example.org", ...args], { env });
    git("add", "slipped.txt");
    git("commit", "-q", "-m", "Slip");

    const close = await lab.run("close", id);
    expect([close.exitCode, close.stdout]).toEqual([1, ""]);
    expect(close.stderr).toMatch(/nimrod\/aaaaaa is at [0-9a-f]{40}, where Nimrod did not put it/);
    expect([lab.ticket().status, lab.project.git("rev-parse", "main")]).toEqual(["in_review", lab.start]);
    expect((await lab.run("verify", id)).exitCode).toBe(0);
  });

  test("into the worktree does not land", { timeout: slow }, async () => {
    const lab = await scene({ implementer: obedient() });
    expect((await lab.run("next")).exitCode).toBe(0);
    writeFileSync(join(lab.workspace(), "worktree", "slipped.txt"), "unseen\n");
    writeFileSync(join(lab.workspace(), "worktree", "greeting.txt"), "hello, and more\n");
    expect((await lab.run("close", id)).exitCode).toBe(0);
    expect(lab.project.git("ls-tree", "-r", "--name-only", "main")).not.toContain("slipped.txt");
    expect(lab.project.read("greeting.txt")).toBe("hello\n");
  });
});
