import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { nimrod, nimrodJson } from "./run-nimrod.ts";
import { type TempProject, type TicketFields, ticketFile } from "./temp-project.ts";

/** Tickets that the embedded agent can take through all six passes, and a look at what Nimrod keeps about them. */

const at = (project: TempProject) => ({ cwd: project.root, env: project.env });

/** Runs the command in the project and hands back exit code, stdout and stderr. */
export const run = (project: TempProject, ...args: string[]) => nimrod(args, at(project));
export const runJson = (project: TempProject, ...args: string[]) => nimrodJson(args, at(project));

type PageOptions = Omit<TicketFields, "body"> & {
  /** The file that the ticket's one step writes; the check looks for `word` in it. */
  page?: string;
  word?: string;
  /** More Runbook steps and criteria, as they stand in the file. */
  steps?: string;
  criteria?: string;
};

/** A ticket whose Runbook writes one page, and whose check is red before and green after. */
export function pageTicket({
  page = "page.md",
  word = "hello",
  steps = "",
  criteria = "",
  ...fields
}: PageOptions) {
  const body = `## Description

Add \`${page}\`.

## Acceptance Criteria

- [ ] the page says ${word}
  - verify: \`grep -q ${word} ${page}\`
${criteria}
## Runbook

\`\`\`yaml
steps:
  - title: write the page
    write: ${page}
    content: |
      ${word}
${steps}\`\`\`
`;
  return ticketFile({ ...fields, body });
}

export const ticketPath = (id: string, folder: "active" | "closed" = "active") =>
  `tickets/${folder}/${id}-sample.md`;

/** One value of a ticket's front matter, as it stands in the file. */
export function field(project: TempProject, path: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)$`, "m").exec(project.read(path).split("\n---")[0] ?? "")?.[1];
}

/** This repository's folder in the state home. */
function stateFolder(project: TempProject): string {
  const top = join(project.stateHome, "nimrod");
  const name = readdirSync(top).find((each) => each.startsWith("project-"));
  if (name === undefined) throw new Error(`no state of this repository in ${top}`);
  return join(top, name);
}

export type JournalLine = { type: string; step?: string; phase?: string; lasting?: boolean; value?: unknown };

/** The newest run's journal; empty before there is one. */
export function journal(project: TempProject, id: string): JournalLine[] {
  const file = journalFile(project, id);
  if (file === null) return [];
  const text = readFileSync(file, "utf8");
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

function journalFile(project: TempProject, id: string): string | null {
  try {
    const folder = join(stateFolder(project), "runs", id);
    const newest = readdirSync(folder).sort().at(-1);
    return newest === undefined ? null : join(folder, newest);
  } catch {
    return null; // nothing was run yet
  }
}

/** Paths of a ticket's evidence, in the order they were begun. */
export function evidenceOf(project: TempProject, id: string): string[] {
  const folder = `.nimrod/evidence/${id}`;
  return readdirSync(join(project.root, folder))
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .map((name) => `${folder}/${name}`);
}
