import { describe, expect, test } from "vitest";
import { tiers } from "../../../src/authorization/action.ts";
import { decide } from "../../../src/authorization/gate.ts";
import { parsePolicy } from "../../../src/authorization/policy/parse.ts";
import { defaultPolicy } from "../../../src/authorization/policy.ts";
import { context, run } from "../authorization/context.ts";
import { fencedBlocks, tableUnder, textOf } from "./page.ts";

const page = "docs/residual-risk.md";
const rows = tableUnder(
  page,
  "| id | not caught | why it is accepted | what else covers it | examples |",
).map(([id = "", what = "", why = "", covered = "", examples = ""]) => ({
  id,
  said: [what, why, covered],
  examples: [...examples.matchAll(/`([^`]+)`/g)].map(([, command = ""]) => command),
}));
const [block] = fencedBlocks(textOf(page)).filter(({ info }) => info === "json policy");
const strict = parsePolicy(JSON.parse(block?.text ?? ""), page);
const explicit = tiers.indexOf("explicit");

test("the classes are numbered without a gap, and each says why and what else covers it", () => {
  expect(rows.length).toBeGreaterThanOrEqual(10);
  expect(rows.map(({ id }) => id)).toEqual(rows.map((_, index) => `R-${String(index + 1).padStart(2, "0")}`));
  for (const { id, said } of rows)
    expect(
      said.every((text) => text.length > 20),
      id,
    ).toBe(true);
});

describe.each(rows)("$id", ({ examples }) => {
  test("has examples", () => expect(examples.length).toBeGreaterThanOrEqual(2));

  test.each(examples)("%s is not caught, and needs a yes under the strict policy", (command) => {
    expect(tiers.indexOf(run(command).tier)).toBeLessThan(explicit);
    const options = { context: context(), policy: strict, inPlan: null, plannedHosts: [] };
    expect(tiers.indexOf(decide({ kind: "run", command }, options).tier)).toBeGreaterThanOrEqual(explicit);
  });
});

test("a lookup and a request need their host to be named, as the page says", () => {
  const options = { context: context(), policy: defaultPolicy, inPlan: null, plannedHosts: [] };
  for (const id of ["R-05", "R-06"]) {
    for (const command of rows.find((row) => row.id === id)?.examples ?? [])
      expect(decide({ kind: "run", command }, options).rule, command).toBe("egress.host");
  }
});

test("the strict policy leaves looking and writing by Nimrod's own tools as they are", () => {
  const options = { context: context(), policy: strict, inPlan: null, plannedHosts: [] };
  expect(decide({ kind: "read", path: "a.txt" }, options).tier).toBe("none");
  expect(decide({ kind: "search", pattern: "x", path: "src" }, options).tier).toBe("none");
  expect(decide({ kind: "write", path: "a.txt", content: "" }, options).tier).toBe("brief");
});
