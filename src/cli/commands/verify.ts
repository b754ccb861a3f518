import { NimrodError } from "../../errors.ts";
import { readSegments } from "../../evidence/ledger.ts";
import { listEvidenceTickets } from "../../evidence/place.ts";
import { describeProblem } from "../../evidence/problems.ts";
import type { VerifyResult } from "../../evidence/verify.ts";
import { checkTicketEvidence } from "../../pipeline/check-evidence.ts";
import { claimHolder } from "../../pipeline/claims.ts";
import { canJoin, joinEvidence } from "../../pipeline/join-evidence.ts";
import { rerunChecks } from "../../pipeline/rerun-checks.ts";
import { type Revision, revisionsOf } from "../../pipeline/revisions.ts";
import { openOperatorRepository } from "../../workspace/repository.ts";
import type { Context, Project } from "../context.ts";
import { flagOption, type Options } from "../options.ts";

/**
 * `nimrod verify [ID|--all]`: chain, signatures, anchors, witness; offline. `--rerun` runs the checks again, `--join`
 * first writes the evidence field anew where a merge left that of one side.
 */
export async function verify(context: Context, args: readonly string[], options: Options): Promise<number> {
  const project = await context.project();
  const operator = await openOperatorRepository(project.root).catch(() => null);
  const joined =
    flagOption(options, "join") &&
    (await joinOne({ ...project, stateHome: context.stateHome, operator }, project, args[0]));
  const ids = await chosenIds(project, args[0], flagOption(options, "all"));
  const { output } = context;
  const results: (VerifyResult & { ticket: string; revisions: Revision[] })[] = [];
  const joinable = new Set<string>();
  for (const { id, evidence, path } of ids) {
    const holder = await claimHolder(project.stateFolder, id);
    const live = holder ? await livePaths(project, id) : [];
    const ports = {
      root: project.root,
      stateHome: context.stateHome,
      stateFolder: project.stateFolder,
      operator,
    };
    const revisions = revisionsOf((await readSegments(project.root, id)).segments);
    const found = await checkTicketEvidence(ports, { id, evidence, path }, live);
    if (canJoin(evidence, found)) joinable.add(id);
    results.push({ ticket: id, ...found, revisions });
  }
  const broken = results.filter((result) => !result.ok);
  const rerun =
    flagOption(options, "rerun") && args[0] !== undefined ? await rerunOne(context, args[0]) : null;
  output.document("verify", { results, rerun, joined, ok: broken.length === 0 });
  if (joined)
    output.line(`The evidence field of ${results[0]?.ticket} now names the segments of both sides.`);
  for (const result of results) {
    const mark = result.ok
      ? ({ text: "✓", style: "green" } as const)
      : ({ text: "✗", style: "red" } as const);
    output.line(
      mark,
      ` ${result.ticket}  ${result.count} sealed segments`,
      result.heads[0] ? `, head ${result.heads[0].slice(0, 12)}` : "",
    );
    for (const { ac, by, reason, at } of result.revisions)
      output.line(`  ${ac} revised by ${by} because ${reason}, ${at}`);
    for (const problem of result.problems)
      output.line({
        text: `  ${describeProblem(problem)} (${problem.kind})`,
        style: "red",
      });
    if (joinable.has(result.ticket))
      output.line({ text: `  → after a merge: nimrod verify ${result.ticket} --join`, style: "dim" });
  }
  if (results.length === 0) output.line("No ticket has evidence yet.");
  for (const check of rerun ?? []) {
    output.line(
      { text: check.passed ? "✓" : "✗", style: check.passed ? "green" : "red" },
      ` ${check.ac}  ${check.command}  exit ${check.exit ?? check.ended}, ${check.ms} ms, tree ${check.tree.slice(0, 10)}`,
    );
  }
  if (broken.length > 0) return 8;
  return rerun?.some((check) => !check.passed) ? 1 : 0;
}

async function chosenIds(
  project: Project,
  query: string | undefined,
  all: boolean,
): Promise<{ id: string; evidence: string | null; path: string }[]> {
  const scan = await project.store.scan();
  if (query !== undefined) return [await project.findTicket(query, scan)];
  if (!all)
    throw new NimrodError("usage", "which ticket? give an id, or --all", { hint: "nimrod verify --all" });
  const folders = await listEvidenceTickets(project.root);
  const known = scan.tickets.filter((ticket) => ticket.evidence !== null || folders.includes(ticket.id));
  // Evidence of a ticket whose file is gone is checked too: a missing ticket hides nothing.
  const orphans = folders.filter((id) => !scan.tickets.some((ticket) => ticket.id === id));
  return [...known, ...orphans.map((id) => ({ id, evidence: null, path: `.nimrod/evidence/${id}` }))];
}

async function joinOne(
  ports: Parameters<typeof joinEvidence>[0],
  project: Project,
  query: string | undefined,
): Promise<boolean> {
  if (query === undefined)
    throw new NimrodError("usage", "--join is for one ticket", { hint: "nimrod verify ID --join" });
  return joinEvidence(ports, await project.findTicket(query));
}

async function livePaths(project: Project, id: string): Promise<string[]> {
  const { segments } = await readSegments(project.root, id);
  return segments.filter((segment) => segment.seal === null).map((segment) => segment.path);
}

async function rerunOne(context: Context, query: string) {
  const { openPipeline } = await import("../open-pipeline.ts");
  const { ports, project } = await openPipeline(context);
  return rerunChecks(ports, await project.findTicket(query));
}
