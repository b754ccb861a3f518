import { describe, expect, test } from "vitest";
import { commands } from "../../../src/cli/command-table.ts";
import { choosePager, pagerEnvironment } from "../../../src/cli/pager.ts";
import { canPage } from "../../../src/cli/prompts.ts";

test.each([
  [{ NIMROD_PAGER: "more", PAGER: "less -S" }, "more"],
  [{ PAGER: "less -S" }, "less -S"],
  [{ PAGER: "more", TERM: "dumb" }, "more"],
  [{ NIMROD_PAGER: "", PAGER: "less" }, null],
  [{ NIMROD_PAGER: "cat", PAGER: "less" }, null],
  [{ PAGER: "" }, null],
  [{ PAGER: " cat " }, null],
  [{ PATH: "/nowhere:" }, null],
  [{ PATH: "/nowhere:/usr/bin", TERM: "dumb" }, null],
])("of %j the pager is %j", (env, pager) => expect(choosePager(env)).toBe(pager));

test("less and lv are told what git tells them, but not over the person's own words", () => {
  expect(pagerEnvironment({ A: "b" })).toEqual({ A: "b", LESS: "FRX", LV: "-c" });
  expect(pagerEnvironment({ LESS: "", LV: "-x" })).toEqual({ LESS: "", LV: "-x" });
});

describe("paging", () => {
  const stdout = { isTTY: true };
  test.each([
    [{ stdout, env: {}, input: true }, true],
    [{ stdout: { isTTY: false }, env: {}, input: true }, false],
    [{ stdout, env: {}, input: false }, false],
    [{ stdout, env: { CI: "1" }, input: true }, false],
    [{ stdout, env: { NIMROD_NO_INPUT: "1" }, input: true }, false],
  ])("with %j: %j", (facts, paged) => expect(canPage(facts)).toBe(paged));

  test("is for what is read, not for what is done or followed", () => {
    const pages = (options: Record<string, unknown>) =>
      commands.filter((row) => row.pages?.(options) === true).map(({ usage }) => usage.split(" ")[0]);
    expect(pages({})).toEqual(["list", "ready", "blocked", "search", "show", "log", "diff", "prompt"]);
    expect(pages({ follow: true })).not.toContain("log");
  });
});
