import { considerTickets } from "../pipeline/consider.ts";
import { type JournalRecord, readLatestRun } from "../pipeline/journal.ts";
import { type Done, decideOverview, type Overview } from "../pipeline/overview.ts";
import type { Scan } from "../tickets/store.ts";
import { approvalsOf } from "./approvals-of.ts";
import type { Context, Project } from "./context.ts";

/** Reads what `status` tells: files only, and of the runs only those that are about today. */
export async function readOverview(context: Context, project: Project, scan: Scan): Promise<Overview> {
  const { stateFolder } = project;
  const now = context.clock.now();
  const store = await approvalsOf(context, project);
  const views = await store.list();
  const considered = await considerTickets({
    scan,
    stateFolder,
    approvals: { list: async () => views },
    untrusted: null,
    textOf: project.store.textOf,
  });
  const records = new Map<string, readonly JournalRecord[]>();
  const read = async (ticket: string) => {
    const found = (await readLatestRun(stateFolder, ticket))?.records ?? [];
    records.set(ticket, found);
    return found;
  };
  const ended: Done[] = scan.tickets.flatMap(({ id, title, status, closed, closeReason }) =>
    status === "closed" && closed !== null && isSameDay(new Date(closed), now)
      ? [{ ticket: id, title, how: closeReason ?? "closed", at: closed }]
      : [],
  );
  for (const { ticket } of ended) await read(ticket);
  for (const { ticket, run } of considered) {
    if (run.kind === "live") await read(ticket.id);
    if (run.kind !== "ended" || run.how !== "rolled_back") continue;
    const end = (await read(ticket.id)).findLast((record) => record.type === "ended");
    if (end !== undefined && isSameDay(new Date(end.ts), now)) {
      ended.push({ ticket: ticket.id, title: ticket.title, how: "rolled back", at: end.ts });
    }
  }
  return decideOverview({ considered, approvals: views, records, ended, now });
}

/** By the person's own calendar, as "today" is meant. */
function isSameDay(a: Date, b: Date): boolean {
  return a.toDateString() === b.toDateString();
}
