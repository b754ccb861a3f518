import type { Closing } from "../agents/roles.ts";
import { visible } from "../evidence/redact.ts";

/** `docs/changes/<date>-<ticket>.md`: what a person looks up when something behaves differently since Tuesday. */
export function changeLogPath(date: string, ticket: string): string {
  return `docs/changes/${date.slice(0, 10)}-${ticket}.md`;
}

export function renderChangeLog(options: {
  ticket: string;
  title: string;
  date: string;
  closing: Closing;
  changedPaths: string[];
  undo: string[];
  /** Host steps that ran at the close itself, after the closer had written. */
  late: { step: string; text: string }[];
}): string {
  const { ticket, title, date, closing, changedPaths, undo } = options;
  const onServers = [...closing.changeLog, ...options.late];
  const list = (lines: string[]) => lines.map((line) => `- ${oneLine(line)}`).join("\n");
  const sections = [
    `# ${oneLine(title)}\n\n${date.slice(0, 10)}, ticket ${ticket}. ${oneLine(closing.summary)}`,
    onServers.length > 0
      ? `## On servers\n\n${list(onServers.map((entry) => `${entry.step}: ${entry.text}`))}`
      : null,
    changedPaths.length > 0 ? `## In the repository\n\n${list(changedPaths)}` : null,
    closing.notDone.length > 0 ? `## Not done\n\n${list(closing.notDone)}` : null,
    `## How to undo it\n\n${list([`nimrod rollback ${ticket}`, ...undo])}`,
  ];
  return `${sections.filter((section) => section !== null).join("\n\n")}\n`;
}

function oneLine(text: string): string {
  return visible(text.replaceAll(/\s+/g, " ").trim()).replaceAll("<", "&lt;");
}
