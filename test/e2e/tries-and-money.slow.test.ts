import { expect, test } from "vitest";
import { killWhen } from "../support/kill.ts";
import { journal } from "../support/sample-work.ts";
import {
  answers,
  describeSandboxed,
  honest,
  id,
  obedient,
  type Scene,
  type Script,
  scene,
} from "../support/scripted-roles.ts";

/** L3 and the typed failures: what is tried again, what asks, and what it is all billed with. */

const slow = 60_000;
const done = `await finish(${JSON.stringify(honest.implementer)});`;
const write = (content: string) => JSON.stringify([{ kind: "write", path: "greeting.txt", content }]);
const implementer = (body: string): { implementer: Script } => ({ implementer: { mode: "once", body } });

const seals = (lab: Scene, pass: string) =>
  lab
    .evidence()
    .flatMap((line) => (line.type === "seal" && line.pass === pass ? [line.data["verdict"]] : []));
const records = (lab: Scene, type: string) =>
  journal(lab.project, id).filter((line) => line.type === type) as Record<string, unknown>[];

/** The file in the worktree is what tells the attempts apart: nothing else of an attempt outlives it. */
const thirdTime = `
const seen = existsSync(worktree + "/greeting.txt") ? readFileSync(worktree + "/greeting.txt", "utf8") : "";
const next = { "": "hello once\\n", "hello once\\n": "hello twice\\n" }[seen];
if (round === 1 && next) await act([{ kind: "write", path: "greeting.txt", content: next }]);
else if (round === 2) throw new Error("fell over");
else ${done}`;

describeSandboxed("a pass that fails", () => {
  test("by crashing is tried again, each attempt a pass of its own, and its work stays", {
    timeout: slow,
  }, async () => {
    const lab = await scene(implementer(thirdTime));
    lab.limit({ tries: 3 });
    const run = await lab.run("next");
    expect([run.exitCode, lab.ticket().status]).toEqual([0, "in_review"]);
    expect(run.stderr).toMatch(/crash: exit 1.*: try 2 of 3 in 0 s\n/);
    expect(run.stderr).toMatch(/try 3 of 3 in 0 s\n/);
    expect(seals(lab, "implement")).toEqual(["failed: crash", "failed: crash", "finished"]);
    expect(records(lab, "retry").map(({ failed, reason }) => [failed, reason])).toEqual([
      [1, "crash"],
      [2, "crash"],
    ]);
    const prompts = lab.evidence().filter(({ type, pass }) => type === "prompt" && pass === "implement");
    expect(prompts).toHaveLength(3);
  });

  test("for good stops at the last try; a kill between tries does not start the count anew", {
    timeout: slow,
  }, async () => {
    const lab = await scene(implementer(`throw new Error("never");`));
    lab.limit({ tries: 2, retrySeconds: 600 });
    const cut = await killWhen(lab.project, ["next"], () => records(lab, "retry").length === 1);
    expect(cut.killed).toBe(true);
    const resumed = await lab.run("resume", id);
    expect([resumed.exitCode, resumed.stderr]).toEqual([1, expect.stringContaining("(attempt 2 of 2)")]);
    expect([records(lab, "retry").length, records(lab, "failed").length]).toEqual([1, 1]);
  });

  test("because it cannot log in stops, asks, and goes on once a person resumes", {
    timeout: slow,
  }, async () => {
    const lab = await scene(
      implementer(`console.error("Error: 401 Unauthorized: invalid API key"); process.exit(1);`),
    );
    lab.limit({ tries: 3 });
    const parked = await lab.run("next");
    expect([parked.exitCode, seals(lab, "implement")]).toEqual([5, ["failed: auth"]]);
    expect(records(lab, "spent").at(-1)).toMatchObject({ step: "implement", usd: 0, known: true });
    expect(parked.stdout).toContain("scripted-implementer could not log in: exit 1: Error: 401 Unauthorized");
    expect(parked.stdout).toContain(`next: nimrod resume ${id}`);
    const again = await lab.run("next");
    expect([again.exitCode, again.stdout]).toEqual([3, expect.stringContaining("could not log in")]);

    await lab.rewrite("implementer", obedient().body);
    expect((await lab.run("resume")).exitCode).toBe(0);
    expect(lab.ticket().status).toBe("in_review");
  });
});

