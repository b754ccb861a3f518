import { considerTickets } from "./consider.ts";
import type { Ports } from "./ports.ts";
import { type RunEnd, type RunOptions, runTicket } from "./run-ticket.ts";
import { type Considered, type Skipped, selectTicket } from "./select-ticket.ts";
import { type TriageEnd, triageTickets } from "./triage.ts";

/** `nimrod next`: choose, claim, run. A ticket that somebody else claims in between is passed over. */

export type NextEnd =
  | { kind: "ran"; end: RunEnd; skipped: Skipped[] }
  | { kind: "nothing"; skipped: Skipped[] }
  | { kind: "held"; held: { ticket: string; pid: number }[] }
  /** Triage itself waits or failed: nothing is claimed. */
  | Exclude<TriageEnd, { kind: "picked" }>;

export async function runNext(ports: Ports, options: Pick<RunOptions, "until">): Promise<NextEnd> {
  const lost = new Set<string>();
  for (;;) {
    const scan = await ports.store.scan();
    const all = await considerTickets({
      scan,
      stateFolder: ports.stateFolder,
      approvals: ports.approvals,
      untrusted: ports.untrusted,
      textOf: ports.store.textOf,
    });
    const { selection, skipped } = selectTicket(
      all.filter(({ ticket }) => !lost.has(ticket.id)),
      ports.clock.now(),
    );
    switch (selection.kind) {
      case "nothing":
        return lost.size > 0
          ? { kind: "held", held: [...lost].map((ticket) => ({ ticket, pid: 0 })) }
          : { kind: "nothing", skipped };
      case "held":
        return {
          kind: "held",
          held: selection.held.map(({ ticket, run }) => ({
            ticket: ticket.id,
            pid: run.kind === "live" ? run.pid : 0,
          })),
        };
      case "resume": {
        const { ticket } = selection.chosen;
        ports.progress({ kind: "selected", ticket: ticket.id, title: ticket.title, why: selection.why });
        const end = await runTicket(ports, await ports.store.read(ticket), {
          until: options.until,
          triaged: null,
        });
        if (end.kind !== "busy") return { kind: "ran", end, skipped };
        lost.add(ticket.id);
        break;
      }
      case "start": {
        const triage = await triageTickets(ports, selection.equals);
        if (triage.kind !== "picked") return triage;
        const { chosen, triaged } = triage;
        ports.progress({ kind: "selected", ticket: chosen.id, title: chosen.title, why: selection.why });
        const end = await runTicket(ports, chosen, { until: options.until, triaged });
        if (end.kind !== "busy") return { kind: "ran", end, skipped };
        lost.add(chosen.id);
        break;
      }
    }
  }
}

/** `nimrod run ID`: triage of one card, then the same. */
export async function runOne(
  ports: Ports,
  considered: Considered,
  options: Pick<RunOptions, "until">,
): Promise<NextEnd> {
  const { id: ticket, title } = considered.ticket;
  ports.progress({ kind: "selected", ticket, title, why: "asked for by id" });
  if (considered.run.kind !== "none" && considered.run.kind !== "ended") {
    return {
      kind: "ran",
      end: await runTicket(ports, await ports.store.read(considered.ticket), {
        until: options.until,
        triaged: null,
      }),
      skipped: [],
    };
  }
  const triage = await triageTickets(ports, [considered]);
  if (triage.kind !== "picked") return triage;
  return {
    kind: "ran",
    end: await runTicket(ports, triage.chosen, { until: options.until, triaged: triage.triaged }),
    skipped: [],
  };
}
