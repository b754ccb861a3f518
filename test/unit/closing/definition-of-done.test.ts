import { describe, expect, test } from "vitest";
import { type DoneCheck, type DoneFacts, definitionOfDone } from "../../../src/closing/definition-of-done.ts";
import { check, criterion, planOf, type reviewOf } from "../../support/pass-inputs.ts";

const tree = "a".repeat(40);
const otherTree = "b".repeat(40);
const id = "nim-000001";

const closing = (given: Partial<NonNullable<DoneFacts["closing"]>> = {}): DoneFacts["closing"] => ({
  summary: "done",
  notDone: [],
  followUps: [],
  changeLog: [],
  links: [],
  risks: [],
  ...given,
});
const hostStep = (given: Partial<DoneFacts["hostSteps"][number]> = {}) => ({
  id: "S2",
  title: "reload the proxy",
  applied: true,
  undo: "systemctl restart caddy",
  rehearsed: null,
  ...given,
});
const red = check({ on: "base", passed: false, tree: "c".repeat(40) });
const logged = closing({ changeLog: [{ step: "S2", text: "reloaded caddy" }] });
const finding = (given: Partial<ReturnType<typeof reviewOf>["findings"][number]> = {}) => ({
  id: "F1",
  severity: "major" as const,
  text: "it is rude",
  status: "open" as const,
  ...given,
});

/** A ticket that is done. Each row changes one thing of it. */
function doneFacts(given: Partial<DoneFacts> = {}): DoneFacts {
  return {
    ticket: id,
    criteria: [criterion()],
    attested: [],
    revised: [],
    checks: [red, check()],
    tree,
    changedPaths: ["greeting.txt"],
    evidence: { problems: [], segments: 6, head: "d".repeat(64), missingResults: [] },
    plan: planOf(),
    review: { verdict: "approve", findings: [], tree, round: 1 },
    passes: [
      { role: "implementer", pass: "P4", run: "R1" },
      { role: "reviewer", pass: "P5", run: "R1" },
    ],
    closing: closing(),
    oneWayLinks: [],
    unknownLinks: [],
    hostSteps: [],
    ...given,
  };
}
const review = (given: Partial<NonNullable<DoneFacts["review"]>>) => ({ ...doneFacts().review!, ...given });

function one(which: DoneCheck["id"], given: Partial<DoneFacts>): DoneCheck {
  const found = definitionOfDone(doneFacts(given)).find((each) => each.id === which);
  if (!found) throw new Error(which);
  return found;
}

test("eight checks, in the order of the standard, all met with a proof and no command", () => {
  const checks = definitionOfDone(doneFacts());
  expect(checks.map((each) => each.id)).toEqual([
    "criteria",
    "evidence",
    "docs",
    "links",
    "change-log",
    "risks",
    "review",
    "rollback",
  ]);
  for (const each of checks) {
    expect(each).toMatchObject({ met: true, command: null });
    expect(each.proof.length).toBeGreaterThan(0);
  }
});

type Row = [check: DoneCheck["id"], what: string, given: Partial<DoneFacts>, said: string];

