import { NimrodError } from "../../errors.ts";
import { considerTickets, runStateOf } from "../../pipeline/consider.ts";
import { runOne } from "../../pipeline/next.ts";
import { passNames } from "../../pipeline/passes.ts";
import { isReviewOutdated, runTicket } from "../../pipeline/run-ticket.ts";
import type { RunState } from "../../pipeline/select-ticket.ts";
import { type LifecycleCommand, transition } from "../../pipeline/transitions.ts";
import type { StoredTicket, Ticket } from "../../tickets/ticket.ts";
import type { Context } from "../context.ts";
import { openPipeline } from "../open-pipeline.ts";
import { choiceOption, type Options, textOption } from "../options.ts";
import type { Output } from "../output.ts";
import { reportNext } from "../report-run.ts";

/** `nimrod run ID`: the passes of one ticket, whatever else is ready. */
export async function run(context: Context, args: readonly string[], options: Options): Promise<number> {
  const { ports, project } = await openPipeline(context, {
    agent: textOption(options, "agent"),
    allRoles: true,
  });
  const until = choiceOption(options, "until", passNames) ?? null;
  const scan = await project.store.scan();
  const ticket = await project.findTicket(args[0] ?? "", scan);
  if (await isReviewOutdated(ports, ticket)) {
    const end = await runTicket(ports, ticket, { until, triaged: null });
    return reportNext(context, project, { kind: "ran", end, skipped: [] });
  }
  if (isSettled(context, "run", ticket)) return 0;
  const all = await considerTickets({
    scan,
    stateFolder: ports.stateFolder,
    approvals: ports.approvals,
    untrusted: ports.untrusted,
    textOf: ports.store.textOf,
  });
  const considered = all.find((each) => each.ticket.id === ticket.id);
  if (!considered)
    throw new NimrodError("usage", `${ticket.id} is closed`, { hint: `nimrod reopen ${ticket.id}` });
  if (considered.blockedBy.length > 0) {
    throw new NimrodError("nothing_to_do", `${ticket.id} waits on ${considered.blockedBy.join(", ")}`, {
      hint: `nimrod show ${ticket.id}`,
    });
  }
  return reportNext(context, project, await runOne(ports, considered, { until }));
}

const resumable: readonly string[] = ["open", "in_progress", "blocked"];

/** `nimrod resume [ID]`: goes on after a stop, a crash, an approval or a failed pass. */
export async function resume(context: Context, args: readonly string[], options: Options): Promise<number> {
  const { ports, project } = await openPipeline(context, {
    agent: textOption(options, "agent"),
    allRoles: true,
  });
  const scan = await project.store.scan();
  const places = {
    stateFolder: ports.stateFolder,
    approvals: ports.approvals,
    untrusted: ports.untrusted,
    textOf: ports.store.textOf,
  };
  const goOn = async (ticket: Ticket): Promise<number> => {
    const end = await runTicket(ports, await project.store.read(ticket), { until: null, triaged: null });
    return reportNext(context, project, { kind: "ran", end, skipped: [] });
  };
  if (args[0] !== undefined) {
    const ticket = await project.findTicket(args[0], scan);
    // A run that was cut before it wrote into its ticket is there all the same.
    const isOpenCut = ticket.status === "open" && (await runStateOf(ticket, places)).kind === "cut";
    if (isOpenCut || (await isReviewOutdated(ports, ticket))) return goOn(ticket);
    return isSettled(context, "resume", ticket) ? 0 : goOn(ticket);
  }
  for (const ticket of scan.tickets.filter((each) => !each.archived && resumable.includes(each.status))) {
    const state = await runStateOf(ticket, places);
    if (state.kind === "cut" || state.kind === "failed" || (state.kind === "parked" && isOver(state)))
      return goOn(ticket);
  }
  throw new NimrodError("nothing_to_do", "no run was cut off, and none has what it waits for", {
    hint: "nimrod next --explain",
  });
}

/** A login that failed is over when a person says so, by resuming. */
function isOver(state: Extract<RunState, { kind: "parked" }>): boolean {
  return state.satisfied || state.waits.every((wait) => wait.kind === "login");
}

/** Says so where the table has nothing left to do; throws where it refuses. */
export function isSettled({ output }: Context, command: LifecycleCommand, ticket: StoredTicket): boolean {
  const next = transition(command, ticket.status);
  if (next.kind === "go") return false;
  if (next.kind === "refuse") {
    throw new NimrodError(next.code, `${ticket.id} ${next.message}`, {
      hint: next.hint.replace("ID", ticket.id),
    });
  }
  sayAlready(output, command, ticket.id, next.message);
  return true;
}

export function sayAlready(output: Output, command: LifecycleCommand, ticket: string, message: string): void {
  output.document(command === "close-as" ? "close" : command, { ticket, result: "already", message });
  output.line(`${ticket} ${message}`);
}
