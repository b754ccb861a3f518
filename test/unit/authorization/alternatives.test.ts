import { describe, expect, test } from "vitest";
import { tiers } from "../../../src/authorization/action.ts";
import { alternatives, saferThan } from "../../../src/authorization/alternatives.ts";
import { describeExplanation, explain } from "../../../src/authorization/explain.ts";
import { defaultPolicy } from "../../../src/authorization/policy.ts";
import { context, run } from "./context.ts";

const rank = (command: string) => tiers.indexOf(run(command).tier);

test("there are enough of them to be worth a look", () => {
  expect(alternatives.length).toBeGreaterThanOrEqual(150);
});

describe.each(alternatives)("$after", ({ after, safer, why, stays }) => {
  test("is asked about, and is told of its own alternative", () => {
    expect(run(after)).toMatchObject({ tier: "explicit", instead: `${safer} (${why})` });
  });

  test(`${safer} is milder, or says why not`, () => {
    expect(stays === undefined ? rank(safer) < rank(after) : rank(safer) === rank(after)).toBe(true);
  });
});

test.each([
  ["sudo systemctl restart nginx", "systemctl status NAME"],
  ["cd src && git reset --hard", "git stash push"],
  ["make && git push -f", "git push --force-with-lease"],
  ["docker compose up -d", "docker compose config"],
])("a wrapped or chained command is told too: %s", (command, safer) => {
  expect(run(command).instead).toMatch(new RegExp(`^${safer}`));
});

test.each(["ls", "npm test", "git status", "frobnicate --now", "nimrod approve A-1"])(
  "nothing is made up: %s",
  (command) => {
    expect(run(command).instead).toBeUndefined();
  },
);

test("a rule is matched by its name, not by the beginning of a word", () => {
  expect(saferThan("git.pushall", [])).toBeUndefined();
  expect(saferThan("ipset", [])).toBeUndefined();
});

test("a person reads it last", () => {
  const shown = describeExplanation(
    explain({ kind: "run", command: "git clean -fd" }, context(), defaultPolicy),
  );
  expect(shown.at(-1)).toBe("safer: git clean -nd (names what would be deleted)");
});
