import { NimrodError } from "../errors.ts";
import { replaceSection } from "./edit.ts";
import { splitTicket } from "./fences.ts";
import { findSections, isTitled, type Section, scanMarkdown } from "./markdown-lines.ts";

/** Sections that Nimrod writes from what it recorded: a text that brings one would be overwritten by the next run. */
const ownSections = ["Questions", "Plan", "Evidence", "Links", "Risks"];

/**
 * Gives a ticket a new text: each `##` section of it replaces the one of that name, what stands before the first is
 * the description. Sections that the new text does not have stay as they are.
 */
export function replaceBody(text: string, body: string): string {
  const given = body.replaceAll("\r\n", "\n");
  const { lines, unclosed } = scanMarkdown(given, 0, 1);
  if (unclosed !== null) throw notTaken(unclosed.line, `a ${unclosed.what} that is never closed`);
  const sections = findSections(lines);
  const own = sections.find((one) => ownSections.some((title) => isTitled(one, title)));
  if (own !== undefined) throw notTaken(own.heading.line, `## ${own.title} is written by Nimrod`);
  const second = sections.find((one, at) =>
    sections.slice(0, at).some((other) => isTitled(one, other.title)),
  );
  if (second !== undefined) throw notTaken(second.heading.line, `a second ## ${second.title}`);

  const preamble = given.slice(0, sections[0]?.heading.start).trim();
  const described = preamble === "" ? text : replaceDescription(text, preamble);
  return sections.reduce((edited, section) => {
    const content = given.slice(section.start, section.end);
    return isTitled(section, "Description")
      ? replaceDescription(edited, content)
      : replaceSection(edited, section.title, content);
  }, described);
}

/** The section of that name, or, where a file has none, what stands before its first section. */
function replaceDescription(text: string, body: string): string {
  const { sections, preamble, eol } = outline(text);
  const [first, last] = [preamble[0], preamble.at(-1)];
  if (first === undefined || last === undefined || sections.some((one) => isTitled(one, "Description"))) {
    return replaceSection(text, "Description", body);
  }
  const insert = `${body.trim()}\n`.replaceAll("\n", eol);
  const result = text.slice(0, first.start) + insert + text.slice(last.end);
  const titles = (all: readonly Section[]) => all.map((one) => one.title).join("\n");
  if (titles(outline(result).sections) === titles(sections)) return result;
  throw new NimrodError(
    "failed",
    "the ticket was not changed: the new text would change more than the description",
  );
}

function outline(text: string) {
  const split = splitTicket(text);
  if (split.kind === "broken") throw new NimrodError("broken", "its front matter cannot be read");
  const { lines } = scanMarkdown(text, split.bodyStart, split.bodyLine);
  const sections = findSections(lines);
  const end = sections[0]?.heading.start ?? text.length;
  const before = lines.filter((line) => line.start < end);
  // Behind the title, which some files carry as a heading.
  const title = before.findIndex((line) => line.kind === "heading" && line.level === 1);
  const preamble = before.slice(title + 1).filter((line) => line.text.trim() !== "");
  return { sections, preamble, eol: split.eol };
}

function notTaken(line: number, why: string): NimrodError {
  return new NimrodError("usage", `line ${line} of the new text: ${why}`, {
    hint: "leave it out: sections that the new text does not have stay as they are",
  });
}
