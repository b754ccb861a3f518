import { existsSync, readdirSync } from "node:fs";
import type { Approvals } from "../authorization/approvals.ts";
import { buildGraph } from "../tickets/links.ts";
import type { Scan, Store } from "../tickets/store.ts";
import type { Ticket } from "../tickets/ticket.ts";
import { claimFile, journalFolder } from "./run-places.ts";
import type { Considered, RunState } from "./select-ticket.ts";

export type RunStateSources = {
  stateFolder: string;
  approvals: Pick<Approvals, "list">;
  untrusted: string | null;
  textOf: Store["textOf"];
};

/** Gathers what selection decides on. Reads files only: `next --dry-run` starts no process and loads nothing heavy. */
export async function considerTickets(options: RunStateSources & { scan: Scan }): Promise<Considered[]> {
  const graph = buildGraph(options.scan.tickets);
  const everRun = traces(options.stateFolder);
  const considered: Considered[] = [];
  for (const ticket of options.scan.tickets) {
    if (ticket.archived || ticket.status === "closed") continue;
    let unblocks: number | undefined;
    considered.push({
      ticket,
      blockedBy: graph.blockedBy(ticket),
      // Only what could be started is compared by it, and counting walks a long way.
      get unblocks() {
        unblocks ??= graph.unblocksCount(ticket.id);
        return unblocks;
      },
      run: everRun.has(ticket.id) ? await runStateOf(ticket, options) : { kind: "none" },
    });
  }
  return considered;
}

/** Most tickets never ran: for them no journal is looked for, and what reads journals is not even loaded. */
export async function runStateOf(
  ticket: Pick<Ticket, "id" | "title" | "path">,
  options: RunStateSources,
): Promise<RunState> {
  const places = [journalFolder(options.stateFolder, ticket.id), claimFile(options.stateFolder, ticket.id)];
  if (!places.some((place) => existsSync(place))) return { kind: "none" };
  const { readRunState } = await import("./run-state.ts");
  return readRunState(ticket, options);
}

/** Ids of all tickets with a journal or a claim. */
function traces(stateFolder: string): ReadonlySet<string> {
  const journals = namesIn(journalFolder(stateFolder, ""));
  const claims = namesIn(claimFile(stateFolder, "").replace(/[^/]*$/, ""));
  return new Set([...journals, ...claims.map((name) => name.replace(/\.lock$/, ""))]);
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
