import { type Problem, quoted } from "./fences.ts";
import type { MarkdownLine } from "./markdown-lines.ts";
import type { Criterion } from "./ticket.ts";

type Span = { start: number; end: number };

/** A criterion and where its parts are in the file, for those who edit it. */
export type FoundCriterion = Criterion & {
  tickAt: number;
  /** Of the text on the item's own line; `more` are the whole lines that it goes on for. */
  textAt: Span;
  more: Span[];
  /** The value behind `verify:`. */
  verifyAt: Span | null;
};

// With `s`: a lone carriage return or a line separator of Unicode in a line must not hide a criterion.
const taskItem = /^( {0,3})(?:[-*+]|\d{1,9}[.)]) \[([ xX~-])\](?:[ \t]+(.*))?$/s;
const listItem = /^( *)(?:[-*+]|\d{1,9}[.)])(?:[ \t]+(.*))?$/s;
const almostItem = /^ {0,3}[-*+]\[/;
const keyword = /^(verify|attest|target|baseline|waived):[ \t]*(.*)$/is;
const codeFence = /^ *(`{3,}|~{3,})/;
// Backlog.md numbers its criteria in the text: "#1 The proxy answers".
const foreignNumber = /^#\d+[ \t]+/;
const targetGrammar = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;

type Builder = FoundCriterion & { indent: number; mark: string; given: Set<string> };

/**
 * Reads the task list of `## Acceptance Criteria`. Text between items is ignored; a list item that looks like a
 * criterion and is none (no checkbox, nested, an unreadable `verify`) is a problem, so that none gets lost.
 */
export function parseCriteria(lines: readonly MarkdownLine[]): {
  criteria: FoundCriterion[];
  problems: Problem[];
} {
  const built: Builder[] = [];
  const problems: Problem[] = [];
  let current: Builder | null = null;
  let innerFence: string | null = null;
  for (const line of lines) {
    if (line.kind !== "text") continue;
    // A fence deeper than a section's is invisible to the section scanner, but not to a reader.
    const mark = codeFence.exec(line.text)?.[1];
    if (innerFence !== null) {
      if (mark?.startsWith(innerFence)) innerFence = null;
      continue;
    }
    if (mark !== undefined) {
      innerFence = mark;
      continue;
    }
    const task = taskItem.exec(line.text);
    if (task !== null && (current === null || indentOf(line.text) < current.indent + 2)) {
      current = startCriterion(line, task, built.length + 1);
      if (current.text === "")
        problems.push(problem(line, "a criterion without text", "- [ ] what must hold"));
      built.push(current);
      continue;
    }
    const wrong = readInner(line, current);
    if (wrong !== null) problems.push(wrong);
  }
  return { criteria: built.map(finish), problems };
}

function startCriterion(line: MarkdownLine, task: RegExpExecArray, position: number): Builder {
  const mark = task[2] ?? " ";
  return {
    id: `AC${position}`,
    text: (task[3] ?? "").trim().replace(foreignNumber, ""),
    checked: mark === "x" || mark === "X",
    verify: null,
    attest: null,
    waived: null,
    target: "worktree",
    baseline: "red",
    line: line.line,
    tickAt: line.start + line.text.indexOf("[") + 1,
    textAt: textSpan(line, task[3] ?? ""),
    more: [],
    verifyAt: null,
    indent: (task[1] ?? "").length,
    mark,
    given: new Set(),
  };
}

function textSpan(line: MarkdownLine, source: string): Span {
  const start = line.start + line.text.length - source.length + (foreignNumber.exec(source)?.[0].length ?? 0);
  return { start, end: line.start + line.text.length };
}

/** A line that starts no criterion: detail of the current one, wrapped text, or a mistake. */
function readInner(line: MarkdownLine, current: Builder | null): Problem | null {
  const item = listItem.exec(line.text);
  const indent = indentOf(line.text);
  if (item === null) {
    if (almostItem.test(line.text)) return notACriterion(line);
    const text = line.text.trim();
    if (current !== null && indent >= 2 && text !== "" && current.given.size === 0) {
      current.text = `${current.text} ${text}`.trim();
      current.more.push({ start: line.start, end: line.end });
    }
    return null;
  }
  if (current === null || indent < current.indent + 2) return notACriterion(line);
  const text = (item[2] ?? "").trim();
  if (/^\[.?\]/.test(text)) {
    return problem(line, "a criterion inside a criterion", "criteria at one level of the list");
  }
  const detail = keyword.exec(text);
  return detail === null ? null : readDetail(line, current, (detail[1] ?? "").toLowerCase(), detail[2] ?? "");
}

function readDetail(line: MarkdownLine, current: Builder, name: string, source: string): Problem | null {
  if (current.given.has(name)) return problem(line, `a second ${name} for ${current.id}`, "one");
  current.given.add(name);
  const value = unquoteCode(source.trim());
  if (value === null)
    return problem(line, `${name}: ${quoted(source)}`, "one `code span` and nothing behind it");
  if (value === "") return problem(line, `${name} without a value`, `- ${name}: value`);
  switch (name) {
    case "verify":
      current.verify = value;
      current.verifyAt = {
        start: line.start + line.text.length - source.length,
        end: line.start + line.text.length,
      };
      return null;
    case "attest":
      current.attest = value;
      return null;
    case "waived":
      current.waived = value;
      return null;
    case "target":
      current.target = value;
      return targetGrammar.test(value) ? null : problem(line, `target is ${quoted(value)}`, "one word");
    default:
      if (value !== "green" && value !== "red") {
        return problem(line, `baseline is ${quoted(value)}`, "green or red");
      }
      current.baseline = value;
      return null;
  }
}

/** The text of a code span, or the text itself; null when something follows the span. */
function unquoteCode(value: string): string | null {
  const ticks = /^`+/.exec(value)?.[0];
  if (ticks === undefined) return value;
  const end = value.indexOf(ticks, ticks.length);
  if (end === -1 || end + ticks.length !== value.length) return null;
  const inner = value.slice(ticks.length, end);
  // As in CommonMark: one space on each side belongs to the marks, so that a command may hold a backtick.
  return /^ .* $/.test(inner) && inner.trim() !== "" ? inner.slice(1, -1) : inner;
}

function finish({ indent: _, mark, given: __, ...criterion }: Builder): FoundCriterion {
  return mark === "~" || mark === "-" ? criterion : { ...criterion, waived: null };
}

function notACriterion(line: MarkdownLine): Problem {
  return problem(line, `a list item ${quoted(line.text.trim())}`, "- [ ] what must hold");
}

function problem(line: MarkdownLine, found: string, expected: string): Problem {
  return { line: line.line, found, expected };
}

function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}