describe("met", () => {
  test.each<Row>([
    [
      "criteria",
      "by Nimrod's own green run on this tree",
      {},
      "AC1 grep -q hello greeting.txt → exit 0 on tree aaaaaaaaaa",
    ],
    [
      "criteria",
      "by a person's word where there is no command",
      { criteria: [criterion({ verify: null })], checks: [], attested: [{ ac: "AC1", by: "ann" }] },
      "AC1 attested by ann",
    ],
    [
      "criteria",
      "by a revision with its reason",
      { criteria: [criterion({ waived: "moved to nim-2" })], checks: [] },
      "AC1 revised: moved to nim-2",
    ],
    [
      "criteria",
      "by a live run where the target is the host",
      { criteria: [criterion({ target: "host" })], checks: [check({ on: "live" })] },
      "AC1 grep -q hello greeting.txt → exit 0 on tree aaaaaaaaaa",
    ],
    [
      "criteria",
      "by a check that had to hold before as well",
      { criteria: [criterion({ baseline: "green" })], checks: [check({ on: "base" }), check()] },
      "AC1 grep -q hello greeting.txt → exit 0 on tree aaaaaaaaaa",
    ],
    [
      "criteria",
      "by a change of the host alone",
      { changedPaths: [], hostSteps: [hostStep()] },
      "AC1 grep -q hello greeting.txt → exit 0 on tree aaaaaaaaaa",
    ],
    ["evidence", "by intact segments", {}, "6 segments, head dddddddddd"],
    ["docs", "by the promised file", { plan: planOf({ docs: [{ path: "greeting.txt" }] }) }, "greeting.txt"],
    ["docs", "by a reason why none is needed", {}, "none: none describes it"],
    ["links", "by links that are known on both sides", {}, "every link is known, and stands in both tickets"],
    [
      "change-log",
      "by an entry for each change",
      { hostSteps: [hostStep()], closing: logged },
      "S2 reloaded caddy",
    ],
    ["risks", "by none at all", {}, "no risks"],
    [
      "risks",
      "by owners",
      {
        plan: planOf({ risks: [{ id: "R1", text: "it breaks" }] }),
        closing: closing({ risks: [{ id: "R1", text: "it breaks", owner: "ann" }] }),
      },
      "R1 ann",
    ],
    [
      "risks",
      "with minor findings left",
      { review: review({ findings: [finding({ severity: "minor" })] }) },
      "no risks",
    ],
    [
      "risks",
      "with findings that were closed",
      { review: review({ findings: [finding({ status: "closed" })] }) },
      "no risks",
    ],
    [
      "risks",
      "and says what is not done",
      { closing: closing({ notDone: ["the German greeting"] }) },
      "not done: the German greeting",
    ],
    [
      "review",
      "by an independent approval of this tree",
      {},
      "approved in round 1, pass P5, tree aaaaaaaaaa",
    ],
    ["rollback", "by the revert of the landing", {}, "git revert of the landing commit"],
    ["rollback", "by the undo of each host step", { hostSteps: [hostStep()] }, "S2: systemctl restart caddy"],
    [
      "rollback",
      "by a rehearsal",
      { hostSteps: [hostStep({ rehearsed: true })] },
      "S2: systemctl restart caddy (rehearsed)",
    ],
    [
      "rollback",
      "without what was never applied",
      { hostSteps: [hostStep({ applied: false, undo: null })] },
      "git revert of the landing commit",
    ],
  ])("%s %s", (which, _, given, said) => {
    expect(one(which, given)).toMatchObject({
      met: true,
      command: null,
      proof: expect.arrayContaining([said]),
    });
  });

  test("a change log is not applicable only where no recorded action changed a server", () => {
    expect(one("change-log", { closing: null }).proof).toEqual([
      "not applicable: no recorded action changed a server",
    ]);
    expect(one("change-log", { hostSteps: [hostStep({ applied: false })] }).met).toBe(true);
  });
});

