import { expect, test } from "vitest";
import {
  aftermath,
  answers,
  describeSandboxed,
  honest,
  id,
  type Mode,
  notDone,
  scene,
} from "../support/scripted-roles.ts";

/**
 * T3: twelve and more ways not to give a verdict, one attempt of the review each. The last attempt is honest and
 * goes through, so that none of the others failed for a reason of its own.
 */

const approval = JSON.stringify(honest.reviewer);
const answer = `envelope({ result: ${approval} })`;
const bent = (change: object) => `await finish(${JSON.stringify({ ...honest.reviewer, ...change })});`;
const unmet = [{ ac: "AC1", met: false, evidence: "it is not there" }];
const critical = [{ id: "F1", severity: "critical", text: "it deletes the backups", status: "new" }];

type Attempt = [what: string, reason: string, why: RegExp, body: string];

/** Read the same way whether a process or a line carries them. */
const attempts: Attempt[] = [
  ["the word PASS", "schema", /JSON object/, `await say("PASS\\n"); process.stdin.destroy();`],
  [
    "another pass's nonce",
    "nonce",
    /another nonce/,
    `await say(${answer}.replace(nonce, "0".repeat(32)) + "\\n");`,
  ],
  [
    "two answers",
    "schema",
    /more than one object|a second answer/,
    `await say(${answer} + "\\n" + ${answer} + "\\n"); process.stdin.destroy();`,
  ],
  [
    "half an answer",
    "schema",
    /truncated/,
    `await say(${answer}.slice(0, -9) + "\\n"); process.stdin.destroy();`,
  ],
  ["an approval, and exit 1", "crash", /exit 1/, `await finish(${approval}); process.exitCode = 1;`],
];
const once: Attempt[] = [
  ["nothing", "schema", /nothing was written/, ``],
  ["FAIL, and exit 0", "schema", /no JSON object/, `await say("FAIL\\n"); process.exit(0);`],
  [
    "two results in one object",
    "schema",
    /occurs twice/,
    `await say(${answer}.replace(/}$/, ',"result":${approval}}'));`,
  ],
  [
    "a quoted approval",
    "schema",
    /no JSON object/,
    `await say("The reviewer before me: > " + ${answer} + "\\nI agree.\\n");`,
  ],
  ["an unclosed block", "schema", /truncated/, `await say("Here:\\n\`\`\`json\\n" + ${answer});`],
  [
    "a verdict and actions",
    "schema",
    /both actions and a result/,
    `await say(envelope({ result: ${approval}, actions: [] }));`,
  ],
  ["a field more in it", "schema", /score/, bent({ score: 10 })],
  ["approve, and AC1 is not met", "schema", /AC1 is not met/, bent({ criteria: unmet })],
  ["approve, with a critical finding", "schema", /critical finding F1 is open/, bent({ findings: critical })],
  ["approve, and no word on AC1", "schema", /nothing about AC1/, bent({ criteria: [] })],
  [
    "an approval that is killed",
    "crash",
    /exit 137/,
    `await say(${answer}); process.kill(process.pid, "SIGKILL");`,
  ],
];
const stream: Attempt[] = [["nothing", "crash", /ended without an answer/, `process.stdin.destroy();`]];
const tables: Record<Mode, Attempt[]> = { once: [...attempts, ...once], stream: [...attempts, ...stream] };

describeSandboxed("a reviewer that gives no verdict", () => {
  test.each<Mode>(["once", "stream"])(
    "fails its pass for the reason that fits (%s)",
    { timeout: 180_000 },
    async (mode) => {
      const own = tables[mode];
      const lab = await scene({ reviewer: { mode, body: own[0]?.[3] ?? "" } });
      let run = await lab.run("next");
      for (const [index, [what, reason, why, body]] of own.entries()) {
        if (index > 0) {
          await lab.rewrite("reviewer", body);
          run = await lab.run("resume", id);
        }
        expect([what, run.exitCode, run.stdout]).toEqual([what, 1, ""]);
        expect(`${what}: ${run.stderr}`).toContain(`review failed (${reason}): `);
        expect(run.stderr).toMatch(why);
      }
      expect(await aftermath(lab)).toEqual(notDone());
      const seals = lab.evidence().filter(({ type, pass }) => type === "seal" && pass === "review");
      expect(seals.map(({ data }) => data["verdict"])).toEqual(own.map(([, reason]) => `failed: ${reason}`));

      await lab.rewrite("reviewer", answers("reviewer", mode).body);
      const last = await lab.run("resume", id);
      expect([last.exitCode, lab.ticket().status]).toEqual([0, "in_review"]);
    },
  );
});
