import { digestOf } from "../platform/digest.ts";
import { type FoundCriterion, parseCriteria } from "./criteria.ts";
import { type Broken, type Problem, type Split, splitTicket } from "./fences.ts";
import {
  findSections,
  isTitled,
  type Markdown,
  type MarkdownLine,
  type Section,
  scanMarkdown,
} from "./markdown-lines.ts";
import type { Criterion, RunbookStep, TicketBody } from "./ticket.ts";

/** Sections that a person owns and that approvals are bound to. */
const textSections = ["Description", "Acceptance Criteria", "Runbook"] as const;

/** Reads a whole ticket file's body; lines are those of the file. YAML is loaded only for a Runbook. */
export async function parseBody(text: string): Promise<{ kind: "body"; body: TicketBody } | Broken> {
  const split = splitTicket(text);
  if (split.kind === "broken") return split;
  const markdown = scanMarkdown(text, split.bodyStart, split.bodyLine);
  const sections = findSections(markdown.lines);
  const problems = structureProblems(markdown, sections);
  const found = readCriteria(sections);
  problems.push(...found.problems);
  const runbook = await readRunbook(sections);
  problems.push(...runbook.problems);
  if (problems.length > 0) return { kind: "broken", problems: problems.sort((a, b) => a.line - b.line) };
  const criteria = found.criteria.map(
    ({ tickAt: _, textAt: __, more: ___, verifyAt: ____, ...criterion }): Criterion => criterion,
  );
  const description = joinLines(descriptionLines(markdown.lines, sections));
  return { kind: "body", body: { description, criteria, runbook: runbook.steps } };
}

/** Criteria with the place of their ticks, for `edit.ts`. */
export function findCriteria(text: string, split: Split): FoundCriterion[] {
  return readCriteria(findSections(scanMarkdown(text, split.bodyStart, split.bodyLine).lines)).criteria;
}

/**
 * Digest of what a person approved: title, Description, Acceptance Criteria and Runbook. Ticks, line endings and
 * everything that Nimrod writes leave it alone; any other byte changes it. Reads broken tickets too.
 */
export function ticketTextDigest(ticket: { title: string }, text: string): string {
  const split = splitTicket(text);
  const body = split.kind === "split" ? split : { bodyStart: 0, bodyLine: 1 };
  const { lines } = scanMarkdown(text, body.bodyStart, body.bodyLine);
  const sections = findSections(lines);
  const criteria = sections.filter((section) => isTitled(section, "Acceptance Criteria"));
  return digestOf("nimrod/ticket-text/v1", {
    title: ticket.title,
    description: joinLines(descriptionLines(lines, sections)),
    criteria: criteria.map((section) => joinLines(section.lines, untick)),
    runbook: sections
      .filter((section) => isTitled(section, "Runbook"))
      .map((section) => joinLines(section.lines)),
  });
}

function structureProblems(markdown: Markdown, sections: readonly Section[]): Problem[] {
  const problems: Problem[] = [];
  if (markdown.unclosed !== null) {
    const { line, what } = markdown.unclosed;
    problems.push({ line, found: `a ${what} that is never closed`, expected: "its closing mark" });
  }
  for (const title of textSections) {
    const second = sections.filter((section) => isTitled(section, title))[1];
    if (second !== undefined) {
      problems.push({ line: second.heading.line, found: `a second ## ${title}`, expected: "one" });
    }
  }
  return problems;
}

function readCriteria(sections: readonly Section[]): { criteria: FoundCriterion[]; problems: Problem[] } {
  const section = sections.find((candidate) => isTitled(candidate, "Acceptance Criteria"));
  return section === undefined ? { criteria: [], problems: [] } : parseCriteria(section.lines);
}

async function readRunbook(
  sections: readonly Section[],
): Promise<{ steps: RunbookStep[]; problems: Problem[] }> {
  const section = sections.find((candidate) => isTitled(candidate, "Runbook"));
  if (section === undefined || section.lines.every(isSilent)) return { steps: [], problems: [] };
  // The info string is on opening fences only.
  const openings = section.lines.filter(
    (line) => line.kind === "fence" && /^ya?ml(?:\s|$)/i.test(line.title),
  );
  const [opening, second] = openings;
  if (opening === undefined || second !== undefined) {
    const line = (second ?? section.heading).line;
    const found = second === undefined ? "a Runbook without a yaml block" : "a second yaml block";
    return { steps: [], problems: [{ line, found, expected: "one fenced yaml block with steps:" }] };
  }
  const from = section.lines.indexOf(opening) + 1;
  const length = section.lines.slice(from).findIndex((line) => line.kind !== "code");
  const code = section.lines.slice(from, length === -1 ? undefined : from + length);
  const indent = opening.text.length - opening.text.trimStart().length;
  const yaml = code.map((line) => `${withoutIndent(line.text, indent)}\n`).join("");
  const { parseRunbook } = await import("./runbook.ts");
  return parseRunbook(yaml, opening.line + 1);
}

function isSilent(line: MarkdownLine): boolean {
  return line.kind === "comment" || line.text.trim() === "";
}

/** Without a `## Description` it is what stands before the first section, as other tools write it. */
function descriptionLines(lines: readonly MarkdownLine[], sections: readonly Section[]): MarkdownLine[] {
  const titled = sections.filter((section) => isTitled(section, "Description"));
  if (titled.length > 0) return titled.flatMap((section) => section.lines);
  const end = lines.findIndex((line) => line.kind === "heading" && line.level === 2);
  const preamble = end === -1 ? lines : lines.slice(0, end);
  return preamble.filter((line) => line.kind !== "heading" || line.level !== 1);
}

function joinLines(lines: readonly MarkdownLine[], change: (line: MarkdownLine) => string = textOf): string {
  return lines.map(change).join("\n").trim();
}

function textOf(line: MarkdownLine): string {
  return line.text;
}

function untick(line: MarkdownLine): string {
  return line.kind === "text"
    ? line.text.replace(/^( {0,3}(?:[-*+]|\d{1,9}[.)]) )\[[xX]\]/, "$1[ ]")
    : line.text;
}

// As in CommonMark: code loses as much indentation as its fence has, where it has it.
function withoutIndent(text: string, indent: number): string {
  const own = text.length - text.trimStart().length;
  return text.slice(Math.min(indent, own));
}
