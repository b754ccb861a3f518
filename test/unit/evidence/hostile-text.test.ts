import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fence, visible } from "../../../src/evidence/redact.ts";
import { type EvidenceSummary, renderEvidenceBlock } from "../../../src/evidence/ticket-block.ts";

describe("hidden characters are shown", () => {
  test.each([
    ["ANSI colour", "\u001b[31mred", "\\u{1b}[31mred"],
    ["window title", "\u001b]0;x\u0007", "\\u{1b}]0;x\\u{7}"],
    ["C1 control", "\u009b2J", "\\u{9b}2J"],
    ["NUL, backspace, delete", "\u0000\b\u007f", "\\u{0}\\u{8}\\u{7f}"],
    ["lone carriage return", "safe\rrm -rf", "safe\\u{d}rm -rf"],
    ["CRLF is a line end", "a\r\nb", "a\nb"],
    ["bidirectional override", "a\u202eb\u2066c", "a\\u{202e}b\\u{2066}c"],
    ["zero width", "a\u200bb\u200dc\ufeff", "a\\u{200b}b\\u{200d}c\\u{feff}"],
    ["tag characters", "\u{e0041}\u{e007f}", "\\u{e0041}\\u{e007f}"],
    ["variation selectors as data", "a\ufe01\u{e0101}", "a\\u{fe01}\\u{e0101}"],
    ["invisible fillers", "\u3164\u115f\u00ad", "\\u{3164}\\u{115f}\\u{ad}"],
    ["line separators", "a\u2028b\u2029", "a\\u{2028}b\\u{2029}"],
    ["lone surrogate", "\ud800x", "\\u{d800}x"],
    ["honest text", "naïve café – 日本語 ✔️ \t\n", "naïve café – 日本語 ✔️ \t\n"],
  ])("%s", (_, text, shown) => expect(visible(text)).toBe(shown));
});

// Pieces that end fences, tables, HTML and Nimrod's own markers.
const nasty = fc.oneof(
  fc.constantFrom(
    "`",
    "```",
    "````\n",
    "\n```\n",
    "~~~\n",
    "|",
    "\\|",
    "\\",
    "\n",
    "\r",
    "\n| --- |\n",
    "<!-- nimrod:evidence:end -->",
    "<!--\tnimrod:evidence:begin -->",
    "<script>",
    "<!--",
    "-->",
    "\n## Acceptance Criteria\n- [x] AC1\n",
    "[x](javascript:alert(1))",
    "![](https://evil.example/p.png)",
    "**b**",
    "@everyone",
    "&lt;",
    "\u202e",
    "\u001b[2J",
    "---\n",
  ),
  fc.string({ unit: "binary", maxLength: 6 }),
);
const hostile = fc.array(nasty, { maxLength: 12 }).map((pieces) => pieces.join(""));
const hiddenCharacters = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u200b-\u200f\ufeff\u{e0000}-\u{e007f}]/u;

describe("a fence", () => {
  test("is not ended by what is in it", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const lines = fence(text, "text").split("\n");
        const ticks = /^(`{3,})text$/.exec(lines[0] ?? "")?.[1] ?? "";
        expect(ticks).not.toBe("");
        // CommonMark: closed by the first line of at least as many backticks.
        const closing = lines.findIndex(
          (line, index) => index > 0 && new RegExp(`^ {0,3}\`{${ticks.length},}[ \t]*$`).test(line),
        );
        expect(closing).toBe(lines.length - 1);
        expect(lines.join("\n")).not.toMatch(hiddenCharacters);
        expect(lines.join("\n")).not.toMatch(/<!--\s*nimrod:/);
      }),
      { numRuns: 2000 },
    );
  });

  test("is the ordinary one for ordinary text", () => {
    expect(fence("exit 0\n", "sh")).toBe("```sh\nexit 0\n```");
    expect(fence("a `b` c", "x`\ny")).toBe("```xy\na `b` c\n```");
  });
});

