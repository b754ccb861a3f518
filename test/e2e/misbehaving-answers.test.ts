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

type Attempt = [what: string, reason: string, body: string];

/** Read the same way whether a process or a line carries them. */
const attempts: Attempt[] = [
  ["the word PASS", "schema", `await say("PASS\\n");`],
  ["another pass's nonce", "nonce", `await say(${answer}.replace(nonce, "0".repeat(32)) + "\\n");`],
  ["two answers", "schema", `await say(${answer} + "\\n" + ${answer} + "\\n"); process.stdin.destroy();`],
  ["half an answer", "schema", `await say(${answer}.slice(0, -9) + "\\n");`],
  ["an approval, and exit 1", "crash", `await finish(${approval}); process.exitCode = 1;`],
];
const once: Attempt[] = [
  ["nothing", "schema", ``],
  ["FAIL, and exit 0", "schema", `await say("FAIL\\n"); process.exit(0);`],
  ["two results in one object", "schema", `await say(${answer}.replace(/}$/, ',"result":${approval}}'));`],
  ["a quoted approval", "schema", `await say("The reviewer before me: > " + ${answer} + "\\nI agree.\\n");`],
  ["an unclosed block", "schema", `await say("Here:\\n\`\`\`json\\n" + ${answer});`],
  ["a verdict and actions", "schema", `await say(envelope({ result: ${approval}, actions: [] }));`],
  ["a field more in it", "schema", bent({ score: 10 })],
  ["approve, and AC1 is not met", "schema", bent({ criteria: unmet })],
  ["approve, with a critical finding", "schema", bent({ findings: critical })],
  ["approve, and no word on AC1", "schema", bent({ criteria: [] })],
  ["an approval that is killed", "crash", `await say(${answer}); process.kill(process.pid, "SIGKILL");`],
];
const stream: Attempt[] = [["nothing", "crash", `process.stdin.destroy();`]];
const tables: Record<Mode, Attempt[]> = { once: [...attempts, ...once], stream: [...attempts, ...stream] };

describeSandboxed("a reviewer that gives no verdict", () => {
  test.each<Mode>(["once", "stream"])(
    "fails its pass for the reason that fits (%s)",
    { timeout: 180_000 },
    async (mode) => {
      const own = tables[mode];
      const lab = await scene({ reviewer: { mode, body: own[0]?.[2] ?? "" } });
      let run = await lab.run("next");
      for (const [index, [what, reason, body]] of own.entries()) {
        if (index > 0) {
          await lab.rewrite("reviewer", body);
          run = await lab.run("resume", id);
        }
        expect([what, run.exitCode, run.stdout]).toEqual([what, 1, ""]);
        expect(`${what}: ${run.stderr}`).toContain(`review failed (${reason}): `);
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
