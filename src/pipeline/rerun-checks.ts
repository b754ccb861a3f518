import type { CheckResult } from "../agents/pass-input.ts";
import { NimrodError } from "../errors.ts";
import type { StoredTicket } from "../tickets/ticket.ts";
import { listPaths } from "../workspace/list-paths.ts";
import { hasWorkspace, openWorkspace } from "../workspace/worktree.ts";
import { bindingsOf, bodyOf } from "./bindings.ts";
import { foldJournal } from "./facts.ts";
import { frozenBy } from "./frozen.ts";
import { readLatestRun } from "./journal.ts";
import { ticketFolder } from "./places.ts";
import type { Ports } from "./ports.ts";
import { prepareMounts } from "./prepare-mounts.ts";
import { bufferSegment } from "./segments.ts";
import { frozenCommands } from "./steps.ts";
import { verifyCandidate } from "./verify-candidate.ts";

/** Runs the recorded verification again, on the same candidate, and writes nothing down. */
export async function rerunChecks(ports: Ports, ticket: StoredTicket): Promise<CheckResult[]> {
  const latest = await readLatestRun(ports.stateFolder, ticket.id);
  const now = bindingsOf(ports, ticket);
  const facts = latest ? foldJournal(latest.records, now) : null;
  if (!latest || !facts?.candidate) {
    throw new NimrodError("failed", `${ticket.id} has no candidate on this machine to verify again`, {
      hint: `nimrod run ${ticket.id}`,
    });
  }
  const body = await bodyOf(ticket);
  const folder = ticketFolder(ports, ticket.id, latest.run);
  if (!(await hasWorkspace(folder))) {
    throw new NimrodError(
      "failed",
      `${ticket.id} is ${ticket.status}, and its worktree is gone with its run`,
      {
        hint: `nimrod show ${ticket.id} --evidence`,
      },
    );
  }
  const workspace = await openWorkspace({ operator: ports.operator, folder, branch: facts.branch });
  const paths = new Set(await listPaths(workspace.place, facts.base));
  const frozen = frozenBy(await frozenCommands(ports, workspace, body, facts), (path) => paths.has(path));
  const end = await verifyCandidate({
    ports,
    facts,
    now,
    body,
    workspace,
    segment: bufferSegment(),
    mounts: await prepareMounts({ ports, workspace }, facts),
    frozen,
  });
  if (end.kind === "parked")
    throw new NimrodError("needs_person", "a check needs an approval first", { hint: "nimrod approvals" });
  return end.checks.filter((check) => check.on === "candidate");
}
