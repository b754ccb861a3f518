import { expect, test } from "vitest";
import { exitOf } from "../../../src/cli/exit-codes.ts";
import { checkDocument } from "../../support/check-document.ts";
import { jsonPage } from "./json-page.ts";
import { fencedBlocks, tableUnder, textOf } from "./page.ts";

const page = "docs/json.md";

test("docs/json.md has every kind of document with its keys (node scripts/write-commands-page.mjs)", () => {
  expect(textOf(page)).toBe(jsonPage(textOf(page)));
});

test("its codes of errors are those of the code, with their exits", () => {
  const said = tableUnder(page, "| code | exit |").map(([code = "", exit = ""]) => [
    code.replaceAll("`", ""),
    Number.parseInt(exit, 10),
  ]);
  expect(Object.fromEntries(said)).toEqual({ ...exitOf, bug: 1 });
});

test("the document that it shows is as its schema has it", () => {
  const shown = fencedBlocks(textOf(page)).filter(({ info }) => info === "json");
  expect(shown.length).toBeGreaterThan(0);
  for (const { text } of shown) expect(() => checkDocument(text)).not.toThrow();
});