describe("unmet", () => {
  const run = `nimrod run ${id}`;
  const rows: [...Row, command: string][] = [
    ["criteria", "without criteria", { criteria: [] }, "the ticket has no acceptance criteria", run],
    [
      "criteria",
      "with an empty diff and nothing applied",
      { changedPaths: [] },
      "nothing was changed: the diff is empty",
      run,
    ],
    [
      "criteria",
      "with an empty diff and a host step that was only planned",
      { changedPaths: [], hostSteps: [hostStep({ applied: false })] },
      "nothing was changed: the diff is empty",
      run,
    ],
    [
      "criteria",
      "with a red check",
      { checks: [red, check({ passed: false })] },
      "AC1 failed: grep -q hello greeting.txt (exit 1)",
      run,
    ],
    [
      "criteria",
      "with a check that did not end",
      { checks: [red, check({ passed: false, exit: null, ended: "timeout" })] },
      "AC1 failed: grep -q hello greeting.txt (exit timeout)",
      run,
    ],
    [
      "criteria",
      "with exit 0 that was no pass",
      { checks: [red, check({ passed: false, exit: 0 })] },
      "AC1 failed: grep -q hello greeting.txt (exit 0)",
      run,
    ],
    [
      "criteria",
      "with a check of another tree",
      { checks: [red, check({ tree: otherTree })] },
      "AC1 was checked on another tree (bbbbbbbbbb, now aaaaaaaaaa)",
      run,
    ],
    [
      "criteria",
      "with a check that was green before the change",
      { checks: [check({ on: "base" }), check()] },
      "AC1 proves nothing: it passed before the change (grep -q hello greeting.txt)",
      run,
    ],
    [
      "criteria",
      "with a check that was not run before the change",
      { checks: [check()] },
      "AC1 proves nothing: it was not run before the change (grep -q hello greeting.txt)",
      run,
    ],
    [
      "criteria",
      "with no check at all",
      { checks: [] },
      "AC1 was never verified: grep -q hello greeting.txt",
      run,
    ],
    [
      "criteria",
      "with the base's check only",
      { checks: [red] },
      "AC1 was never verified: grep -q hello greeting.txt",
      run,
    ],
    [
      "criteria",
      "with a worktree check where the host is the target",
      { criteria: [criterion({ target: "host" })] },
      "AC1 was never verified: grep -q hello greeting.txt",
      run,
    ],
    [
      "criteria",
      "with nobody's word where there is no command",
      { criteria: [criterion({ verify: null })], checks: [] },
      "AC1 has no command, and nobody attested it",
      `nimrod attest ${id} AC1 --evidence "what you saw"`,
    ],
    [
      "criteria",
      "with a word for another criterion",
      { criteria: [criterion({ verify: null })], checks: [], attested: [{ ac: "AC2", by: "ann" }] },
      "AC1 has no command, and nobody attested it",
      `nimrod attest ${id} AC1 --evidence "what you saw"`,
    ],
    [
      "criteria",
      "with a tick and nothing else",
      { criteria: [criterion({ checked: true, verify: null })], checks: [] },
      "AC1 has no command, and nobody attested it",
      `nimrod attest ${id} AC1 --evidence "what you saw"`,
    ],
    [
      "evidence",
      "with a problem",
      { evidence: { problems: ["a.jsonl:3: chain broken"], segments: 6, head: null, missingResults: [] } },
      "a.jsonl:3: chain broken",
      `nimrod verify ${id}`,
    ],
    [
      "evidence",
      "without a pass's result",
      { evidence: { problems: [], segments: 5, head: null, missingResults: ["review"] } },
      "no sealed result of the review pass",
      run,
    ],
    [
      "evidence",
      "without any",
      { evidence: { problems: [], segments: 0, head: null, missingResults: [] } },
      "there is no evidence at all",
      run,
    ],
    ["docs", "without a plan", { plan: null }, "there is no plan that says which docs it touches", run],
    [
      "docs",
      "with a plan that is silent",
      { plan: planOf({ docs: [] }) },
      "the plan says nothing about docs",
      run,
    ],
    [
      "docs",
      "with a promise that was not kept",
      { plan: planOf({ docs: [{ path: "docs/greeting.md" }] }) },
      "docs/greeting.md was promised and is unchanged",
      run,
    ],
    [
      "links",
      "to a ticket that does not exist",
      { unknownLinks: ["related nim-9"] },
      "related nim-9: no such ticket",
      "nimrod doctor --fix --apply",
    ],
    [
      "links",
      "that one side does not know",
      { oneWayLinks: ["related from nim-9"] },
      "related from nim-9 stands in one of the two tickets only",
      "nimrod doctor --fix --apply",
    ],
    [
      "change-log",
      "without an entry",
      { hostSteps: [hostStep()] },
      "S2 reload the proxy is not in the change log",
      run,
    ],
    [
      "change-log",
      "with an entry for another step",
      { hostSteps: [hostStep({ id: "S3" })], closing: logged },
      "S3 reload the proxy is not in the change log",
      run,
    ],
    [
      "change-log",
      "without the closer",
      { hostSteps: [hostStep()], closing: null },
      "S2 reload the proxy is not in the change log",
      run,
    ],
    [
      "risks",
      "without the closer",
      { closing: null },
      "the closer has not recorded risks and follow-ups",
      run,
    ],
    [
      "risks",
      "without an owner",
      { closing: closing({ risks: [{ id: "R1", text: "it breaks", owner: " " }] }) },
      "R1 has no owner",
      run,
    ],
    [
      "risks",
      "with one of the plan's lost",
      { plan: planOf({ risks: [{ id: "R1", text: "it breaks" }] }) },
      "R1 of the plan is not accounted for",
      run,
    ],
    [
      "risks",
      "with an open finding",
      { review: review({ findings: [finding()] }) },
      "F1 of the review is open: it is rude",
      run,
    ],
    [
      "risks",
      "with a new critical finding",
      { review: review({ findings: [finding({ severity: "critical", status: "new" })] }) },
      "F1 of the review is open: it is rude",
      run,
    ],
    ["review", "without any", { review: null }, "no review approved this work", run],
    [
      "review",
      "that asks for changes",
      { review: review({ verdict: "changes" }) },
      "the last review asks for changes",
      run,
    ],
    [
      "review",
      "of another tree",
      { review: review({ tree: otherTree }) },
      "the review is of tree bbbbbbbbbb, the candidate is aaaaaaaaaa",
      run,
    ],
    [
      "review",
      "of a tree that is gone",
      { tree: null },
      "the review is of tree aaaaaaaaaa, the candidate is none",
      run,
    ],
    [
      "review",
      "without an implementer on record",
      { passes: [{ role: "reviewer", pass: "P5", run: "R1" }] },
      "evidence does not show both an implementer and a reviewer",
      run,
    ],
    [
      "review",
      "without a reviewer on record",
      { passes: [{ role: "implementer", pass: "P4", run: "R1" }] },
      "evidence does not show both an implementer and a reviewer",
      run,
    ],
    [
      "review",
      "by who did the work",
      { passes: ["implementer", "reviewer"].map((role) => ({ role, pass: "P4", run: "R1" })) },
      "implementer and reviewer were the same pass",
      run,
    ],
    [
      "rollback",
      "without an undo",
      { hostSteps: [hostStep({ undo: null })] },
      "S2 reload the proxy has no undo",
      run,
    ],
    [
      "rollback",
      "with a rehearsal that failed",
      { hostSteps: [hostStep({ rehearsed: false })] },
      "the undo of S2 failed its rehearsal",
      run,
    ],
  ];
  test.each(rows)("%s %s", (which, _, given, said, command) => {
    expect(one(which, given)).toEqual({
      id: which,
      title: expect.any(String),
      met: false,
      proof: expect.arrayContaining([said]),
      command,
    });
  });

  test("one thing missing is one check unmet, and the proof does not hide it", () => {
    for (const [which, , given, said] of rows) {
      const unmet = definitionOfDone(doneFacts(given)).filter((each) => !each.met);
      expect(unmet.map((each) => each.id)).toContain(which);
      expect(unmet.find((each) => each.id === which)?.proof).not.toEqual([]);
      expect(said).not.toBe("");
    }
  });
});

