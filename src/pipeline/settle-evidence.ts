import { join } from "node:path";
import { NimrodError } from "../errors.ts";
import { anchorText } from "../evidence/anchor.ts";
import { heads, readSegments } from "../evidence/ledger.ts";
import { describeProblem } from "../evidence/problems.ts";
import { sealCutSegments } from "../evidence/seal-cut.ts";
import { setFields } from "../tickets/edit.ts";
import type { StoredTicket } from "../tickets/ticket.ts";
import { checkTicketEvidence } from "./check-evidence.ts";
import type { Ports } from "./ports.ts";
import { repositoryWitness } from "./segments.ts";

/** Seals what a stop cut, then says what is wrong with a ticket's evidence: an empty list is evidence to build on. */
async function settleEvidence(ports: Ports, ticket: StoredTicket, run: string): Promise<string[]> {
  const found = (await readSegments(ports.root, ticket.id)).segments;
  const unsealed = found.filter((segment) => segment.seal === null).map((segment) => segment.path);
  const before = await checkTicketEvidence(ports, ticket, unsealed);
  // Something that was sealed is gone: what looks cut may be it, and a new seal would cover up where it was.
  if (before.problems.some((problem) => problem.kind === "witness"))
    return before.problems.map(describeProblem);
  await sealCutSegments({
    root: ports.root,
    ticket: ticket.id,
    key: ports.sealKey,
    clock: ports.clock,
    runs: [run],
    tornFolder: join(ports.stateFolder, "torn"),
    witness: repositoryWitness(ports),
  });
  const { segments } = await readSegments(ports.root, ticket.id);
  // A kill between seal and publish leaves the anchor behind this run's own segments; that is no tampering.
  const own = segments.filter((segment) => segment.run === run).map((segment) => segment.path);
  const { problems } = await checkTicketEvidence(ports, ticket, own);
  return problems.map(describeProblem);
}

/** Publishing writes a new anchor: what somebody did to the evidence meanwhile must be seen before, not sealed over. */
export async function refuseBrokenEvidence(ports: Ports, ticket: StoredTicket, run: string): Promise<void> {
  const problems = await settleEvidence(ports, ticket, run);
  if (problems.length === 0) return;
  throw new NimrodError("broken", `the evidence of ${ticket.id} does not verify; nothing is added to it`, {
    lines: problems,
    hint: `nimrod verify ${ticket.id}`,
  });
}

/**
 * Runs something that seals segments and may stop half-way. However it ends, the ticket then names the newest of
 * them, unless its evidence was broken before.
 */
export async function withAnchor<T>(
  ports: Ports,
  ticket: StoredTicket,
  run: string | null,
  work: () => Promise<T>,
): Promise<T> {
  const isIntact = run !== null && (await settleEvidence(ports, ticket, run)).length === 0;
  if (isIntact) await refreshAnchor(ports, ticket.id);
  try {
    return await work();
  } finally {
    if (isIntact) await refreshAnchor(ports, ticket.id);
  }
}

async function refreshAnchor(ports: Pick<Ports, "root" | "store">, id: string): Promise<void> {
  const anchor = anchorText(heads((await readSegments(ports.root, id)).segments));
  const ticket = await ports.store.find(id);
  if (anchor === null || ticket.evidence === anchor) return;
  await ports.store.update(ticket.path, (text) => setFields(text, { evidence: anchor }));
}
