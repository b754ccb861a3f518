import fc from "fast-check";
import { expect, test } from "vitest";
import { appendToSection } from "../../../src/tickets/edit.ts";
import { renderNote } from "../../../src/tickets/note.ts";

const at = "2026-11-22T07:12:40Z";
const note = (text: string, author = "sara") => renderNote({ at, author, text });

test.each([
  ["one line", "looked at it", "- 2026-11-22T07:12:40Z sara: looked at it"],
  ["several lines, one of them empty", "one\n\ntwo\n", "- 2026-11-22T07:12:40Z sara: one\n\n    two"],
  [
    "line endings of another system",
    "one\r\ntwo\rthree",
    "- 2026-11-22T07:12:40Z sara: one\n    two\n    three",
  ],
  ["its own indentation is kept", "a:\n  - b", "- 2026-11-22T07:12:40Z sara: a:\n      - b"],
  ["empty lines around it go", "\n\n  x \n\n", "- 2026-11-22T07:12:40Z sara: x"],
])("%s", (_, text, expected) => {
  expect(note(text)).toBe(expected);
});

test.each([
  ["a b\nc: d", "a-b-c-d"],
  ["Ünal", "Ünal"],
  ["", "somebody"],
  ["\x1b[31m", "31m"],
])("the author %j cannot end the line or the name", (author, shown) => {
  expect(note("x", author)).toBe(`- ${at} ${shown}: x`);
});

test("whatever a note says, it changes the notes alone", () => {
  const ticket = "---\nid: a-1\n---\n\n## Description\n\nx\n\n## Notes\n\n- old\n\n## Mine\n\ny\n";
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "## Description",
      "```",
      "~~~",
      "<!-- nimrod:plan:begin -->",
      "<!--",
      "# x",
      "---",
      "- [ ] y",
      "- ```",
    ),
  );
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
      const text = lines.join("\n");
      fc.pre(text.trim() !== "");
      const edited = appendToSection(ticket, "Notes", note(text));
      expect(edited.startsWith(ticket.slice(0, ticket.indexOf("\n\n## Mine")))).toBe(true);
      expect(edited.endsWith("\n\n## Mine\n\ny\n")).toBe(true);
    }),
    { numRuns: 500 },
  );
});
