import { join } from "node:path";
import { NimrodError } from "../../errors.ts";
import { claimTicket } from "../../pipeline/claims.ts";
import { quoteWord } from "../../platform/shell-word.ts";
import { ticketTextDigest } from "../../tickets/body.ts";
import { changeLabels, changeLinks } from "../../tickets/change-list.ts";
import { removeLine, setFields } from "../../tickets/edit.ts";
import { replaceBody } from "../../tickets/edit-body.ts";
import { linkLines } from "../../tickets/links.ts";
import type { Scan } from "../../tickets/store.ts";
import type { StoredTicket } from "../../tickets/ticket.ts";
import type { Context, Project } from "../context.ts";
import { editInPlace, type Opened } from "../edit-in-place.ts";
import { type FieldChanges, isNothing, readFieldOptions } from "../field-options.ts";
import { type Ends, findLinked, type LooseEnds, refuseCircle, tellOther, untellOther } from "../linking.ts";
import { type Options, textOption } from "../options.ts";
import { readTextInput } from "../read-text-input.ts";
import { checkText } from "../text-input.ts";
import { ticketJson } from "../ticket-json.ts";

/** `nimrod edit ID`: fields by options; without any, the file in the person's editor. */
export async function edit(context: Context, args: readonly string[], options: Options): Promise<number> {
  const changes = await readFieldOptions(options, args[0]);
  const bodyFile = textOption(options, "bodyFile");
  const query = args[0] ?? "";
  const project = await context.project();
  if (isNothing(changes) && bodyFile === undefined) return openFile(context, project, query);

  const scan = await project.store.scan();
  const ticket = await project.findTicket(query, scan);
  refuseStatus(ticket, changes);
  const links = await findEnds(project, ticket, changes, scan);
  for (const ends of links.add) refuseCircle(scan.tickets, ends);
  const body = bodyFile === undefined ? null : await readBody(context, bodyFile, query);
  return claimed(project, ticket.id, async () => {
    const after = await project.store.update(ticket, (text) =>
      change(text, ticket.id, { changes, links, body }),
    );
    let isChanged = after.text !== ticket.text;
    for (const ends of links.add) isChanged = (await tellOther(project.store, ends)) || isChanged;
    for (const ends of links.remove) isChanged = (await untellOther(project.store, ends)) || isChanged;
    report(context, ticket, after, isChanged);
    await project.touch(ticket.id);
    return 0;
  });
}

type LinkEnds = { add: Ends[]; remove: LooseEnds[] };

function change(
  before: string,
  id: string,
  { changes, links, body }: { changes: FieldChanges; links: LinkEnds; body: string | null },
): string {
  let text = changeLabels(setFields(before, changes.scalars), changes.labels);
  for (const { kind, to } of links.add) text = changeLinks(text, kind, { add: [to.id] });
  for (const { kind, to } of links.remove) {
    const { forward } = linkLines({ from: id, kind, to: to.id });
    text = removeLine(changeLinks(text, kind, { remove: [to.id] }), "Links", forward);
  }
  return body === null ? text : replaceBody(text, body);
}

async function findEnds(
  project: Project,
  from: StoredTicket,
  { links }: FieldChanges,
  scan: Scan,
): Promise<LinkEnds> {
  const ends: LinkEnds = { add: [], remove: [] };
  for (const { kind, add, remove } of links) {
    for (const query of add) ends.add.push({ from, kind, to: await project.findTicket(query, scan) });
    for (const query of remove) {
      ends.remove.push({ from, kind, to: await findLinked(project, { from, kind, query, scan }) });
    }
  }
  return ends;
}

async function readBody(context: Context, file: string, query: string): Promise<string> {
  return checkText(await readTextInput(file, context.cwd), {
    what: "a ticket",
    hint: `nimrod edit ${quoteWord(query)}   (opens the editor)`,
  });
}

/** A status that says what was done is not talked away. A file of another tool may say so with nothing behind it. */
function refuseStatus(ticket: StoredTicket, { scalars }: FieldChanges): void {
  const { id, status } = ticket;
  if (scalars["status"] === undefined || !(status === "closed" || isMadeByRun(ticket))) return;
  throw new NimrodError("usage", `${id} is ${status}; that says what was done, and no edit undoes it`, {
    hint: status === "in_progress" ? `nimrod close ${id} --as abandoned --reason "…"` : `nimrod reopen ${id}`,
  });
}

function isMadeByRun({ status, branch }: StoredTicket): boolean {
  return branch !== null && (status === "in_progress" || status === "in_review");
}

/** While it is edited, no run begins with half of it; a run that is at work already comes first. */
async function claimed<T>(project: Project, id: string, work: () => Promise<T>): Promise<T> {
  const claim = await claimTicket(project, id, "nimrod edit");
  if (claim.kind === "held") {
    throw new NimrodError("busy", `${id} is held by a live run (pid ${claim.pid}: ${claim.owner})`, {
      hint: `nimrod log ${id} -f`,
    });
  }
  try {
    return await work();
  } finally {
    await claim.release();
  }
}

function report({ output }: Context, before: StoredTicket, after: StoredTicket, isChanged: boolean): void {
  const isVoid =
    before.branch !== null && ticketTextDigest(before, before.text) !== ticketTextDigest(after, after.text);
  output.document("ticket-edited", { ticket: ticketJson(after), changed: isChanged, voids: isVoid });
  output.line(isChanged ? `${after.id} changed: ${after.path}` : `${after.id}: nothing to change`);
  if (isVoid) {
    output.say("its plan, approvals and review were for the other text: the next run makes them anew");
    output.say(`  next: nimrod run ${after.id}`);
  }
}

/** A broken file is opened too: this is the command that mends it. */
async function openFile(context: Context, project: Project, query: string): Promise<number> {
  const opened = await locate(context, project, query);
  const { output } = context;
  if (!context.prompts.available) {
    output.document("ticket-file", {
      ticket: opened.before?.id ?? null,
      path: opened.path,
      file: join(project.root, opened.path),
    });
    output.line(join(project.root, opened.path));
    return 0;
  }
  const finish = async () => {
    const after = await editInPlace(context, project, opened);
    await project.touch(after.id);
    report(context, opened.before ?? after, after, opened.before?.text !== after.text);
    return 0;
  };
  return opened.before === null ? finish() : claimed(project, opened.before.id, finish);
}

async function locate(context: Context, project: Project, query: string): Promise<Opened> {
  try {
    const before = await project.findTicket(query);
    return { path: before.path, before };
  } catch (error) {
    if (!(error instanceof NimrodError) || error.code !== "broken" || error.where === undefined) throw error;
    context.output.say({ text: `BROKEN  ${error.where}: ${error.message}`, style: "red" });
    return { path: error.where.replace(/:\d+$/, ""), before: null };
  }
}
