import { NimrodError } from "../errors.ts";
import { anchorText, parseAnchor } from "../evidence/anchor.ts";
import { describeProblem, type Problem } from "../evidence/problems.ts";
import type { VerifyResult } from "../evidence/verify.ts";
import { setFields } from "../tickets/edit.ts";
import type { StoredTicket } from "../tickets/ticket.ts";
import type { OperatorRepository } from "../workspace/repository.ts";
import { checkTicketEvidence } from "./check-evidence.ts";
import { claimTicket } from "./claims.ts";
import type { Ports } from "./ports.ts";

/**
 * After a merge that git made without Nimrod: the ticket's evidence field names one side's newest segments, and both
 * sides' are there. Writes the field anew, if all else verifies and what it names is still there. False when the field
 * fits already.
 */
export async function joinEvidence(
  ports: Pick<Ports, "root" | "stateHome" | "stateFolder" | "store"> & {
    operator: OperatorRepository | null;
  },
  ticket: StoredTicket,
): Promise<boolean> {
  const claim = await claimTicket(ports, ticket.id, "nimrod verify");
  if (claim.kind === "held")
    throw new NimrodError("busy", `${ticket.id} is held by a live run (pid ${claim.pid})`);
  try {
    const found = await checkTicketEvidence(ports, ticket, []);
    const inTheWay = problemsInTheWay(ticket.evidence, found);
    if (inTheWay.length > 0) {
      throw new NimrodError("broken", `the evidence of ${ticket.id} does not verify; nothing was joined`, {
        lines: inTheWay.map(describeProblem),
        hint: `git log -p -- "${ticket.path}" shows the evidence field of each side; nimrod verify ${ticket.id}`,
      });
    }
    const joined = anchorText(found);
    if (joined === ticket.evidence) return false;
    await ports.store.update(ticket.path, (text) => setFields(text, { evidence: joined }));
    return true;
  } finally {
    await claim.release();
  }
}

/** Whether the evidence field is behind, and a join is all that is missing. */
export function canJoin(field: string | null, found: VerifyResult): boolean {
  return found.problems.some(({ kind }) => kind === "anchor") && problemsInTheWay(field, found).length === 0;
}

/** Whose key sealed a segment is no question of a join: `verify` goes on reporting it. */
function problemsInTheWay(field: string | null, { problems, segments }: VerifyResult): Problem[] {
  const heads = new Set(segments.map(({ head }) => head));
  const anchor = field === null ? null : parseAnchor(field);
  // A field that is gone, or that names what is not there: something was taken away, and a new one would hide it.
  const isBehind = anchor?.heads.every((head) => heads.has(head)) === true;
  return problems.filter(({ kind }) => kind !== "untrusted-key" && !(kind === "anchor" && isBehind));
}
