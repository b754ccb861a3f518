import { expect, test } from "vitest";
import { pages, tableUnder, textOf } from "./page.ts";

const index = "docs/README.md";
const listed = [
  ...[0, 1, 2].flatMap((at) => tableUnder(index, "| question | page |", at)),
  ...tableUnder(index, "| question | decision |"),
].map(([question = "", cell = ""]) => ({ question, page: `docs/${/\(([^)]+)\)/.exec(cell)?.[1]}` }));

test("the index has every page, once", () => {
  expect(listed.map(({ page }) => page).sort()).toEqual(pages.filter((page) => page !== index));
});

const answering = listed.filter(({ page }) => !page.startsWith("docs/decisions/"));
test.each(answering)("$page begins with the question that the index has for it", ({ question, page }) => {
  const [title = "", , first = "", ...rest] = textOf(page).split("\n");
  const isTitle = title.endsWith("?");
  expect(isTitle ? title.replace(/^# /, "") : [first, ...rest.slice(0, rest.indexOf(""))].join(" ")).toBe(
    question,
  );
});
