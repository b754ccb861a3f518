/**
 * Columns that text takes in a terminal, and cutting to a number of columns. Twenty lines instead of a package:
 * East Asian wide characters and emoji count two, marks count nothing, everything else one. A terminal may disagree
 * about a rare emoji; then a table's edge is off by one and nothing else happens.
 */

const wide =
  /^[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}|^\p{Extended_Pictographic}\ufe0f/u;
const nothing = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

let segmenter: Intl.Segmenter | undefined;

export function textWidth(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const grapheme of graphemes(text)) width += graphemeWidth(grapheme);
  return width;
}

/** The longest beginning that fits into `columns`, with "…" where something was cut. */
export function fitText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns <= 0) return "";
  if (isPlain(text)) return `${text.slice(0, columns - 1)}…`;
  let fitted = "";
  let left = columns - 1;
  for (const grapheme of graphemes(text)) {
    left -= graphemeWidth(grapheme);
    if (left < 0) break;
    fitted += grapheme;
  }
  return `${fitted}…`;
}

/** Lines of at most `columns`, broken at spaces. A longer word stays whole, and so does the command behind a "→". */
export function breakWords(text: string, columns: number): string[] {
  const indent = /^ */.exec(text)?.[0] ?? "";
  const lines: string[] = [];
  let line = "";
  for (const word of text.slice(indent.length).split(/(?<!→.*) /)) {
    const longer = line === "" ? indent + word : `${line} ${word}`;
    if (line !== "" && textWidth(longer) > columns) {
      lines.push(line.trimEnd());
      line = `${indent}   ${word}`;
    } else line = longer;
  }
  return [...lines, line];
}

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

function graphemes(text: string): string[] {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return Array.from(segmenter.segment(text), (part) => part.segment);
}

function graphemeWidth(grapheme: string): number {
  if (nothing.test(grapheme)) return 0;
  return wide.test(grapheme) ? 2 : 1;
}
