import { NimrodError } from "../../errors.ts";
import { readSegments } from "../../evidence/ledger.ts";
import { listEvidenceTickets } from "../../evidence/place.ts";
import type { VerifyResult } from "../../evidence/verify.ts";
import { checkTicketEvidence } from "../../pipeline/check-evidence.ts";
import { claimHolder } from "../../pipeline/claims.ts";
import { rerunChecks } from "../../pipeline/rerun-checks.ts";
import { type Revision, revisionsOf } from "../../pipeline/revisions.ts";
import { openOperatorRepository } from "../../workspace/repository.ts";
import type { Context, Project } from "../context.ts";
import { flagOption, type Options } from "../options.ts";

/** `nimrod verify [ID|--all]`: chain, signatures, anchors, witness; offline. `--rerun` runs the checks again. */
export async function verify(context: Context, args: readonly string[], options: Options): Promise<number> {
  const project = await context.project();
  const operator = await openOperatorRepository(project.root).catch(() => null);
  const ids = await chosenIds(project, args[0], flagOption(options, "all"));
  const { output } = context;
  const results: (VerifyResult & { ticket: string; revisions: Revision[] })[] = [];
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
    results.push({
      ticket: id,
      ...(await checkTicketEvidence(ports, { id, evidence, path }, live)),
      revisions,
    });
  }
  const broken = results.filter((result) => !result.ok);
  const rerun =
    flagOption(options, "rerun") && args[0] !== undefined ? await rerunOne(context, args[0]) : null;
  output.document("verify", { results, rerun, ok: broken.length === 0 });
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
        text: `  ${problem.file}${problem.line ? `:${problem.line}` : ""}: ${problem.message} (${problem.kind})`,
        style: "red",
      });
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

async function livePaths(project: Project, id: string): Promise<string[]> {
  const { segments } = await readSegments(project.root, id);
  return segments.filter((segment) => segment.seal === null).map((segment) => segment.path);
}

async function rerunOne(context: Context, query: string) {
  const { openPipeline } = await import("../open-pipeline.ts");
  const { ports, project } = await openPipeline(context);
  return rerunChecks(ports, await project.findTicket(query));
}