const summary = (over: Partial<EvidenceSummary> = {}): EvidenceSummary => ({
  ticket: "nim-7k3f9q",
  criteria: [
    {
      ac: "AC1",
      state: "met",
      command: "nginx -t -c proxy/test.conf",
      attestedBy: null,
      target: "worktree",
      exit: 0,
      ended: "exited",
      tree: "5be2".repeat(10),
      outputDigest: `sha256:${"77ab".repeat(16)}`,
      at: "2026-11-22T07:12:40Z",
    },
    {
      ac: "AC2",
      state: "unmet",
      command: "grep -c a b | wc -l",
      attestedBy: null,
      target: "host",
      exit: null,
      ended: "timeout",
      tree: null,
      outputDigest: null,
      at: null,
    },
    {
      ac: "AC3",
      state: "unknown",
      command: null,
      attestedBy: null,
      target: "worktree",
      exit: null,
      ended: "",
      tree: null,
      outputDigest: null,
      at: null,
    },
  ],
  passes: [
    {
      pass: "implement",
      agent: "builtin",
      verdict: "needs_person",
      done: 4,
      assumed: 2,
      asked: 1,
      denied: 0,
    },
  ],
  revisions: [],
  count: 3,
  heads: ["0f3c".repeat(16)],
  waiting: [],
  ...over,
});

describe("the Evidence block", () => {
  test("is short and can be read in the file itself", () => {
    expect(renderEvidenceBlock(summary()).split("\n")).toEqual([
      "| criterion | result | verified by | target | exit | tree | output | at |",
      "| --- | --- | --- | --- | --- | --- | --- | --- |",
      "| AC1 | met | `nginx -t -c proxy/test.conf` | `worktree` | 0 | `5be25be25be2` | `77ab77ab77ab` | 2026-11-22T07:12:40Z |",
      "| AC2 | unmet | <code>grep -c a b &#124; wc -l</code> | `host` | timeout | – | – | – |",
      "| AC3 | not run | a person, not attested yet | `worktree` | – | – | – | – |",
      "",
      "| pass | agent | verdict | done | assumed | asked | denied |",
      "| --- | --- | --- | --- | --- | --- | --- |",
      "| implement | `builtin` | needs_person | 4 | 2 | 1 | 0 |",
      "",
      "3 sealed segments, head `0f3c0f3c0f3c`. Check: `nimrod verify nim-7k3f9q`",
    ]);
  });

  test("says what it waits for, and that nothing is sealed yet", () => {
    const block = renderEvidenceBlock(
      summary({ criteria: [], passes: [], count: 0, heads: [], waiting: ["A-31 restart"] }),
    );
    expect(block).toBe(
      "- Waits for: A-31 restart\n\nNo sealed evidence yet. Check: `nimrod verify nim-7k3f9q`",
    );
  });

  test("keeps its shape whatever a ticket or an agent says", () => {
    const revision = { ac: "AC1", text: "x", by: "x", reason: "x", at: "2026-11-22T07:12:40Z" };
    const honest = summary({ waiting: ["x"], revisions: [revision] });
    const cellsOf = (block: string) => block.split("\n").map((line) => (line.match(/\|/g) ?? []).length);
    const shape = cellsOf(renderEvidenceBlock(honest));
    fc.assert(
      fc.property(hostile, hostile, hostile, (one, two, three) => {
        const block = renderEvidenceBlock({
          ...honest,
          ticket: one,
          criteria: honest.criteria.map((row) => ({
            ...row,
            ac: one,
            command: two,
            target: three,
            ended: one,
            tree: two,
            at: three,
          })),
          passes: honest.passes.map((row) => ({ ...row, pass: one, agent: two, verdict: three })),
          revisions: [{ ...revision, ac: one, text: two, by: three, reason: two }],
          heads: [two],
          waiting: [three],
        });
        expect(cellsOf(block)).toEqual(shape);
        expect(block).not.toMatch(hiddenCharacters);
        // No HTML but Nimrod's own, no marker, no link, no mention, no code span left open.
        expect(block.replaceAll(/<\/?code>/g, "")).not.toMatch(/</);
        for (const line of block.split("\n")) expect((line.match(/`/g) ?? []).length % 2).toBe(0);
        expect(block.replaceAll(/`[^`\n]*`/g, "")).not.toMatch(/\]\(|@|\*|\\[^u]/);
      }),
      { numRuns: 1000 },
    );
  });

  test("cuts what is long, and never in the middle of a character", () => {
    const [, , row] = renderEvidenceBlock(
      summary({ criteria: [{ ...summary().criteria[0]!, command: "😀".repeat(500) }] }),
    ).split("\n");
    expect(row!.length).toBeLessThan(400);
    expect(row).toContain("😀…");
    expect(row!.isWellFormed()).toBe(true);
  });
});
