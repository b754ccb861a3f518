/**
 * The few facts about markdown that Nimrod needs: which lines are headings, and which are only shown as code or
 * hidden in a comment. A `## Plan` or `- [ ]` inside a code fence is text that somebody quotes, nothing else.
 */

export type MarkdownLine = {
  /** Without its line ending. */
  text: string;
  /** 1-based, in the file. */
  line: number;
  /** Offsets into the file; `end` is behind the line ending. */
  start: number;
  end: number;
  /** `fence`: the line that opens or closes a code block; `code`: inside one; `comment`: of an HTML comment. */
  kind: "text" | "heading" | "fence" | "code" | "comment";
  /** 1…6 on a heading. */
  level: number;
  /** Of a heading; of an opening fence the info string. */
  title: string;
};

export type Markdown = {
  lines: MarkdownLine[];
  /** The line of a code fence or HTML comment that is never closed: everything behind it is swallowed. */
  unclosed: { line: number; what: string } | null;
};

export type Section = {
  title: string;
  heading: MarkdownLine;
  /** Without the heading. */
  lines: MarkdownLine[];
  start: number;
  end: number;
};

const headingLine = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/s;
// A fence may follow the marks of a list item: "- ```sh".
const openingFence = /^( {0,3}(?:(?:[-*+]|\d{1,9}[.)]) {1,4})*)(`{3,}|~{3,})([^\r]*)$/;
const closingFence = /^( *)(`{3,}|~{3,})[ \t]*$/;

type Open = { mark: string; column: number; inItem: boolean; line: number };

/** @param from offset of the body in `text`, on line `firstLine`. */
export function scanMarkdown(text: string, from: number, firstLine: number): Markdown {
  const lines: MarkdownLine[] = [];
  let fence: Open | null = null;
  let comment: number | null = null;
  let line = firstLine;
  for (let start = from; start < text.length; line += 1) {
    const feed = text.indexOf("\n", start);
    const end = feed === -1 ? text.length : feed + 1;
    const current: MarkdownLine = {
      text: text.slice(start, end).replace(/\r?\n$/, ""),
      line,
      start,
      end,
      kind: "text",
      level: 0,
      title: "",
    };
    start = end;
    lines.push(current);
    if (fence !== null && !endsItem(fence, current.text)) {
      const closes = closesFence(fence, current.text);
      current.kind = closes ? "fence" : "code";
      if (closes) fence = null;
      continue;
    }
    fence = null;
    if (comment !== null) {
      current.kind = "comment";
      if (current.text.includes("-->")) comment = null;
      continue;
    }
    if (/^ {0,3}<!--/.test(current.text)) {
      current.kind = "comment";
      if (!current.text.includes("-->")) comment = line;
      continue;
    }
    fence = openFence(current);
    if (fence === null) readHeading(current);
  }
  const unclosed =
    fence !== null && !fence.inItem
      ? { line: fence.line, what: "code fence" }
      : comment !== null
        ? { line: comment, what: "HTML comment" }
        : null;
  return { lines, unclosed };
}

/** The `##` sections, in order. A `#` heading ends one and starts none. */
export function findSections(lines: readonly MarkdownLine[]): Section[] {
  const sections: Section[] = [];
  let open: Section | null = null;
  for (const line of lines) {
    if (line.kind === "heading" && line.level <= 2) {
      open =
        line.level === 2
          ? { title: line.title, heading: line, lines: [], start: line.end, end: line.end }
          : null;
      if (open !== null) sections.push(open);
    } else if (open !== null) {
      open.lines.push(line);
      open.end = line.end;
    }
  }
  return sections;
}

/** Headings are compared without regard to case and outer space. */
export function isTitled(section: Section, title: string): boolean {
  return section.title.trim().toLowerCase() === title.toLowerCase();
}

function openFence(line: MarkdownLine): Open | null {
  const match = openingFence.exec(line.text);
  const mark = match?.[2];
  if (match === null || mark === undefined) return null;
  const info = match[3] ?? "";
  // "```a```" on one line is inline code.
  if (mark.startsWith("`") && info.includes("`")) return null;
  line.kind = "fence";
  line.title = info.trim();
  const lead = match[1] ?? "";
  return { mark, column: lead.length, inItem: lead.trim() !== "", line: line.line };
}

function closesFence(fence: Open, text: string): boolean {
  const match = closingFence.exec(text);
  const mark = match?.[2] ?? "";
  if (mark === "" || (match?.[1] ?? "").length > fence.column + 3) return false;
  return mark[0] === fence.mark[0] && mark.length >= fence.mark.length;
}

// A fence that began on a list item's own line ends with the item: at the first line that is not indented so far.
function endsItem(fence: Open, text: string): boolean {
  if (!fence.inItem || text.trim() === "") return false;
  return text.length - text.trimStart().length < fence.column;
}

function readHeading(line: MarkdownLine): void {
  const match = headingLine.exec(line.text);
  if (match === null) return;
  line.kind = "heading";
  line.level = (match[1] ?? "").length;
  line.title = (match[2] ?? "").trim();
}
