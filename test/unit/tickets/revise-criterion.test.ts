import fc from "fast-check";
import { expect, test } from "vitest";
import { parseBody } from "../../../src/tickets/body.ts";
import { reviseCriterion } from "../../../src/tickets/revise-criterion.ts";

const file = (criteria: string) =>
  `---\nid: a-1\n---\n\n## Acceptance Criteria\n\n${criteria}\n\n## Plan\n\nx\n`;
const two = "- [x] the old words\n  go on here\n  - verify: `old`\n- [x] another";

test.each<[string, string, Parameters<typeof reviseCriterion>[1], string]>([
  [
    "the words, with the lines they went on for",
    two,
    { ac: "AC1", text: "new", verify: null },
    "- [ ] new\n  - verify: `old`\n- [x] another",
  ],
  [
    "the words and the command",
    two,
    { ac: "AC1", text: "new", verify: "a `b`" },
    "- [ ] new\n  - verify: `` a `b` ``\n- [x] another",
  ],
  [
    "a command where there was none",
    two,
    { ac: "AC2", text: "new", verify: "true" },
    "- [x] the old words\n  go on here\n  - verify: `old`\n- [ ] new\n  - verify: `true`",
  ],
  ["behind a tool's own number", "- [ ] #1 old", { ac: "AC1", text: "new", verify: null }, "- [ ] #1 new"],
])("%s", (_, before, revision, after) => {
  expect(reviseCriterion(file(before), revision)).toBe(file(after));
  const crlf = file(before).replaceAll("\n", "\r\n");
  expect(reviseCriterion(crlf, revision)).toBe(file(after).replaceAll("\n", "\r\n"));
});

test("any words are either read back as they were given, or refused", async () => {
  const words = fc.oneof(
    fc.string(),
    fc.constantFrom("#1 x", "[ ] x", "- [ ] x", "verify: `x`", "```", "<!-- x", "## x", "a\n- [ ] b", " x"),
  );
  await fc.assert(
    fc.asyncProperty(words, async (text) => {
      let revised: string;
      try {
        revised = reviseCriterion(file(two), { ac: "AC1", text, verify: null });
      } catch (error) {
        expect(error).toMatchObject({ code: "usage" });
        return;
      }
      const read = await parseBody(revised);
      expect(read).toMatchObject({
        kind: "body",
        body: { criteria: [{ text, verify: "old" }, { text: "another" }] },
      });
    }),
    { numRuns: 500 },
  );
});

test("a criterion that is not there is named", () => {
  expect(() => reviseCriterion(file(two), { ac: "AC3", text: "x", verify: null })).toThrow(
    "no criterion AC3",
  );
});
