import { NimrodError } from "../errors.ts";
import { findCriteria } from "./body.ts";
import { type Split, splitTicket } from "./fences.ts";
import type { FieldValue } from "./flat-front-matter.ts";
import { parseFields, parseFrontMatter } from "./front-matter.ts";
import { findSections, isTitled, type MarkdownLine, type Section, scanMarkdown } from "./markdown-lines.ts";
import { keyAliases } from "./read.ts";
import { applySplices, type NewValue, spliceField } from "./splice-field.ts";

/**
 * Edits of a ticket's text. Each changes the bytes it names and proves it: the result is read again and compared,
 * and an edit that would change anything else throws instead. Loads the YAML libraries: import it where a ticket
 * is written, not where tickets are listed.
 */

/** The order in which Nimrod's sections stand when it has to add one. */
const sectionOrder = [
  "description",
  "acceptance criteria",
  "runbook",
  "questions",
  "plan",
  "evidence",
  "links",
  "risks",
  "follow-ups",
  "notes",
];

/**
 * Sets top-level keys of the front matter; null removes one. Where a file uses another name of a key (`deps`), that
 * one is edited. Comments, order, quotes, line endings and unknown keys stay.
 */
export function setFields(text: string, changes: Readonly<Record<string, NewValue>>): string {
  let result = text;
  const names = new Map<string, NewValue>();
  for (const [key, value] of Object.entries(changes)) {
    if (!/^[a-z_][a-z0-9_-]*$/.test(key))
      throw new TypeError(`not a front matter key: ${JSON.stringify(key)}`);
    const parsed = parseFrontMatter(result);
    if (parsed.kind === "broken") throw brokenText(parsed.problems[0]);
    const [name = key, second] = [key, ...(keyAliases[key] ?? [])].filter((one) => parsed.fields.has(one));
    if (second !== undefined) throw refusal(`both ${name} and ${second} are there`);
    result = applySplices(result, spliceField(result, parsed, { name, value }));
    names.set(name, value);
  }
  assertOnlyChanged(text, result, names);
  return result;
}

/** Replaces what stands under a `##` heading; the section is added when it is missing. */
export function replaceSection(text: string, heading: string, body: string): string {
  const { section, split, lines } = locate(text, heading);
  const content = body.trim();
  if (section === undefined) return addSection(text, heading, content);
  const isLast = lines.at(-1)?.end === section.end;
  const insert = withEol(`\n${content}\n${isLast ? "" : "\n"}`, split.eol);
  return checked(
    text,
    splice(text, section.start, section.end, lead(text, section, split.eol) + insert),
    heading,
  );
}

/** Adds a line, or several, at the end of a `##` section. */
export function appendToSection(text: string, heading: string, line: string): string {
  const { section, split } = locate(text, heading);
  const content = line.replace(/^\n+|\s+$/g, "");
  if (section === undefined) return addSection(text, heading, content);
  const last = section.lines.findLast((one) => one.text.trim() !== "");
  const at = last?.end ?? section.start;
  const gap = last === undefined || !(isListLine(last.text) && isListLine(content)) ? "\n" : "";
  const next = text.slice(at).split(/\r?\n/, 1)[0] ?? "";
  const insert = withEol(`${gap}${content}\n${next.trim() === "" ? "" : "\n"}`, split.eol);
  const open = text.endsWith("\n") || at < text.length ? "" : split.eol;
  return checked(text, splice(text, at, at, open + insert), heading);
}

/** The same for a line that a list holds once: where it stands there already, nothing changes. */
export function addLine(text: string, heading: string, line: string): string {
  const { section } = locate(text, heading);
  const isThere = section?.lines.some((one) => one.kind === "text" && one.text.trim() === line) === true;
  return isThere ? text : appendToSection(text, heading, line);
}

/** Takes a line out of a section again, and the section with it when nothing else is left in it. */
export function removeLine(text: string, heading: string, line: string): string {
  const { section, lines } = locate(text, heading);
  const gone = section?.lines.filter((one) => one.kind === "text" && one.text.trim() === line) ?? [];
  if (section === undefined || gone.length === 0) return text;
  const isLeft = section.lines.some((one) => one.text.trim() !== "" && !gone.includes(one));
  if (isLeft) {
    const splices = gone.map(({ start, end }) => ({ start, end, insert: "" }));
    return checked(text, applySplices(text, splices), heading);
  }
  const before = lines.filter((one) => one.end <= section.heading.start).at(-1);
  const isLast = lines.at(-1)?.end === section.end;
  // The blank line that parted the section from what stands before it.
  const start = isLast && before?.text.trim() === "" ? before.start : section.heading.start;
  return checked(text, splice(text, start, section.end, ""), heading);
}

