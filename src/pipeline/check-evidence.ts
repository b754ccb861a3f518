import { readMachinePublicKey } from "../evidence/keys.ts";
import { type VerifyResult, verifyEvidence } from "../evidence/verify.ts";
import { readWitness } from "../evidence/witness.ts";
import type { StoredTicket } from "../tickets/ticket.ts";
import type { OperatorRepository } from "../workspace/repository.ts";
import { readTrailers } from "../workspace/trailers.ts";
import type { Ports } from "./ports.ts";
import { repositoryWitness } from "./segments.ts";

/** A ticket's evidence held against its anchors, this machine's witness and key. Offline; changes nothing. */
export async function checkTicketEvidence(
  ports: Pick<Ports, "root" | "stateHome" | "stateFolder"> & { operator: OperatorRepository | null },
  ticket: Pick<StoredTicket, "id" | "evidence" | "path">,
  live: readonly string[],
): Promise<VerifyResult> {
  const key = await readMachinePublicKey(ports.stateHome);
  const { entries } = await readWitness(repositoryWitness(ports), ticket.id);
  const trailers = ports.operator ? await readTrailers(ports.operator, "Nimrod-Evidence") : [];
  return verifyEvidence({
    root: ports.root,
    ticket: ticket.id,
    anchor: ticket.evidence,
    ticketPath: ticket.path,
    trailers: trailers.map((each) => each.value),
    witness: entries,
    trustedKeys: key ? [key] : [],
    live,
  });
}
