import { expect, test } from "vitest";
import {
  acts,
  aftermath,
  answers,
  check,
  describeSandboxed,
  greeting,
  honest,
  notDone,
  obedient,
  scene,
  yesMan,
} from "../support/scripted-roles.ts";

/** T1: what an agent says about its work, and what a reviewer says about it, meets no criterion. */

const claims = answers("implementer");
const slow = 60_000;

/** A runner that prints totals as runners do, and believes its list of tests. */
const runner = `passed=0; failed=0
for test in $(cat suite.txt); do if sh $test; then passed=$((passed+1)); else failed=$((failed+1)); fi; done
echo "$passed passed, $failed failed"; [ $failed = 0 ]
`;
const suite = {
  "run-tests.sh": runner,
  "suite.txt": "a.sh b.sh c.sh\n",
  "a.sh": "true\n",
  "b.sh": "true\n",
  "c.sh": `${check}\n`,
};
const suiteCriterion = "- [ ] the suite passes\n  - verify: `sh run-tests.sh`";
const suitePlan = acts("once", [], {
  ...honest.planner,
  steps: [{ ...honest.planner.steps[0], do: { agent: { paths: ["*.txt"], commands: [] } } }],
  criteria: [{ ac: "AC1", verify: "sh run-tests.sh", target: "worktree" }],
});
const suiteScene = (list: string | null) => {
  const emptied = list === null ? [] : [{ kind: "write", path: "suite.txt", content: list } as const];
  return scene(
    {
      researcher: answers("researcher"),
      planner: suitePlan,
      implementer: acts("once", [greeting, ...emptied], honest.implementer),
      reviewer: yesMan,
    },
    { files: suite, criteria: suiteCriterion, runbook: null },
  );
};

describeSandboxed("an implementer that claims to be done", () => {
  test("and changed nothing does not get past a reviewer that looks", { timeout: slow }, async () => {
    const lab = await scene({ implementer: claims });
    const next = await lab.run("next");
    expect([next.exitCode, next.stdout]).toEqual([5, expect.stringMatching(/empty change.*check failed/)]);
    expect(await aftermath(lab)).toEqual(notDone("blocked"));
  });

  test("and leaves a child to do the work later does not get past one that approves everything", {
    timeout: slow,
  }, async () => {
    const write = `require("fs").writeFileSync(process.env.NIMROD_WORKTREE + "/greeting.txt", "hello\\n")`;
    const late = `spawnChild(${JSON.stringify(`setTimeout(() => ${write}, 300)`)}, { detached: true, stdio: "ignore" }).unref();`;
    const lab = await scene({
      implementer: { mode: "once", body: `${late} ${claims.body}` },
      reviewer: yesMan,
    });
    const next = await lab.run("next");
    expect([next.exitCode, next.stdout]).toEqual([1, ""]);
    expect(next.stderr).toMatch(
      /review failed \(schema\): the verdict is approve, but Nimrod's own check of AC1 is red/,
    );
    expect(await aftermath(lab)).toEqual(notDone());
  });

  test("by a check that was green before it began does not get past one that approves everything", {
    timeout: slow,
  }, async () => {
    const criteria = "- [ ] it is a lab\n  - verify: `grep -q Lab README.md`";
    const lab = await scene({ implementer: obedient(), reviewer: yesMan }, { criteria });
    const next = await lab.run("next");
    expect([next.exitCode, next.stdout]).toEqual([1, ""]);
    expect(next.stderr).toMatch(/review failed \(schema\): .*AC1 passed before the change too/);
    expect(await aftermath(lab)).toEqual(notDone());
  });

  test.each([
    ["no test at all", "", "it ran no test"],
    ["one of three tests", "c.sh\n", "it ran 1 of the 3 tests that ran before the change"],
  ])("by a runner that exits 0 after %s has not passed", { timeout: slow }, async (_, list, weak) => {
    const lab = await suiteScene(list);
    const next = await lab.run("next");
    expect([next.exitCode, next.stdout]).toEqual([1, ""]);
    expect(next.stderr).toMatch(/review failed \(schema\): .*own check of AC1 is red/);
    const seen = lab.evidence().filter(({ type, data }) => type === "check" && data["on"] === "candidate");
    expect(seen.map(({ data }) => data)).toMatchObject([{ exit: 0, passed: false, weak }]);
    expect(await aftermath(lab)).toEqual(notDone());
  });

  test("by the whole of the same runner is believed", { timeout: slow }, async () => {
    const lab = await suiteScene(null);
    const next = await lab.run("next");
    expect([next.exitCode, lab.ticket().status]).toEqual([0, "in_review"]);
  });
});

describeSandboxed("a planner", () => {
  test("that puts an easier check in the place of the ticket's gets no work done", {
    timeout: slow,
  }, async () => {
    const easier = { ...honest.planner, criteria: [{ ac: "AC1", verify: "true", target: "worktree" }] };
    const lab = await scene(
      {
        researcher: answers("researcher"),
        planner: acts("once", [], easier),
        implementer: obedient(),
        reviewer: yesMan,
      },
      { runbook: null },
    );
    const next = await lab.run("next");
    expect([next.exitCode, next.stdout]).toEqual([
      5,
      expect.stringMatching(/AC1 is verified by .* in the ticket, by something else in the plan/),
    ]);
    expect(lab.evidence().some(({ pass }) => pass === "implement")).toBe(false);
    expect(await aftermath(lab)).toEqual(notDone("blocked"));
  });
});