test("of several criteria one that is unmet leaves the check unmet and names only what is missing", () => {
  const criteria = [criterion(), criterion({ id: "AC2" })];
  expect(one("criteria", { criteria }).proof).toEqual(["AC2 was never verified: grep -q hello greeting.txt"]);
});

test("nothing at all meets only what can be not applicable", () => {
  const nothing = doneFacts({
    criteria: [],
    checks: [],
    tree: null,
    changedPaths: [],
    evidence: { problems: [], segments: 0, head: null, missingResults: [] },
    plan: null,
    review: null,
    passes: [],
    closing: null,
  });
  const met = definitionOfDone(nothing).filter((each) => each.met);
  expect(met.map((each) => each.id)).toEqual(["links", "change-log", "rollback"]);
});

describe("a revised criterion", () => {
  const revised = [{ ac: "AC1", text: criterion().text, by: "ann@lab", reason: "the old port stays" }];

  test("is told with who and why, and has to be met all the same", () => {
    const met = one("criteria", { revised });
    expect(met).toMatchObject({ met: true });
    expect(met.proof.join()).toContain(", revised by ann@lab because the old port stays");
    const unmet = one("criteria", { revised, checks: [red, check({ passed: false })] });
    expect(unmet).toMatchObject({ met: false });
  });

  test("is not told of words that were changed again by hand", () => {
    const edited = revised.map((each) => ({ ...each, text: "other words" }));
    expect(one("criteria", { revised: edited }).proof.join()).not.toContain("revised");
  });
});
