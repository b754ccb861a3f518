import { expect, test } from "vitest";
import { close } from "../../../../src/agents/adapters/builtin/close.ts";
import { closeSchema } from "../../../../src/agents/roles.ts";
import { check, closerInput, criterion, reviewOf, ticketView } from "../../../support/pass-inputs.ts";

test("a plain close names the checks that showed it, and leaves nothing to say", () => {
  const result = closeSchema.parse(close(closerInput()));
  expect(result.summary).toBe(
    "Greet the visitor. 1 of 1 steps done. Changed: greeting.txt. AC1 passed (`grep -q hello greeting.txt`, exit 0, candidate).",
  );
  expect(result).toMatchObject({ notDone: [], followUps: [], changeLog: [], links: [], risks: [] });
});

test("everything that is not in the change is said, and becomes a follow-up where somebody should pick it up", () => {
  const input = closerInput({
    steps: [
      { id: "S1", title: "write", target: "worktree", status: "done", undo: "git revert" },
      { id: "S2", title: "edit", target: "worktree", status: "skipped", undo: null },
    ],
    outOfScope: ["Renewal is not automated"],
    deviations: [{ step: "S2", why: "its old text is not there" }],
    review: reviewOf({
      criteria: [{ ac: "AC2", met: false, evidence: "to be attested by sara" }],
      findings: [
        { id: "RV1", severity: "minor", path: "a.bin", text: "binary change", status: "open" },
        { id: "RV2", severity: "major", text: "gone", status: "closed" },
      ],
    }),
  });
  const result = closeSchema.parse(close(input));
  expect(result.notDone).toEqual([
    "Renewal is not automated",
    "S2 was skipped: edit",
    "AC2 is not met: to be attested by sara",
  ]);
  expect(result.followUps.map(({ title, link }) => [title, link])).toEqual([
    ["Left out of the slice: Renewal is not automated", "related"],
    ["S2 was not done as planned", "related"],
    ["Review RV1: binary change", "related"],
  ]);
});

test("host steps that were done go into the change log, with their undo", () => {
  const step = { id: "S1", title: "reload the proxy", target: "host", status: "done" as const };
  const input = closerInput({
    steps: [
      { ...step, undo: "reload again" },
      { ...step, id: "S2", undo: null },
      { ...step, id: "S3", status: "skipped", undo: null },
    ],
  });
  expect(close(input).changeLog).toEqual([
    { step: "S1", text: "host: reload the proxy; undo: reload again" },
    { step: "S2", text: "host: reload the proxy; no undo was given" },
  ]);
});

test("risks get an owner, links are those that research proposed, a live check counts over the candidate's", () => {
  const links = [{ kind: "related" as const, to: "nim-000002", why: "same file" }];
  const result = close(
    closerInput({
      ticket: ticketView({ criteria: [criterion({ target: "host" })] }),
      risks: [
        { id: "R1", text: "may break" },
        { id: "R2", text: "ends in May", owner: "sara" },
      ],
      research: { links },
      checks: [check({ on: "live", passed: false, exit: null, ended: "timeout" }), check()],
    }),
  );
  expect(result.risks.map(({ owner }) => owner)).toEqual(["operator", "sara"]);
  expect(result.links).toEqual(links);
  expect(result.summary).toMatch(/AC1 failed \(.*timeout, live\)/);
});
