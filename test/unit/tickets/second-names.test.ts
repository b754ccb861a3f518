import { expect, test } from "vitest";
import { findSecondNames, isSecondName } from "../../../src/tickets/second-names.ts";
import { tempProject, ticketFile } from "../../support/temp-project.ts";

const [text = ""] = Object.values(ticketFile({ id: "nim-aaaaaa", status: "closed" }));
const names = { path: "tickets/active/a.md", kept: "tickets/closed/a.md" };

test("a copy of the same bytes is a second name", async () => {
  const { root } = tempProject({ git: false, files: { [names.path]: text, [names.kept]: text } });
  expect(isSecondName(root, names)).toBe(true);
  expect(await findSecondNames(root)).toEqual([names]);
});

test("files of one length that differ in one byte are two files, whichever was changed", async () => {
  const other = text.replace("priority: 2", "priority: 3");
  expect(other).toHaveLength(text.length);
  for (const [one, two] of [
    [text, other],
    [other, text],
  ] as const) {
    const { root } = tempProject({ git: false, files: { [names.path]: one, [names.kept]: two } });
    expect(isSecondName(root, names)).toBe(false);
    expect(await findSecondNames(root)).toEqual([]);
  }
});
