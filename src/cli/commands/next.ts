import { NimrodError } from "../../errors.ts";
import { considerTickets } from "../../pipeline/consider.ts";
import { type PassName, passNames } from "../../pipeline/passes.ts";
import { type Considered, laterThan, type Selection, selectTicket } from "../../pipeline/select-ticket.ts";
import { lateApprovals } from "../approvals-of.ts";
import { agentLines, explainAgents, readChoiceFacts } from "../choice-facts.ts";
import type { Context, Project } from "../context.ts";
import { choiceOption, flagOption, type Options, textOption } from "../options.ts";
import { printSkipped } from "../print-skipped.ts";
import { reportNext, reportNothing } from "../report-run.ts";
import { brokenLine } from "../ticket-json.ts";

/** Picks the next ticket and runs it; `--dry-run` and `--explain` only say which one and why. */
export async function next(context: Context, _args: readonly string[], options: Options): Promise<number> {
  const agent = textOption(options, "agent");
  if (flagOption(options, "dryRun") || flagOption(options, "explain")) {
    return explain(context, await context.project({ agent }), flagOption(options, "explain"));
  }
  const until = choiceOption(options, "until", passNames) ?? null;
  const [{ openPipeline }, { runNext }] = await Promise.all([
    import("../open-pipeline.ts"),
    import("../../pipeline/next.ts"),
  ]);
  const { ports, project } = await openPipeline(context, { agent, allRoles: true });
  return reportNext(context, project, await runNext(ports, { until }));
}

/** Starts nothing: what would be done is told from the files alone. */
async function explain(context: Context, project: Project, inFull: boolean): Promise<number> {
  const scan = await project.store.scan();
  const considered = await considerTickets({
    scan,
    stateFolder: project.stateFolder,
    approvals: lateApprovals(context, project),
    untrusted: null,
    textOf: project.store.textOf,
  });
  const now = context.clock.now();
  const { selection, skipped } = selectTicket(considered, now);
  for (const file of scan.broken) context.output.say({ text: `BROKEN  ${brokenLine(file)}`, style: "red" });
  if (selection.kind === "nothing") return reportNothing(context, skipped);
  if (selection.kind === "held") {
    throw new NimrodError("busy", "everything that is ready is held by a live run", {
      lines: selection.held.map(({ ticket }) => ticket.id),
    });
  }
  const { output } = context;
  const first = firstOf(selection);
  const later = inFull ? laterThan(first, considered, now) : [];
  const agents = explainAgents(await readChoiceFacts(context, project));
  output.document("next", {
    ticket: first.ticket.id,
    title: first.ticket.title,
    why: selection.why,
    resumes: selection.kind === "resume",
    order: (selection.kind === "start" ? selection.ranked : [first]).map(({ ticket }) => ticket.id),
    equals: (selection.kind === "start" ? selection.equals : [first]).map(({ ticket }) => ticket.id),
    passes: [...passNames],
    agents,
    skipped,
    // Each ticket that is not closed and not the one, with its reason.
    ...(inFull ? { others: [...later, ...skipped] } : {}),
  });
  output.line({ text: `Next: ${first.ticket.id}  ${first.ticket.title}`, style: "bold" });
  output.line(`  why this one   ${selection.why}`);
  output.line(`  passes         ${passesLine(first)}`);
  for (const [index, line] of agentLines(agents).entries()) {
    output.line(`  ${(index === 0 ? "agents" : "").padEnd(15)}${line}`);
  }
  if (selection.kind === "start") {
    const rest = selection.ranked.slice(1, 6);
    if (rest.length > 0) output.line(`  then           ${rest.map(({ ticket }) => ticket.id).join(", ")}`);
    if (selection.equals.length > 1)
      output.line(
        `  the triager chooses among ${selection.equals.length} equals: age, then id, decide otherwise`,
      );
  }
  const others = [...later, ...skipped];
  if (others.length > 0) output.line(inFull ? `Why not the others (${others.length}):` : "Skipped:");
  printSkipped(context, others);
  return 0;
}

function firstOf(selection: Extract<Selection, { kind: "resume" | "start" }>): Considered {
  const first = selection.kind === "resume" ? selection.chosen : selection.equals[0];
  if (!first) throw new Error("a start without a candidate");
  return first;
}

/** The passes with what is done marked, from the stage that the last run wrote into the ticket. */
function passesLine({ ticket }: Considered): string {
  const done = passNames.findIndex((name: string) => name === ticket.stage);
  return passNames.map((name: PassName, index) => (index <= done ? `${name} ✓` : name)).join("  ");
}
