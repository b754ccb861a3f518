import { describe, expect, test } from "vitest";
import { layOut, type Part } from "../../../src/cli/output.ts";
import { fitText, textWidth } from "../../../src/cli/text-width.ts";
import { seeded } from "../../support/seeded.ts";

/** What is written, its code points where they do not show, and the columns that Unicode gives it. */
const widths: readonly [what: string, text: string, columns: number][] = [
  ["Latin", "Müller – “naïve” œuvre…", 23],
  ["Greek and Cyrillic", "Ελλάδα Привет", 13],
  ["arrows and lines", "→│─", 3],
  ["kanji", "漢字", 4],
  ["fullwidth Latin", "ＡＢ！", 6],
  ["an ideographic space", "\u3000", 2],
  ["vertical forms", "\ufe10\ufe19", 4],
  ["hiragana with a combining mark", "か\u3099", 2],
  ["half-width kana", "ｱｲｳ", 3],
  ["half-width kana with dakuten and handakuten", "ｶ\uff9eﾊ\uff9f", 4],
  ["Hangul syllables", "한글", 4],
  ["Hangul of conjoining jamo", "\u1112\u1161\u11ab", 2],
  ["half-width Hangul", "\uffa1\uffc2", 2],
  ["Tangut and Khitan", "\u{17000}\u{18b00}", 4],
  ["a rare kanji", "\u{20000}", 2],
  ["a combining accent", "e\u0301a\u0308", 2],
  ["many accents", `a${"\u0301".repeat(50)}`, 1],
  ["an enclosing circle", "a\u20dd", 1],
  ["Arabic with vowel marks", "م\u064eر\u0652ح\u064eبا", 5],
  ["Hebrew points", "ש\u05b8לום", 4],
  ["Devanagari, each consonant drawn", "क\u094dषि", 3],
  ["Thai vowels above", "ก\u0e35\u0e49", 1],
  ["zero-width space and joiners", "a\u200bb\u200dc\ufeff", 3],
  ["a soft hyphen", "a\u00adb", 3],
  ["an emoji", "🚀", 2],
  ["a sign of text", "❤", 1],
  ["the same, as a picture", "❤\ufe0f", 2],
  ["the same, as text", "❤\ufe0e", 1],
  ["a skin tone", "👍🏽", 2],
  ["a skin tone on a sign of text", "☝🏽", 2],
  ["a family", "👨\u200d👩\u200d👧\u200d👦", 2],
  ["a rainbow flag", "🏳\ufe0f\u200d🌈", 2],
  ["a flag", "🇯🇵", 2],
  ["two flags", "🇯🇵🇩🇪", 4],
  ["half a flag", "🇯", 1],
  ["the flag of Scotland", "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}", 2],
  ["a keycap", "1\ufe0f\u20e3", 2],
  ["a keycap without its selector", "1\u20e3", 1],
  ["a squared kanji", "🈂🈯", 4],
  ["copyright, as text and as a picture", "©©\ufe0f", 3],
  ["nothing", "", 0],
];

test.each(widths)("%s: %j takes %i columns", (_what, text, columns) => {
  expect(textWidth(text)).toBe(columns);
  expect(textWidth(`${text} ${text}`)).toBe(2 * columns + 1);
});

test("text without marks, wide characters and emoji is measured and cut without a segmenter", () => {
  const { Segmenter } = Intl;
  try {
    Object.defineProperty(Intl, "Segmenter", { value: undefined, configurable: true });
    expect(textWidth("Überprüfung – “fertig”")).toBe(22);
    expect(fitText("Überprüfung – “fertig”", 10)).toBe("Überprüfu…");
  } finally {
    Object.defineProperty(Intl, "Segmenter", { value: Segmenter, configurable: true });
  }
});

describe("cutting", () => {
  const pieces = widths.map(([, text]) => text);
  const random = seeded(7);
  const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
  const pick = (most: number) => random(most);
  const text = () => Array.from({ length: pick(12) }, () => pieces[pick(pieces.length)]).join(" ");

  test("text that is cut ends in an ellipsis and fills its columns as far as whole characters do", () => {
    for (let i = 0; i < 3_000; i++) {
      const whole = text();
      const columns = 1 + pick(60);
      const fitted = fitText(whole, columns);
      if (textWidth(whole) <= columns) {
        expect(fitted).toBe(whole);
        continue;
      }
      expect(fitted.endsWith("…")).toBe(true);
      const kept = fitted.slice(0, -1);
      expect(whole.startsWith(kept)).toBe(true);
      const [next] = segmenter.segment(whole.slice(kept.length));
      const room = columns - textWidth(fitted);
      expect(room).toBeGreaterThanOrEqual(0);
      expect(textWidth(next?.segment ?? "")).toBeGreaterThan(room);
    }
  });

  const columns = [
    { title: "ID" },
    { title: "PRI", align: "right" as const },
    { title: "STATUS" },
    { title: "TITLE", shrinks: true },
    { title: "LABELS", shrinks: true },
  ];
  test.each([1, 20, 40, 80, 200])("no row of a table is wider than a terminal of %i columns", (width) => {
    for (let i = 0; i < 200; i++) {
      const rows: Part[][] = Array.from({ length: 1 + pick(4) }, () => [
        "nim-7k3f9q",
        "2",
        { text: "in_progress", style: "green" },
        text(),
        text(),
      ]);
      const lines = layOut(columns, rows, width).map((row) =>
        row.map((part) => (typeof part === "string" ? part : part.text)).join(""),
      );
      for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
      if (width >= 60) expect(new Set(lines.map(textWidth)).size).toBe(1);
      if (width >= 20) for (const line of lines.slice(1)) expect(line).toMatch(/^nim-7k3f9q {2}/);
    }
  });
});
