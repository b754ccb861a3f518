/**
 * Columns that text takes in a terminal, and cutting to a number of columns. A few lines instead of a package: East
 * Asian wide characters and emoji count two, marks count nothing, everything else one. A terminal may disagree
 * about a rare emoji; then a table's edge is off by one and nothing else happens.
 */

// Wide and Fullwidth of Unicode's East Asian Width, gaps of unassigned characters included; emoji are below.
const wide =
  /[\u1100-\u115f\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d376}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]/u;
// The vowels and finals of Hangul stand in the square of the consonant before them. A soft hyphen is drawn.
const nothing = /(?!\u00ad)[\p{Mn}\p{Me}\p{Cf}\p{Cc}\u1160-\u11ff\ud7b0-\ud7ff]/u;
/** One column for each code unit: Latin, Greek, Cyrillic, punctuation, arrows and lines, without any mark. */
const plain =
  /^[\x20-\x7e\u00a0-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\u20c0\u2190-\u21ff\u2500-\u257f]*$/;
/** Several of these may be one picture; everything else is as wide as its characters together. */
const pictures = /[\p{Extended_Pictographic}\p{Regional_Indicator}]|\u20e3/u;
const pictureFirst = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[0-9#*]\ufe0f?\u20e3)/u;
/** What makes a picture of a sign that is otherwise text: ❤ is one column wide, ❤️ two. */
const drawn = /\p{Emoji_Presentation}|\ufe0f/u;

let segmenter: Intl.Segmenter | undefined;

export function textWidth(text: string): number {
  if (plain.test(text)) return text.length;
  if (!pictures.test(text)) return sumOfCharacters(text);
  let width = 0;
  for (const { segment } of graphemes(text)) width += graphemeWidth(segment);
  return width;
}

/** The longest beginning that fits into `columns`, with "…" where something was cut. */
export function fitText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns <= 0) return "";
  if (plain.test(text)) return `${text.slice(0, columns - 1)}…`;
  let fitted = "";
  let left = columns - 1;
  for (const { segment } of graphemes(text)) {
    left -= graphemeWidth(segment);
    if (left < 0) break;
    fitted += segment;
  }
  return `${fitted}…`;
}

/** Lines of at most `columns`, broken at spaces. A longer word stays whole, and so does the command behind a "→". */
export function breakWords(text: string, columns: number): string[] {
  const indent = /^ */.exec(text)?.[0] ?? "";
  const arrow = text.indexOf("→");
  const words = text.slice(indent.length, arrow < 0 ? undefined : arrow).split(" ");
  if (arrow >= 0) words.push(`${words.pop() ?? ""}${text.slice(arrow)}`);
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    const longer = line === "" ? indent + word : `${line} ${word}`;
    if (line !== "" && textWidth(longer) > columns) {
      lines.push(line.trimEnd());
      line = `${indent}   ${word}`;
    } else line = longer;
  }
  return [...lines, line];
}

/** Loading the tables behind it takes longer than a small project's list, so plain text does without. */
function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

function graphemeWidth(grapheme: string): number {
  if (pictureFirst.test(grapheme)) return drawn.test(grapheme) || wide.test(grapheme) ? 2 : 1;
  return sumOfCharacters(grapheme);
}

function sumOfCharacters(text: string): number {
  let width = 0;
  for (const character of text) {
    if (nothing.test(character)) continue;
    width += wide.test(character) ? 2 : 1;
  }
  return width;
}
