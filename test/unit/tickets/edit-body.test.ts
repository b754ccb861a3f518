import { expect, test } from "vitest";
import { appendToSection } from "../../../src/tickets/edit.ts";
import { replaceBody } from "../../../src/tickets/edit-body.ts";
import { ticketText } from "./ticket-text.ts";

const ticket = ticketText(["id: nim-a"], "## Description\n\nOld.\n\n## Notes\n\n- kept\n");

test.each([
  [
    "a fence that is never closed",
    "One.\n\n```sh\nls\n",
    /line 3 of the new text: a .* that is never closed/,
  ],
  [
    "a comment that is never closed",
    "One.\n\n<!-- two\n",
    /line 3 of the new text: a .* that is never closed/,
  ],
  ["a section twice", "## Scope\n\nx\n\n## scope\n\ny\n", /line 5 of the new text: a second ## scope/],
  [
    "a section of Nimrod's own",
    "One.\n\n## Evidence\n\nx\n",
    /line 3 of the new text: ## Evidence is written by/,
  ],
])("a new text with %s is refused with its line", (_, body, message) => {
  expect(() => replaceBody(ticket, body)).toThrow(message);
});

test("a line that opens a fence and never closes it is no line for a section, not even the last one", () => {
  expect(() => appendToSection(ticket, "Notes", "```sh")).toThrow(/would change more/);
  expect(appendToSection(ticket, "Notes", "```sh\nls\n```")).toContain("- kept\n\n```sh\nls\n```\n");
});
