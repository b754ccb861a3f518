import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { quoteWord } from "../../../src/platform/shell-word.ts";

/** What a hint shows must give the same word when it is typed, and show nothing that a terminal would act on. */
test.each([
  ["a path", "tickets/active/a.md", "tickets/active/a.md"],
  ["a space", "a b.md", "'a b.md'"],
  ["what a shell would run", '$(id)`id`;"x"', "'$(id)`id`;\"x\"'"],
  ["a quote", "it's.md", "'it'\\''s.md'"],
  ["a line feed", "a\nb", "$'a\\x0ab'"],
  ["an escape, a quote and a backslash", "\u001b[31m'\\", "$'\\x1b[31m\\'\\\\'"],
  ["a mark that turns the text", "\u202ea é", "$'\\U0000202ea é'"],
  ["nothing", "", "''"],
])("%s", (_, word, typed) => {
  expect(quoteWord(word)).toBe(typed);
  const env = { ...process.env, LC_ALL: "C.UTF-8" };
  expect(execFileSync("bash", ["-c", `printf %s ${typed}`], { encoding: "utf8", env })).toBe(word);
});
