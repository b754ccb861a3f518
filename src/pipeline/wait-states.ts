import type { ApprovalState, Approvals } from "../authorization/approvals.ts";
import type { Wait } from "./journal.ts";
import type { WaitStates } from "./next-step.ts";

/** How the requests that a parked run waits for stand now; reads files and nothing else. */
export async function waitStates(
  ports: { approvals: Pick<Approvals, "list">; untrusted: string | null },
  waits: readonly Wait[],
): Promise<WaitStates> {
  const states = new Map<string, ApprovalState>();
  states.set("trust", ports.untrusted === null ? "approved" : "pending");
  if (!waits.some((wait) => wait.kind === "approval")) return states;
  for (const { request, state } of await ports.approvals.list()) states.set(request.id, state);
  return states;
}
