import { basename, join } from "node:path";
import { NimrodError } from "../errors.ts";
import { quoteWord } from "../platform/shell-word.ts";
import { buildGraph } from "../tickets/links.ts";
import type { Status, StoredTicket } from "../tickets/ticket.ts";
import type { Context, Project } from "./context.ts";
import { brokenLine } from "./ticket-json.ts";
import { applyLinkRepairs, planLinkRepairs } from "./write-reverse-links.ts";

/** A ticket's file, and what was in it before; null where it could not be read. */
export type Opened = { path: string; before: StoredTicket | null };

/**
 * Opens a ticket's own file in the person's editor, and reads it again when the editor is closed. It is theirs: what
 * they saved stays as they saved it, and what is wrong with it is said with file and line.
 */
export async function editInPlace(context: Context, project: Project, opened: Opened): Promise<StoredTicket> {
  const { openEditor } = await import("./editor.ts");
  await openEditor(join(project.root, opened.path), context.env);
  const after = await readAgain(project, opened);
  await checkBody(after);
  for (const remark of remarksOn(opened.before, after)) context.output.say({ text: remark, style: "yellow" });

  const { tickets } = await project.store.scan();
  const graph = buildGraph(tickets);
  for (const circle of graph.cycles.filter((ids) => ids.includes(after.id))) {
    const way = [...circle, circle[0]].join(" → ");
    context.output.say({ text: `circle of depends_on: ${way}: none of them can start`, style: "yellow" });
  }
  await applyLinkRepairs(project.store, planLinkRepairs({ tickets }, project.store, after.id));
  return after;
}

async function readAgain({ store }: Project, { path, before }: Opened): Promise<StoredTicket> {
  let after: StoredTicket;
  try {
    after = await store.find(path);
  } catch (error) {
    if (!(error instanceof NimrodError) || error.code !== "broken") throw error;
    const { broken } = await store.scan();
    throw new NimrodError("broken", error.message, {
      where: error.where,
      lines: broken.filter((problem) => problem.path === path).map(brokenLine),
      hint: `nimrod edit ${quoteWord(path)}   (your text is saved as you left it)`,
    });
  }
  if (before === null || after.id === before.id) return after;
  // Back to the id that the file is named by: the mistake of an earlier edit is mended.
  if (basename(path).toLowerCase().startsWith(after.id.toLowerCase())) return after;
  throw new NimrodError("broken", `id is "${after.id}"; expected "${before.id}", which stays for ever`, {
    where: path,
    hint: `nimrod edit ${quoteWord(path)}`,
  });
}

/** Front matter is read with the ticket; criteria and Runbook are wrong for the next run, so they are said now. */
async function checkBody({ path, text }: StoredTicket): Promise<void> {
  const { parseBody } = await import("../tickets/body.ts");
  const read = await parseBody(text);
  if (read.kind === "body") return;
  const lines = read.problems.map((problem) => brokenLine({ path, ...problem }));
  throw new NimrodError("broken", lines[0] ?? path, {
    where: `${path}:${read.problems[0]?.line ?? 1}`,
    lines: lines.slice(1),
    hint: `nimrod edit ${quoteWord(path)}   (your text is saved as you left it)`,
  });
}

const madeByRuns: readonly Status[] = ["in_progress", "in_review", "closed"];

function remarksOn(before: StoredTicket | null, after: StoredTicket): string[] {
  if (before === null || before.status === after.status || !madeByRuns.includes(after.status)) return [];
  const command = after.status === "closed" ? "nimrod close" : "nimrod run";
  return [`status is now ${after.status}, which nothing stands behind: ${command} ${after.id} makes it so`];
}
