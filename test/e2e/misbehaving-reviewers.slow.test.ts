import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  acts,
  aftermath,
  answers,
  canary,
  describeSandboxed,
  greeting,
  honest,
  id,
  notDone,
  obedient,
  type Script,
  sayCanary,
  scene,
} from "../support/scripted-roles.ts";

/** T4 and T5: the reviewer has nothing of the implementer's but the work, and nothing of its own is in the work. */

const slow = 90_000;
const put = (value: unknown) => JSON.stringify(value);

/** Does the work and leaves its words wherever it can, on purpose and as talkative agents do. */
const talkative: Script = {
  mode: "once",
  body: `
import { mkdirSync } from "node:fs";
const canary = ${sayCanary};
const leave = (path) => { try { writeFileSync(path, canary); } catch {} };
for (const folder of [env.HOME, env.TMPDIR, "/tmp", "/var/tmp", "/dev/shm", worktree + "/.."]) leave(folder + "/" + canary);
mkdirSync(worktree + "/ignored", { recursive: true });
leave(worktree + "/ignored/notes.txt");
console.error("I am sure that it works: " + canary);
const step = { id: "S1", status: "done", note: canary };
if (round === 1) await act([{ kind: "run", command: "ls # " + canary }, ${put(greeting)}, { kind: "run", command: "sed -i s/hello/hello/ greeting.txt # " + canary }]);
else await say("Trust me: " + canary + "\\n\`\`\`json\\n" + envelope({ result: { steps: [step], deviations: [{ step: "S1", why: canary }] } }) + "\\n\`\`\`\\n");
`,
};

/** Says on stderr where it found each word, and fails. It asks Nimrod for what it cannot read itself. */
const spy: Script = {
  mode: "once",
  body: `
import { lstatSync, readdirSync } from "node:fs";
const words = { canary: ${sayCanary}, greeting: "hello" };
const found = { canary: [], greeting: [] };
const look = (where, text) => { for (const [name, word] of Object.entries(words)) if (String(text).includes(word)) found[name].push(where); };
const search = (folder) => {
  let names = [];
  try { names = readdirSync(folder); } catch {}
  for (const name of names) {
    const path = (folder === "/" ? "" : folder) + "/" + name;
    look("name", path);
    try {
      const facts = lstatSync(path);
      if (facts.isDirectory() && !["/proc", "/sys", "/usr", "/dev"].includes(path)) search(path);
      if (facts.isFile() && facts.size < 5_000_000) look(path.replace(worktree, "checkout"), readFileSync(path));
    } catch {}
  }
};
if (round === 1) await act([
  { kind: "run", argv: ["git", "log", "--all", "--format=fuller", "-p"] },
  { kind: "run", argv: ["git", "log", "-p", "HEAD"] },
  { kind: "run", command: "git cat-file --batch-all-objects --batch" },
  { kind: "run", command: "ls -laR /tmp /var/tmp .. ../.." },
]);
else {
  look("prompt", prompt);
  look("environment", Object.entries(env));
  for (const pid of readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name))) look("process", readFileSync("/proc/" + pid + "/environ"));
  for (const folder of ["/", "/dev/shm"]) search(folder);
  console.error("FOUND " + JSON.stringify(found));
  process.exit(1);
}
`,
};

const found = (stderr: string): unknown => JSON.parse(/FOUND (.*)/.exec(stderr)?.[1] ?? "null");
/** Scope for the commands of `talkative`, so that nobody is asked about them. */
const planner = acts("once", [], {
  ...honest.planner,
  steps: [{ ...honest.planner.steps[0], do: { agent: { paths: ["greeting.txt"], commands: ["sed"] } } }],
});
const shared = { researcher: answers("researcher"), planner, reviewer: spy };
const ignoring = { runbook: null, files: { ".gitignore": "ignored/\n" } };

