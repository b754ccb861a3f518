import { expect, test } from "vitest";
import { sign } from "../support/at-terminal.ts";
import { nimrod } from "../support/run-nimrod.ts";
import { evidenceOf, pageTicket, run, runJson } from "../support/sample-work.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

/** The story of one policy on the real binary: what it loosens, what it stands for, and when it does not. */

const timeout = 180_000;
const inADay = new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString();

const standing = (changes: object = {}) => ({
  name: "marks",
  run: ["touch", "{mark}.txt"],
  parts: { mark: ["mark-*"] },
  target: "worktree",
  paths: ["mark-*.txt"],
  uses: { total: 2 },
  expires: inADay,
  reason: "a mark is only a mark",
  examples: { match: ["touch mark-1.txt"], notMatch: ["touch other.txt"] },
  ...changes,
});
const asks = { match: { command: ["touch *"] }, tier: "explicit", reason: "marks are looked at" };
const policyOf = (...all: object[]) => JSON.stringify({ version: 1, rules: [asks], standing: all }, null, 2);

/** A ticket whose steps leave a mark each. */
const marked = (number: number, ...marks: number[]): Record<string, string> =>
  pageTicket({
    id: `nim-mmm00${number}`,
    page: `page-${number}.md`,
    steps: marks.map((mark) => `  - title: leave mark ${mark}\n    run: touch mark-${mark}.txt\n`).join(""),
  });
const take = (project: TempProject, number: number) =>
  runJson(project, "run", `nim-mmm00${number}`, "--until", "implement");
const asked = { exitCode: 5, result: "parked", waits: [{ kind: "approval" }] };

test("a standing approval goes twice, the third asks; an edited policy and a date that is over ask too", {
  timeout,
}, async () => {
  const project = tempProject({
    files: {
      ...marked(1, 1, 2, 3),
      ...marked(2, 4),
      ...marked(3, 5),
      ".nimrod/policy.json": policyOf(standing()),
    },
  });
  expect((await run(project, "policy", "check")).stdout).toMatch(
    /^\.nimrod\/policy\.json:\d+: unsigned, it asks each time: marks: nobody has signed it {3}→ nimrod policy sign marks$/m,
  );
  const nobody = await run(project, "policy", "sign");
  expect([nobody.exitCode, nobody.stdout]).toEqual([5, ""]);
  const inside = { ...project.env, NIMROD_PASS: "x" };
  const refused = await nimrod(["policy", "sign"], { cwd: project.root, env: inside });
  expect([refused.exitCode, refused.stderr]).toEqual([
    5,
    expect.stringContaining("cannot speak for a person"),
  ]);

  const signed = await sign(project, ["policy", "sign", "marks"], { first: true });
  expect(signed.exitCode).toBe(0);
  expect(signed.shown).toContain("standing approval marks: touch {mark}.txt");
  expect(signed.shown).toContain("at most      2 times in all");
  expect((await run(project, "policy", "sign")).stdout).toMatch(/^Nothing to sign/);

  // The plan as a whole asks nothing; two of its steps go, and the third finds the yes used up.
  expect(await take(project, 1)).toMatchObject(asked);
  const evidence = evidenceOf(project, "nim-mmm001").map(project.read).join("");
  const answers = [...evidence.matchAll(/"action":"touch mark-(\d)\.txt".*/g)]
    .map(([line, mark]) => [mark, /"tier":"(\w+)"/.exec(line)?.[1], /"approval":"([^"]+)"/.exec(line)?.[1]])
    .filter(([, , approval]) => approval !== undefined);
  expect(answers).toEqual([
    ["1", "explicit", "standing:marks#1"],
    ["2", "explicit", "standing:marks#2"],
    ["3", "explicit", "A-1"],
  ]);
  expect(await runJson(project, "policy", "show")).toMatchObject({
    standing: [{ name: "marks", state: "used up", used: 2 }],
  });

  // Signed again it counts anew; one byte of the policy more, and nobody has signed that.
  expect((await sign(project, ["policy", "sign"])).exitCode).toBe(0);
  project.write(".nimrod/policy.json", policyOf(standing({ reason: "a mark is only a mark." })));
  expect(await take(project, 2)).toMatchObject(asked);
  project.write(".nimrod/policy.json", policyOf(standing({ expires: "2026-01-01" })));
  expect(await take(project, 3)).toMatchObject(asked);
  expect((await run(project, "policy", "check")).stdout).toContain("expired, it asks each time: marks");
  expect((await run(project, "policy", "sign")).stdout).toMatch(/^Nothing to sign/);
});

