import { runStateOf } from "../../pipeline/consider.ts";
import { commandFor, describeWait, type RunState } from "../../pipeline/select-ticket.ts";
import { splitTicket } from "../../tickets/fences.ts";
import { buildGraph, renderLinks, type TicketGraph } from "../../tickets/links.ts";
import { type LinkKind, linkKinds, type StoredTicket, type Ticket } from "../../tickets/ticket.ts";
import { lateApprovals } from "../approvals-of.ts";
import type { Context, Project } from "../context.ts";
import { flagOption, type Options, textOption } from "../options.ts";
import type { Output, Part } from "../output.ts";
import { brokenJson, brokenLine, ticketJson } from "../ticket-json.ts";

export async function show(context: Context, args: readonly string[], options: Options): Promise<number> {
  const project = await context.project();
  const { ticket, scan } = await project.findWithLinked(args[0] ?? "");
  const { tickets, broken } = scan;
  if (flagOption(options, "transcript")) {
    const { showTranscript } = await import("./show-transcript.ts");
    return showTranscript(context, project, ticket, textOption(options, "pass"));
  }
  const graph = buildGraph(tickets);
  const facts = describeLinks(ticket, graph, tickets);

  const run = await runOf(context, project, ticket);
  const view = flagOption(options, "evidence") ? await import("../evidence-view.ts") : null;
  const evidence = view === null ? null : await view.evidenceOf(project.root, ticket);
  const { output } = context;
  output.document("ticket", {
    ticket: { ...ticketJson(ticket), blocked_by: graph.blockedBy(ticket) },
    links: facts.links,
    waits: facts.waits,
    run,
    evidence,
    body: bodyOf(ticket.text),
    broken: brokenJson(broken),
  });
  printHead(output, ticket, facts);
  printRun(output, ticket.id, run);
  if (view !== null && evidence !== null) {
    view.printEvidence(output, ticket.id, evidence);
    return 0;
  }
  output.line(`\n${bodyOf(ticket.text).trim()}`);
  for (const file of broken) output.say({ text: `BROKEN  ${brokenLine(file)}`, style: "red" });
  return 0;
}

async function runOf(context: Context, project: Project, ticket: StoredTicket): Promise<RunState> {
  const options = {
    stateFolder: project.stateFolder,
    approvals: lateApprovals(context, project),
    untrusted: null,
    textOf: project.store.textOf,
  };
  return runStateOf(ticket, options);
}

function printRun(output: Output, ticket: string, run: RunState): void {
  for (const { text, command } of describeRun(run, ticket)) {
    const next = command === null ? "" : `  → ${command}`;
    output.line({ text: `  ${"run".padEnd(12)}`, style: "dim" }, { text, style: "yellow" }, next);
  }
}

function describeRun(run: RunState, ticket: string): { text: string; command: string | null }[] {
  const resume = `nimrod resume ${ticket}`;
  switch (run.kind) {
    case "none":
    case "ended":
      return [];
    case "live":
      return [{ text: `is running now (pid ${run.pid})`, command: null }];
    case "cut":
      return [{ text: "goes on where it stopped", command: resume }];
    case "failed":
      return [{ text: `its ${run.step} pass failed (${run.reason})`, command: resume }];
    case "parked":
      if (run.satisfied) return [{ text: "has everything it waited for", command: resume }];
      return run.waits.map((wait) => ({ text: describeWait(wait), command: commandFor([wait], ticket) }));
  }
}

type Link = {
  kind: LinkKind;
  direction: "out" | "in";
  id: string;
  title: string | null;
  status: string | null;
};
type LinkFacts = { links: Link[]; lines: string[]; waits: string[] };

function describeLinks(ticket: StoredTicket, graph: TicketGraph, tickets: readonly Ticket[]): LinkFacts {
  const byId = new Map(tickets.map((one) => [one.id.toLowerCase(), one]));
  const link = (kind: LinkKind, direction: "out" | "in", id: string): Link => {
    const other = byId.get(id.toLowerCase());
    return { kind, direction, id, title: other?.title ?? null, status: other?.status ?? null };
  };
  const describe = (id: string): string => {
    const other = byId.get(id.toLowerCase());
    return other === undefined ? "no such ticket" : `${other.title} (${other.status})`;
  };
  return {
    links: [
      ...linkKinds.flatMap((kind) => ticket.links[kind].map((id) => link(kind, "out", id))),
      ...graph.backlinks(ticket.id).map(({ kind, from }) => link(kind, "in", from)),
    ],
    // The words of the `## Links` section, with what a section must not hold: titles and states change.
    lines: renderLinks(ticket, graph)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => `${line.replace(/^- /, "")}  ${describe(line.split(" ").at(-1) ?? "")}`),
    waits: graph.blockedBy(ticket).map((id) => `${id}  ${describe(id)}`),
  };
}

function printHead(output: Output, ticket: StoredTicket, { lines, waits }: LinkFacts): void {
  output.line({ text: `${ticket.id}  ${ticket.title}`, style: "bold" });
  const field = (name: string, ...value: Part[]) =>
    output.line({ text: `  ${name.padEnd(12)}`, style: "dim" }, ...value);
  const closed = ticket.closeReason === null ? "" : ` (${ticket.closeReason})`;
  field("status", `${ticket.status}${closed} · ${ticket.type} · priority ${ticket.priority}`);
  if (ticket.stage !== null) field("stage", ticket.stage);
  if (ticket.labels.length > 0) field("labels", ticket.labels.join(", "));
  if (ticket.assignee !== null) field("assignee", ticket.assignee);
  if (ticket.created !== null) field("created", ticket.created);
  if (ticket.closed !== null) field("closed", ticket.closed);
  if (ticket.deferUntil !== null) field("not before", ticket.deferUntil);
  if (ticket.externalRef !== null) field("elsewhere", ticket.externalRef);
  if (ticket.branch !== null) field("branch", ticket.branch);
  field("file", ticket.path);
  for (const line of lines) field("link", line);
  for (const wait of waits) field("waits for", { text: wait, style: "yellow" });
}

function bodyOf(text: string): string {
  const split = splitTicket(text);
  return split.kind === "split" ? text.slice(split.bodyStart) : text;
}
