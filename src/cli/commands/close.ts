import type { DoneCheck } from "../../closing/definition-of-done.ts";
import { NimrodError } from "../../errors.ts";
import { abandonTicket } from "../../pipeline/abandon-ticket.ts";
import { closeTicket, isHalfClosed } from "../../pipeline/close-ticket.ts";
import { reopenTicket } from "../../pipeline/reopen-ticket.ts";
import { rollbackTicket } from "../../pipeline/rollback-ticket.ts";
import { quoteWord } from "../../platform/shell-word.ts";
import { closeReasons } from "../../tickets/ticket.ts";
import type { Context } from "../context.ts";
import { openPipeline } from "../open-pipeline.ts";
import { choiceOption, type Options, textOption } from "../options.ts";
import { reportRun, reportWaits } from "../report-run.ts";
import { isSettled, sayAlready } from "./run.ts";

/** `nimrod close ID`: the eight checks, each with its proof; then the landing. Never a way round them. */
export async function close(context: Context, args: readonly string[], options: Options): Promise<number> {
  const reason = choiceOption(
    options,
    "as",
    closeReasons.filter((each) => each !== "done"),
  );
  if (reason === undefined && textOption(options, "reason") !== undefined) {
    throw new NimrodError("usage", "--reason is for a ticket that is closed without being done", {
      hint: `nimrod close ${args[0]} --as ${closeReasons.find((each) => each !== "done")} --reason "…"`,
    });
  }
  const { ports, project } = await openPipeline(context);
  const ticket = await project.findTicket(args[0] ?? "");
  await project.touch(ticket.id);
  const cut = reason === undefined && (await isHalfClosed(ports, ticket));
  if (!cut && isSettled(context, reason ? "close-as" : "close", ticket)) return 0;
  const { output } = context;
  if (reason) {
    const why = textOption(options, "reason");
    if (!why)
      throw new NimrodError("usage", `say why it is ${reason}: --reason TEXT`, {
        hint: `nimrod close ${ticket.id} --as ${reason} --reason "…"`,
      });
    const closed = await abandonTicket(ports, ticket, reason, why);
    output.document("close", { ticket: ticket.id, result: reason, path: closed.path, checks: [] });
    output.line(`${ticket.id} closed as ${reason}; nothing was landed`);
    output.line(`  ${closed.path} is not committed yet`);
    return 0;
  }
  const end = await closeTicket(ports, ticket);
  switch (end.kind) {
    case "closed": {
      output.document("close", {
        ticket: ticket.id,
        result: "closed",
        commit: end.commit,
        checks: end.checks,
        followUps: end.followUps,
      });
      printChecks(context, ticket.id, end.checks);
      output.line(
        { text: `${ticket.id} closed`, style: "green" },
        `: landed as ${end.commit.slice(0, 12)}; nothing was pushed`,
      );
      for (const id of end.followUps) output.line(`  follow-up ${id}`);
      for (const path of end.leftUncommitted)
        output.line(`  ${path} has the link too, beside changes of yours: not committed`);
      output.line(`  undo: nimrod rollback ${ticket.id}      next: nimrod next`);
      return 0;
    }
    case "unmet":
      output.document("close", {
        ticket: ticket.id,
        result: "unmet",
        commit: null,
        checks: end.checks,
        followUps: [],
      });
      printChecks(context, ticket.id, end.checks);
      return 6;
    case "parked":
      return reportWaits(context, ticket.id, end.waits, "close");
    case "not-renewed":
      return reportRun(context, end.end);
    case "base-conflict":
      throw new NimrodError("conflict", `${ticket.id} does not merge with what the branch has become`, {
        lines: end.paths,
        hint: `nimrod reopen ${ticket.id}   (a fresh run starts from the present branch)`,
      });
    case "collision":
      throw new NimrodError(
        "conflict",
        "uncommitted changes of yours are where the landing would write; nothing was changed",
        {
          lines: end.paths,
          hint: `git stash push -u -- ${end.paths.map(quoteWord).join(" ")} && nimrod close ${ticket.id} && git stash pop`,
        },
      );
    case "busy":
      throw new NimrodError("busy", `${ticket.id} is held by a live run (pid ${end.pid})`);
  }
}

function printChecks({ output }: Context, ticket: string, checks: readonly DoneCheck[]): void {
  const unmet = checks.filter((check) => !check.met).length;
  output.line(
    { text: `Definition of done, ${ticket}`, style: "bold" },
    unmet === 0 ? ": all eight met" : `: ${unmet} of ${checks.length} not met`,
  );
  for (const [index, check] of checks.entries()) {
    output.line({ text: check.met ? " ✓ " : " ✗ ", style: check.met ? "green" : "red" }, check.title);
    for (const line of check.proof) output.line({ text: `     ${line}`, style: "dim" });
    // A command that helps several is said once, below the last of them.
    const isSaidLater = checks.slice(index + 1).some(({ command }) => command === check.command);
    if (check.command && !isSaidLater) output.line(`     → ${check.command}`);
  }
}

/** `nimrod reopen ID`: back to open; nothing is reverted. */
export async function reopen(context: Context, args: readonly string[]): Promise<number> {
  const { ports, project } = await openPipeline(context);
  const ticket = await project.findTicket(args[0] ?? "");
  await project.touch(ticket.id);
  if (isSettled(context, "reopen", ticket)) return 0;
  const end = await reopenTicket(ports, ticket);
  if (end.kind === "busy")
    throw new NimrodError("busy", `${ticket.id} is held by a live run (pid ${end.pid})`);
  context.output.document("reopen", { ticket: ticket.id, path: end.ticket.path });
  context.output.line(`${ticket.id} is open again: ${end.ticket.path}`);
  context.output.line(`  next: nimrod run ${ticket.id}`);
  return 0;
}

/** `nimrod rollback ID`: host effects undone in reverse order, then the landing reverted by a commit. */
export async function rollback(context: Context, args: readonly string[], options: Options): Promise<number> {
  const { ports, project } = await openPipeline(context);
  const ticket = await project.findTicket(args[0] ?? "");
  await project.touch(ticket.id);
  if (isSettled(context, "rollback", ticket)) return 0;
  const end = await rollbackTicket(ports, ticket, textOption(options, "reason") ?? "asked by the operator");
  const { output } = context;
  switch (end.kind) {
    case "rolled-back":
      output.document("rollback", { ticket: ticket.id, commit: end.commit, undone: end.undone });
      for (const step of end.undone) output.line(`  ${step} undone on the host`);
      output.line(
        { text: `${ticket.id} rolled back`, style: "green" },
        end.commit
          ? `: reverted by ${end.commit.slice(0, 12)}; nothing was pushed`
          : ": it had not landed; its branch is kept aside",
      );
      output.line(`  next: nimrod answer ${ticket.id}   (what has to be different next time)`);
      return 0;
    case "nothing":
      if (ticket.status === "open") {
        sayAlready(output, "rollback", ticket.id, "has nothing to roll back");
        return 0;
      }
      output.document("rollback", { ticket: ticket.id, commit: null, undone: [] });
      output.line(`${ticket.id} has nothing to roll back`);
      return 0;
    case "parked":
      return reportWaits(context, ticket.id, end.waits, "rollback");
    case "conflict":
      throw new NimrodError(
        "conflict",
        "later changes are in the way of the revert; nothing was changed in the repository",
        { lines: end.paths, hint: "commit or stash them, or revert by hand" },
      );
    case "busy":
      throw new NimrodError("busy", `${ticket.id} is held by a live run (pid ${end.pid})`);
  }
}