test("what came with the repository raises at once, and loosens after it was trusted", {
  timeout,
}, async () => {
  const lowers = {
    match: { command: ["npm test*"] },
    tier: "none",
    examples: { match: ["npm test"], notMatch: ["npm publish"] },
  };
  const raises = { match: { command: ["git log*"] }, tier: "explicit" };
  const text = JSON.stringify({ version: 1, rules: [lowers, raises], egress: ["docs.example.org"] }, null, 2);
  const project = tempProject({
    files: { ".nimrod/policy.json": text, ...pageTicket({ id: "nim-ttt001" }) },
  });
  const tier = async (command: string) => (await runJson(project, "authorize", "--", command))["tier"];
  expect([await tier("npm test"), await tier("git log -1")]).toEqual(["brief", "explicit"]);
  expect((await run(project, "authorize", "--", "npm test")).stderr).toContain(
    "2 loosening rules of .nimrod/policy.json inert until nimrod trust",
  );
  const checked = await run(project, "policy", "check");
  expect(checked.exitCode).toBe(0);
  expect(checked.stdout).toMatch(
    /^\.nimrod\/policy\.json:4: inert, nobody has trusted it: rules\.0: commands like npm test\*/m,
  );
  expect((await run(project, "doctor")).stdout).toMatch(/! .*inert, nobody has trusted it.*→ nimrod trust/);

  // It holds nothing up: the run goes on under the stricter policy.
  expect(await runJson(project, "run", "nim-ttt001")).toMatchObject({ exitCode: 0, result: "in_review" });

  const trusted = await sign(project, ["trust"], { first: true });
  expect(trusted.exitCode).toBe(0);
  expect(trusted.shown).toContain("rules.0: commands like npm test*; done without a word");
  expect(trusted.shown).toContain("the network is opened to docs.example.org");
  expect([await tier("npm test"), await tier("git log -1")]).toEqual(["none", "explicit"]);
  expect(await runJson(project, "policy", "check")).toMatchObject({ trusted: true, remarks: [] });

  // Any change of it has to be looked at again.
  project.write(".nimrod/policy.json", text.replace("docs.example.org", "evil.example.org"));
  expect(await tier("npm test")).toBe("brief");
  expect((await run(project, "trust")).exitCode).toBe(5);
});

test("a broken policy is told with file and line by whoever needs it", { timeout }, async () => {
  const project = tempProject({
    files: {
      ".nimrod/policy.json": `{
  "version": 1,
  "rules": [
    { "match": { "command": ["git push*"] }, "tier": "deny", "examples": {
        "match": ["git push"],
        "notMatch": ["git push origin"] } },
    { "match": { "command": ["ls*"] }, "tier": "brief", "examples": { "match": ["ls -l"] } }
  ]
}
`,
    },
  });
  for (const command of [
    ["policy", "check"],
    ["policy", "show"],
    ["authorize", "--", "ls"],
  ]) {
    const done = await run(project, ...command);
    expect([done.exitCode, done.stdout], command.join(" ")).toEqual([8, ""]);
    expect(done.stderr).toContain(
      '.nimrod/policy.json:6: an example does not hold: rules.0: should not match "git push origin" and does',
    );
  }
  const tested = await run(project, "policy", "test");
  expect(tested.exitCode).toBe(8);
  expect(tested.stdout).toMatch(/✓ {2}\.nimrod\/policy\.json:5 {2}raise +git push/);
  expect(tested.stdout).toMatch(/✗ {2}\.nimrod\/policy\.json:6 {2}not raise +git push origin/);
  const json = await run(project, "policy", "test", "--json");
  expect([json.exitCode, json.stdout]).toEqual([8, ""]);
  expect(JSON.parse(json.stderr)).toMatchObject({ kind: "error", code: "broken" });

  project.write(".nimrod/policy.json", project.read(".nimrod/policy.json").replace("push origin", "status"));
  expect(await runJson(project, "policy", "test")).toMatchObject({
    exitCode: 0,
    examples: [{ ok: true, does: "raises" }, { ok: true }, { ok: true }],
  });
  expect((await run(project, "policy", "check")).stdout).toMatch(/is valid: 2 rules, 0 standing approvals/);
  expect((await run(project, "policy", "chekc")).stderr).toMatch(/did you mean check/);
});