describeSandboxed("a reviewer that looks everywhere", () => {
  test("finds the work and none of the implementer's words", { timeout: slow }, async () => {
    const lab = await scene({ ...shared, implementer: talkative }, ignoring);
    const next = await lab.run("next");
    expect(next.stderr).toMatch(new RegExp(`sed .*${canary} +brief done`));
    expect(next.stderr).toMatch(/review failed \(crash\): exit 1: FOUND/);
    expect(found(next.stderr)).toEqual({
      canary: [],
      greeting: expect.arrayContaining(["prompt", "checkout/greeting.txt"]),
    });
    expect(await aftermath(lab)).toEqual(notDone());

    // Once more after the crash: a retry is as much a stranger as the first attempt.
    const again = await lab.run("resume", id);
    expect(found(again.stderr)).toMatchObject({ canary: [] });
  });

  test("does not find what an earlier attempt wrote and lost", { timeout: slow }, async () => {
    const body = `writeFileSync(worktree + "/other.txt", ${sayCanary}); await finish(${put(honest.implementer)});`;
    const lab = await scene({ ...shared, implementer: { mode: "once", body } }, ignoring);
    expect((await lab.run("next")).stderr).toContain("implement failed (policy): it changed other.txt");
    await lab.rewrite("implementer", obedient().body);
    const review = await lab.run("resume", id);
    expect(found(review.stderr)).toMatchObject({ canary: [], greeting: expect.arrayContaining(["prompt"]) });
    expect(await aftermath(lab)).toEqual(notDone());
  });
});

describeSandboxed("a reviewer that writes", () => {
  test("into its checkout fails, and Nimrod refuses to do it for it", { timeout: slow }, async () => {
    const byHand = `writeFileSync(worktree + "/greeting.txt", "hello, and more"); await finish(${put(honest.reviewer)});`;
    const lab = await scene({ reviewer: { mode: "once", body: byHand } });
    const next = await lab.run("next");
    expect([next.exitCode, next.stdout]).toEqual([1, ""]);
    expect(next.stderr).toMatch(/review failed \(crash\): .*/);

    const actions = [
      { kind: "write", path: "greeting.txt", content: "hello, and more" },
      { kind: "run", command: "echo hello, and more > greeting.txt" },
    ];
    await lab.rewrite("reviewer", `await act(${put(actions)});`);
    const asked = await lab.run("resume", id);
    expect([asked.exitCode, asked.stdout]).toEqual([1, ""]);
    expect(asked.stderr).toMatch(/review failed \(policy\): .*the reviewer may not write/);
    expect(await aftermath(lab)).toEqual(notDone());
  });

  test("two seconds after its approval changes nothing that lands", { timeout: slow }, async () => {
    const folders = "[env.NIMROD_WORKTREE, env.NIMROD_WORKTREE + '/../../worktree', env.HOME, env.TMPDIR]";
    const write = `for (const folder of ${folders}) try { require("fs").writeFileSync(folder + "/late.txt", "late"); } catch {}`;
    const late = `const env = process.env; setTimeout(() => { ${write} }, 2000); setTimeout(() => {}, 20000)`;
    const child = `spawnChild("require('child_process').spawn(process.execPath, ['-e', " + ${put(put(late))} + "], { detached: true, stdio: 'ignore' }).unref()", { detached: true, stdio: "ignore" }).unref();`;
    const lab = await scene({
      reviewer: { mode: "once", body: `${child} await finish(${put(honest.reviewer)});` },
    });
    const next = await lab.run("next");
    expect(next.exitCode).toBe(0);
    const approvedAt = Date.parse(lab.evidence().findLast(({ pass }) => pass === "review")?.ts ?? "");
    await expect.poll(() => Date.now() - approvedAt > 3_000, { timeout: 5_000, interval: 100 }).toBe(true);
    expect(existsSync(join(lab.workspace(), "worktree", "late.txt"))).toBe(false);
    expect(await lab.run("close", id)).toMatchObject({ exitCode: 0 });
    expect(lab.project.git("ls-tree", "-r", "--name-only", "main")).not.toContain("late.txt");
    expect((await lab.run("verify", id)).exitCode).toBe(0);
  });
});