/**
 * Replaces what stands between `<!-- nimrod:<marker>:begin -->` and its `:end -->`; everything around it is a
 * person's. Without the marks they are added at the end of the section named like the marker.
 */
export function replaceBlock(text: string, marker: string, body: string): string {
  const [begin, end] = [`<!-- nimrod:${marker}:begin -->`, `<!-- nimrod:${marker}:end -->`];
  const content = body.trim();
  if (content.includes(end) || content.includes(begin))
    throw refusal(`the ${marker} block holds its own mark`);
  const heading = marker.charAt(0).toUpperCase() + marker.slice(1);
  const { split, lines } = locate(text, heading);
  const marks = lines.filter((line) => line.kind === "comment");
  const begins = marks.filter((line) => line.text.trim() === begin);
  const ends = marks.filter((line) => line.text.trim() === end);
  const [from, to] = [begins[0], ends[0]];
  if (from === undefined && to === undefined) {
    return appendToSection(text, heading, `${begin}\n${content}\n${end}`);
  }
  if (from === undefined || to === undefined || begins.length + ends.length > 2 || to.start < from.end) {
    throw refusal(`the marks of the ${marker} block are not one pair`);
  }
  const around = findSections(lines).find(
    (section) => section.start <= from.start && from.start < section.end,
  );
  const insert = withEol(content === "" ? "" : `${content}\n`, split.eol);
  return checked(text, splice(text, from.end, to.start, insert), around?.title ?? null);
}

/** Ticks the named criteria, or takes their ticks away, and leaves the others as they are. */
export function setChecked(text: string, acIds: readonly string[], checked = true): string {
  const split = splitOrThrow(text);
  const criteria = findCriteria(text, split);
  const splices = acIds.map((id) => {
    const criterion = criteria.find((one) => one.id === id);
    if (criterion === undefined) throw new NimrodError("not_found", `the ticket has no criterion ${id}`);
    const tick = checked ? "x" : " ";
    return {
      start: criterion.tickAt,
      end: criterion.tickAt + 1,
      insert: criterion.checked === checked ? "" : tick,
    };
  });
  return applySplices(
    text,
    splices.filter(({ insert }) => insert !== ""),
  );
}

// --- below: parts of the above -------------------------------------------------------------------

type Located = { split: Split; lines: MarkdownLine[]; sections: Section[]; section: Section | undefined };

function locate(text: string, heading: string): Located {
  const split = splitOrThrow(text);
  const { lines, unclosed } = scanMarkdown(text, split.bodyStart, split.bodyLine);
  if (unclosed !== null) throw refusal(`line ${unclosed.line}: a ${unclosed.what} that is never closed`);
  const sections = findSections(lines);
  const [section, second] = sections.filter((one) => isTitled(one, heading));
  if (second !== undefined) throw refusal(`line ${second.heading.line}: a second ## ${heading}`);
  return { split, lines, sections, section };
}

function addSection(text: string, heading: string, content: string): string {
  const { split, sections, lines } = locate(text, heading);
  const place = sectionOrder.indexOf(heading.toLowerCase());
  const next = sections.find(
    ({ title }) => place !== -1 && sectionOrder.indexOf(title.trim().toLowerCase()) > place,
  );
  const at = next?.heading.start ?? text.length;
  const before = lines.findLast((line) => line.end <= at);
  const gap = text.endsWith("\n") || next !== undefined ? "" : "\n";
  const blank = before === undefined || before.text.trim() !== "" ? "\n" : "";
  const block = `${gap}${blank}## ${heading}\n\n${content}\n${next === undefined ? "" : "\n"}`;
  return checked(text, splice(text, at, at, withEol(block, split.eol)), heading);
}

function splice(text: string, start: number, end: number, insert: string): string {
  return text.slice(0, start) + insert + text.slice(end);
}

