import { expect, test } from "vitest";
import { commandGroups, documentOfExit } from "../../../src/cli/command-groups.ts";
import { commands, helpRow } from "../../../src/cli/command-table.ts";
import { documents } from "../../../src/cli/documents/documents.ts";
import { checkPromises } from "../../support/check-promises.ts";
import { commandsPage } from "../docs/commands-page.ts";
import { textOf } from "../docs/page.ts";

const page = textOf("docs/commands.md");

test("docs/commands.md is what the command table says (node scripts/write-commands-page.mjs)", async () => {
  expect(page).toBe(await commandsPage(page));
});

test("words of a person stay where they are when the page is written again, and a new command gets a place", async () => {
  const own = "<!-- own words: close -->\nNever on a Friday.\n<!-- end -->";
  const written = await commandsPage(`# Anything\n\n${own}\n`);
  expect(written).toContain(own);
  expect(written).toContain("<!-- own words: next -->\n<!-- end -->");
  expect(await commandsPage(written)).toBe(written);
});

test("every command is in one group, and no other word is", () => {
  const grouped = commandGroups.flatMap((group) => Object.keys(group.commands));
  const names = [...commands, helpRow].map(({ usage }) => usage.split(" ")[0]);
  expect(grouped.toSorted()).toEqual(names.toSorted());
});

test("every kind of document is some command's, or stands for an exit", () => {
  const promised = commandGroups.flatMap((group) =>
    Object.values(group.commands).flatMap((one) => one.documents),
  );
  const known = new Set([...promised, ...Object.values(documentOfExit), "error"]);
  expect([...known].sort()).toEqual(Object.keys(documents).sort());
});

test("a run that ends as its command does not promise is a fault that any test meets", () => {
  expect(() => checkPromises(["-C", "x", "search", "tls"], 8, "")).toThrow("does not have exit 8");
  expect(() => checkPromises(["ls", "--json"], 0, '{"kind":"ready-list"}')).toThrow(
    "the document ready-list",
  );
  checkPromises(["-C", "x", "list", "--json"], 8, '{"kind":"ticket-list"}');
  checkPromises(["--json"], 0, '{"kind":"setup"}');
  checkPromises(["frobnicate"], 2, "");
});
