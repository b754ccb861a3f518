import { describe, expect, test } from "vitest";
import { changeLabels, changeLinks } from "../../../src/tickets/change-list.ts";
import { addLine, removeLine } from "../../../src/tickets/edit.ts";
import { replaceBody } from "../../../src/tickets/edit-body.ts";

const file = (front: string, body = "") => `---\nid: a-1\n${front}---\n${body}`;

describe("lists of the front matter", () => {
  test.each<[string, string, Parameters<typeof changeLabels>[1], string]>([
    ["the first item makes the key", "", { add: ["x"] }, "labels: [x]\n"],
    ["one more", "labels: [x] # why\n", { add: ["z"] }, "labels: [x, z] # why\n"],
    ["what is there already", "tags: [x]\n", { add: ["x"] }, "tags: [x]\n"],
    [
      "one goes, one comes",
      "labels:\n  - x\n  # keep\n  - y\n",
      { add: ["z"], remove: ["x"] },
      "labels:\n  # keep\n  - y\n  - z\n",
    ],
    ["the last one goes", "labels: [x]\n", { remove: ["x"] }, "labels: []\n"],
    ["what is not there goes nowhere", "labels: x\n", { remove: ["y"] }, "labels: x\n"],
    ["capitals make another label", "labels: [x]\n", { remove: ["X"] }, "labels: [x]\n"],
  ])("%s", (_, before, change, after) => {
    expect(changeLabels(file(before), change)).toBe(file(after));
  });

  test("ids are the same in capitals or not, under the name that the file uses", () => {
    const text = file("deps: [TASK-1]\n");
    expect(changeLinks(text, "depends_on", { add: ["task-1"] })).toBe(text);
    expect(changeLinks(text, "depends_on", { remove: ["task-1"] })).toBe(file("deps: []\n"));
  });
});

describe("lines of a section", () => {
  const body = "\n## Description\n\nx\n";
  test.each([
    ["a section that was not there", file("", body)],
    ["a file without a last line feed", file("", "\n## Description\n\nx")],
    ["a section among others", file("", `${body}\n## Links\n\n- related to b-2\n\n## Notes\n\n- y\n`)],
    ["CRLF", file("", `${body}\n## Notes\n\n- y\n`).replaceAll("\n", "\r\n")],
  ])("adding a line and taking it out again gives %s as it was", (_, text) => {
    const added = addLine(text, "Links", "- needed by c-3");
    expect(added).toContain("- needed by c-3");
    expect(addLine(added, "Links", "- needed by c-3")).toBe(added);
    const removed = removeLine(added, "Links", "- needed by c-3");
    expect(removed.trimEnd()).toBe(text.trimEnd());
    expect(removeLine(removed, "Links", "- needed by c-3")).toBe(removed);
  });

  test("what only quotes the line stays", () => {
    const text = file("", "\n## Links\n\n```\n- needed by c-3\n```\n<!-- - needed by c-3 -->\n");
    expect(removeLine(text, "Links", "- needed by c-3")).toBe(text);
  });
});

describe("a new text", () => {
  const text = file("", "\n## Description\n\nold\n\n## Acceptance Criteria\n\n- [ ] a\n\n## Plan\n\nmine\n");

  test("without headings is the description", () => {
    expect(replaceBody(text, "new\n\nlines")).toBe(text.replace("old", "new\n\nlines"));
  });
  test("with headings replaces those sections, and leaves the others", () => {
    expect(replaceBody(text, "new\n\n## Acceptance Criteria\n\n- [ ] b\n")).toBe(
      text.replace("old", "new").replace("- [ ] a", "- [ ] b"),
    );
  });
  test("goes where another tool has its description: under the title, before the first section", () => {
    const foreign = file("", "# The title\n\nold\nlines\n\n## Notes\n\n- y\n");
    expect(replaceBody(foreign, "new")).toBe(foreign.replace("old\nlines", "new"));
  });
  test.each([
    [
      "a section that Nimrod writes",
      "x\n\n## Evidence\n\ny",
      /line 3 of the new text: ## Evidence is written by Nimrod/,
    ],
    ["a section twice", "## Notes\n\n## notes\n", /a second ## notes/],
    [
      "a fence that swallows the rest",
      "x\n```\ny",
      /line 2 of the new text: a code fence that is never closed/,
    ],
  ])("%s is refused with its line", (_, body, message) => {
    expect(() => replaceBody(text, body)).toThrow(message);
  });
});