// A heading on a last line without a line feed.
function lead(text: string, section: Section, eol: string): string {
  return text.slice(section.heading.start, section.heading.end).endsWith("\n") ? "" : eol;
}

function withEol(text: string, eol: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll("\n", eol);
}

function isListLine(text: string): boolean {
  return /^\s*(?:[-*+]|\d+[.)])\s/.test(text) || /^\s{2,}\S/.test(text);
}

/** The edit of one section must leave the front matter and every other section as they were. */
function checked(before: string, after: string, heading: string | null): string {
  const [old, now] = [outline(before, heading), outline(after, heading)];
  if (old.rest.join("\0") === now.rest.join("\0") && now.own <= 1 && now.unclosed === null) return after;
  throw refusal(`the new text would change more than ${heading === null ? "its block" : `## ${heading}`}`);
}

function outline(text: string, heading: string | null): { rest: string[]; own: number; unclosed: unknown } {
  const split = splitOrThrow(text);
  const { lines, unclosed } = scanMarkdown(text, split.bodyStart, split.bodyLine);
  const front = text.slice(0, split.bodyStart);
  // A file that ends with its front matter may lack the last line feed, which a section behind it needs.
  const rest = [front.endsWith("\n") ? front : front + split.eol];
  let inside = false;
  let own = 0;
  for (const line of lines) {
    if (line.kind === "heading" && line.level <= 2) {
      inside = line.level === 2 && line.title.trim().toLowerCase() === heading?.toLowerCase();
      own += inside ? 1 : 0;
    }
    // Blank lines around an edited section may come and go.
    if (!inside && line.text.trim() !== "") rest.push(line.text);
  }
  return { rest, own, unclosed };
}

function assertOnlyChanged(before: string, after: string, changes: ReadonlyMap<string, NewValue>): void {
  const [old, now] = [parseFields(before), parseFields(after)];
  if (old.kind === "broken") throw brokenText(old.problems[0]);
  if (now.kind === "broken") throw refusal(`the result cannot be read: ${now.problems[0]?.found}`);
  const others = (fields: typeof old.fields) =>
    JSON.stringify(
      [...fields].filter(([key]) => !changes.has(key)).map(([key, { value }]) => [key, plain(value)]),
    );
  const isSame =
    others(old.fields) === others(now.fields) &&
    before.slice(old.split.bodyStart) === after.slice(now.split.bodyStart) &&
    comments(before) === comments(after);
  if (!isSame) throw refusal("the edit would change more than its keys");
  for (const [key, value] of changes) {
    const field = now.fields.get(key);
    const found = field === undefined ? null : plain(field.value);
    const wanted = typeof value === "number" ? String(value) : value;
    if (JSON.stringify(found) !== JSON.stringify(wanted)) throw refusal(`${key} cannot be written so`);
  }
}

function plain(value: FieldValue): unknown {
  if (value.kind === "scalar") return value.text;
  return value.kind === "list" ? value.items.map(({ text }) => text) : value.what;
}

/** Lines that are comments: a `# …` inside a block of text is that text, and goes with its key. */
function comments(text: string): string {
  const parsed = parseFrontMatter(text);
  if (parsed.kind === "broken") return "";
  const blocks = parsed.entries.flatMap(({ value }) =>
    value.kind === "scalar" && value.style === "block" ? [value.at] : [],
  );
  const { yamlStart, yamlEnd } = parsed.split;
  const found: string[] = [];
  for (let start = yamlStart; start < yamlEnd; start = text.indexOf("\n", start) + 1) {
    const line = text.slice(start, text.indexOf("\n", start));
    const isText = blocks.some((block) => block.start < start && start < block.end);
    if (/^\s*#/.test(line) && !isText) found.push(line);
  }
  return found.join("\n");
}

function splitOrThrow(text: string): Split {
  const split = splitTicket(text);
  if (split.kind === "broken") throw brokenText(split.problems[0]);
  return split;
}

function brokenText(problem: { line: number; found: string; expected: string } | undefined): NimrodError {
  return new NimrodError("broken", `line ${problem?.line}: ${problem?.found}; expected ${problem?.expected}`);
}

function refusal(why: string): NimrodError {
  return new NimrodError("failed", `the ticket was not changed: ${why}`);
}
