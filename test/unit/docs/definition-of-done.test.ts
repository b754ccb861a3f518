import { expect, test } from "vitest";
import type { CheckResult } from "../../../src/agents/pass-input.ts";
import { type DoneFacts, definitionOfDone } from "../../../src/closing/definition-of-done.ts";
import { closeReasons } from "../../../src/tickets/ticket.ts";
import { textOf, wordsOf } from "./page.ts";

const page = "docs/verification-and-definition-of-done.md";
const text = textOf(page);

/** A ticket for which nothing was done, and everything that can be missing is. */
const nothing: DoneFacts = {
  ticket: "ID",
  criteria: [],
  attested: [],
  revised: [],
  checks: [] satisfies CheckResult[],
  tree: null,
  changedPaths: [],
  evidence: { problems: ["a.jsonl:1: changed"], segments: 0, head: null, missingResults: ["plan"] },
  plan: null,
  review: null,
  passes: [],
  closing: null,
  oneWayLinks: ["related from nim-2"],
  unknownLinks: [],
  hostSteps: [{ id: "S1", title: "reload", applied: true, undo: null, rehearsed: false }],
};
const checks = definitionOfDone(nothing);

test("the page has the eight checks of the code, in their order, under their titles", () => {
  const headings = [...text.matchAll(/^### (\d)\. `([a-z-]+)`: (.+)$/gm)].map(([, , id, title]) => ({
    id,
    title,
  }));
  expect(headings).toEqual(checks.map(({ id, title }) => ({ id, title })));
  expect(checks.filter(({ met }) => met)).toEqual([]);
});

test.each(checks)("the page names the command that supplies what $id misses", ({ id, command }) => {
  const section = text.split(/^### /m).find((part) => part.includes(`\`${id}\`:`)) ?? "";
  expect(section.replaceAll(/\s+/g, " ")).toContain(`\`${command}\``);
  expect(section).toContain("**Shown by**");
  expect(section).toContain("**Not applicable**");
});

test("the page names the command for a criterion that only a person can speak for", () => {
  const criterion = {
    id: "AC1",
    text: "it looks right",
    checked: false,
    verify: null,
    attest: "sara",
    waived: null,
    target: "worktree",
    baseline: "red",
    line: 1,
  } as const;
  const [first] = definitionOfDone({ ...nothing, criteria: [criterion], tree: "t" });
  expect(first).toMatchObject({ id: "criteria", met: false });
  expect(text).toContain(`\`${first?.command}\``);
});

test("the page has the close reasons of the code", () => {
  expect(wordsOf(page, "| reason | means | lets dependents start |")).toEqual([...closeReasons]);
});

test("init installs the page into other repositories, so it links to nothing that is only here", () => {
  expect([...text.matchAll(/\]\((?!https:)[^)]*\)/g)].map(([link]) => link)).toEqual([]);
});
