import type { DoneFacts } from "../closing/definition-of-done.ts";
import { heads, readSegments } from "../evidence/ledger.ts";
import { describeProblem } from "../evidence/problems.ts";
import type { Segment } from "../evidence/segment.ts";
import { buildGraph } from "../tickets/links.ts";
import type { StoredTicket, TicketBody } from "../tickets/ticket.ts";
import type { Workspace } from "../workspace/worktree.ts";
import { bindingsOf } from "./bindings.ts";
import { checkTicketEvidence } from "./check-evidence.ts";
import type { RunFacts } from "./facts.ts";
import { isNimrodsOwn } from "./own-files.ts";
import { passes } from "./passes.ts";
import type { Ports } from "./ports.ts";
import { revisionsOf } from "./revisions.ts";

/** Gathers what the definition of done is decided on: from the ledger where it can be, never from an agent's word. */
export async function gatherDoneFacts(
  ports: Ports,
  options: { ticket: StoredTicket; body: TicketBody; facts: RunFacts; workspace: Workspace | null },
): Promise<DoneFacts> {
  const { ticket, body, facts, workspace } = options;
  const { segments } = await readSegments(ports.root, ticket.id);
  const evidence = await checkTicketEvidence(ports, ticket, []);
  const graph = buildGraph((await ports.store.scan()).tickets);
  const candidate = facts.candidate;
  const changed = workspace && candidate ? await workspace.changedPaths(facts.base, candidate.commit) : [];
  const review = facts.liveReview ?? facts.review;
  const results = sealedResults(segments.filter((segment) => segment.run === facts.run));
  return {
    ticket: ticket.id,
    criteria: body.criteria,
    attested: attestations(segments, candidate?.tree ?? null, bindingsOf(ports, ticket).ticketText),
    revised: revisionsOf(segments),
    checks: [...(facts.checks ?? []), ...(facts.liveChecks ?? [])],
    // Computed from the branch as it is now, not as it was recorded: work slipped in later shows as another tree.
    tree: workspace ? await workspace.treeHash(await workspace.head()) : null,
    changedPaths: changed.map((each) => each.path).filter((path) => !isNimrodsOwn(path)),
    evidence: {
      problems: evidence.problems.map(describeProblem),
      segments: evidence.count,
      head: heads(segments).heads[0] ?? null,
      missingResults: passes
        .filter((row) => !results.some((result) => result.role === row.role))
        .map((row) => row.name),
    },
    plan: facts.plan?.result ?? null,
    review:
      review && candidate
        ? { verdict: review.verdict, findings: review.findings, tree: candidate.tree, round: facts.round }
        : null,
    passes: results,
    closing: facts.closing,
    oneWayLinks: graph
      .oneWay(ports.store.textOf)
      .filter((link) => link.to === ticket.id || link.from === ticket.id)
      .map((link) => `${link.from} ${link.kind} ${link.to}`),
    unknownLinks: graph.unknown
      .filter((link) => link.id === ticket.id)
      .map((link) => `${link.kind} ${link.to}`),
    hostSteps: (facts.plan?.result.steps ?? [])
      .filter((step) => step.target !== "worktree")
      .map((step) => ({
        id: step.id,
        title: step.title,
        applied: facts.host.some((outcome) => outcome.step === step.id && outcome.status === "done"),
        late: step.after === "land",
        skipped: facts.host.some((outcome) => outcome.step === step.id && outcome.status === "skipped"),
        undo: step.undo ?? null,
        rehearsed: rehearsalOf(segments, step.id),
      })),
  };
}

function sealedResults(segments: readonly Segment[]): DoneFacts["passes"] {
  return segments
    .filter((segment) => segment.seal !== null)
    .flatMap((segment) => segment.records.filter((record) => record.type === "result"))
    .map((record) => ({
      role: String(record.data["role"]),
      pass: String(record.data["pass"]),
      run: record.run,
    }));
}

/** A person's word is about what they looked at, and what they read: it counts for that tree and that text only. */
function attestations(
  segments: readonly Segment[],
  tree: string | null,
  ticketText: string,
): DoneFacts["attested"] {
  return segments
    .filter((segment) => segment.records[0]?.data["text"] === ticketText)
    .flatMap((segment) => segment.records)
    .filter(
      (record) =>
        record.type === "note" && record.data["what"] === "attested" && record.data["tree"] === tree,
    )
    .map((record) => ({ ac: String(record.data["ac"]), by: String(record.data["by"]) }));
}

function rehearsalOf(segments: readonly Segment[], step: string): boolean | null {
  const last = segments
    .flatMap((segment) => segment.records)
    .findLast(
      (record) =>
        record.type === "note" && record.data["what"] === "rehearsed" && record.data["step"] === step,
    );
  return last ? last.data["exit"] === 0 : null;
}