describeSandboxed("money", () => {
  test("that nobody can believe counts as the reservation", { timeout: slow }, async () => {
    const tells = (usages: readonly unknown[]) => `
      const usages = ${JSON.stringify(usages)};
      if (round > usages.length) process.exit(1);
      await say(envelope({ actions: [{ kind: "read", path: "README.md" }], usage: usages[round - 1] }));`;
    const lab = await scene({ researcher: { mode: "once", body: tells([{}]) } });
    const cases: [usages: unknown[], usd: number, known: boolean][] = [
      [[{}], 2, false],
      [[{ usd: 0 }], 2, false],
      [[{ usd: -3 }], 2, false],
      [[{ usd: "NaN" }], 2, false],
      [[{ usd: null }], 2, false],
      [[{ usd: 1.5 }, { usd: 0.5 }], 2, false],
      [["lots"], 2, false],
      [[{ usd: 0.25 }, { usd: 0.5 }], 0.5, true],
    ];
    for (const [index, [usages]] of cases.entries()) {
      await lab.rewrite("researcher", tells(usages));
      const run = await lab.run(...(index === 0 ? ["next"] : ["resume", id]));
      expect(run.stderr).toContain("research failed (crash)");
      const note = "scripted-researcher told no cost: this pass counts as US$ 2.00";
      expect(run.stderr.includes(note)).toBe(index < cases.length - 1);
    }
    expect(records(lab, "spent").map(({ usd, known }) => [usd, known])).toEqual(
      cases.map(([, usd, known]) => [usd, known]),
    );
    const noted = lab.evidence().filter(({ data }) => data["what"] === "spent");
    expect(noted.map(({ data }) => data["usd"])).toEqual(cases.map(([, usd]) => usd));
  });

  test("is used up: the pass stops, and what it did by then is kept", { timeout: slow }, async () => {
    const lab = await scene(
      implementer(`
        if (round === 1) await say(envelope({ actions: ${write("hello\n")}, usage: { usd: 1.7 } }));
        else {
          appendFileSync(worktree + "/greeting.txt", "and by my own hands\\n");
          await say(envelope({ actions: ${write("too late\n")}, usage: { usd: 2.5 } }));
        }`),
    );
    const run = await lab.run("next");
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain("US$ 1.70 of US$ 2.00 of this pass are used");
    expect(run.stderr).toContain(
      "implement failed (budget): US$ 2.50 of US$ 2.00 of this pass are used: raise limits.usd",
    );
    expect(seals(lab, "implement")).toEqual(["failed: budget"]);
    expect(records(lab, "spent")).toMatchObject([{ usd: 2.5, known: true, reserved: 2 }]);

    await lab.rewrite(
      "implementer",
      `if (readFileSync(worktree + "/greeting.txt", "utf8") !== "hello\\nand by my own hands\\n") throw new Error("lost");
      ${done}`,
    );
    expect((await lab.run("resume", id)).exitCode).toBe(0);
  });

  test("of a pass that was killed stays spent, and the next one does not start beyond the ticket's limit", {
    timeout: slow,
  }, async () => {
    const lab = await scene(implementer("await forever();"));
    lab.limit({ ticketUsd: 3 });
    const cut = await killWhen(lab.project, ["next"], () => records(lab, "reserved").length === 1);
    expect(cut.killed).toBe(true);
    await lab.rewrite("implementer", obedient().body);
    const refused = await lab.run("resume", id);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(
      "implement failed (budget): this run counts as US$ 2.00 of US$ 3.00, and a pass may take US$ 2.00: raise limits.ticketUsd",
    );
    lab.limit({ ticketUsd: 10 });
    expect((await lab.run("resume", id)).exitCode).toBe(0);
    expect(lab.ticket().text).toMatch(/\| implement \| `scripted-implementer` \| finished \|.*≤ US\$ 2\.00/);
  });

  test("is for what leaves the machine: the embedded agent reserves and spends nothing", {
    timeout: slow,
  }, async () => {
    const lab = await scene({ closer: answers("closer") });
    lab.limit({ ticketUsd: 2 });
    expect((await lab.run("next")).exitCode).toBe(0);
    expect(records(lab, "reserved").map(({ step }) => step)).toEqual(["close"]);
  });
});
