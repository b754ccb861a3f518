import { expect, test } from "vitest";
import {
  aftermath,
  describeSandboxed,
  honest,
  id,
  notDone,
  obedient,
  type Scene,
  scene,
} from "../support/scripted-roles.ts";

/** P2 and P3: an agent's process does not decide how long Nimrod waits, or how much it reads. */

const slow = 120_000;
const done = `await finish(${JSON.stringify(honest.implementer)});`;

/** Seconds from the start to the seal of the last attempt; whole ones, because evidence has no finer clock. */
function lastAttempt(lab: Scene): number {
  const lines = lab.evidence().filter(({ pass }) => pass === "implement");
  const begin = lines.findLast(({ type }) => type === "prompt")?.ts ?? "";
  return (Date.parse(lines.at(-1)?.ts ?? "") - Date.parse(begin)) / 1000;
}

async function fails(lab: Scene, body: string, reason: string): Promise<string> {
  await lab.rewrite("implementer", body);
  const run = await lab.run("resume", id);
  expect([run.exitCode, run.stdout, run.stderr]).toEqual([
    1,
    "",
    expect.stringContaining(`implement failed (${reason}): `),
  ]);
  return run.stderr;
}

describeSandboxed("an implementer's process", () => {
  const grandchild = (code: string) =>
    `spawnChild(${JSON.stringify(`${code}; setTimeout(() => {}, 60000)`)}, { detached: true }).unref();`;

  test("that leaves a grandchild on its stdout for 60 s is over when it is over", {
    timeout: slow,
  }, async () => {
    const lab = await scene({ implementer: obedient() });
    await lab.run("next", "--until", "plan");
    // It has left: the end of the pass is the process's exit, not the end of its pipe.
    await fails(lab, `${grandchild("")} await say("working"); process.exit(0);`, "schema");
    expect(lastAttempt(lab)).toBeLessThan(10);

    lab.limit({ idleSeconds: 3 });
    await fails(lab, `${grandchild("")} await forever();`, "idle");
    expect(lastAttempt(lab)).toBeLessThanOrEqual(3 + 4);

    lab.limit({ passMinutes: 0.05 });
    const talking = await fails(
      lab,
      `${grandchild("setInterval(() => console.log(1), 100)")} await forever();`,
      "timeout",
    );
    expect(talking).toContain("the pass took longer than 3 s");
    expect(lastAttempt(lab)).toBeLessThanOrEqual(3 + 4);
    expect(await aftermath(lab)).toEqual(notDone());
  });

  test("that floods, writes what is no text, crashes or goes in circles fails its pass", {
    timeout: slow,
  }, async () => {
    const lab = await scene({ implementer: obedient() });
    await lab.run("next", "--until", "plan");
    const part = `"x".repeat(1_000_000)`;
    await fails(lab, `for (let n = 0; n < 52; n += 1) await say(${part}); ${done}`, "flood");
    await fails(lab, `for (;;) await say(${part} + "\\n");`, "flood");
    const broken = `envelope({ result: { steps: [{ id: "S1", status: "done", note: "\\u00e4" }], deviations: [] } })`;
    await fails(lab, `process.stdout.write(Buffer.from(${broken}, "latin1"));`, "schema");
    await fails(lab, `${done} process.exitCode = 3;`, "crash");
    await fails(lab, `await act([{ kind: "read", path: "missing.txt" }]);`, "stuck");
    expect(await aftermath(lab)).toEqual(notDone());

    await lab.rewrite("implementer", obedient().body);
    const last = await lab.run("resume", id);
    expect([last.exitCode, lab.ticket().status]).toEqual([0, "in_review"]);
  });
});
