import { readSegments } from "../evidence/ledger.ts";
import type { CriterionRow, EvidenceSummary } from "../evidence/ticket-block.ts";
import { summarizeEvidence } from "../pipeline/evidence-summary.ts";
import { parseBody } from "../tickets/body.ts";
import type { Criterion, StoredTicket } from "../tickets/ticket.ts";
import type { Output } from "./output.ts";

/** A criterion with its words, and the command that supplies what it still lacks. */
type ShownCriterion = CriterionRow & Pick<Criterion, "text" | "attest" | "waived"> & { next: string | null };
type ShownEvidence = Omit<EvidenceSummary, "criteria"> & { criteria: ShownCriterion[] };

/** What Nimrod itself ran, criterion by criterion, from the sealed records. */
export async function evidenceOf(root: string, ticket: StoredTicket): Promise<ShownEvidence> {
  const { segments } = await readSegments(root, ticket.id);
  const body = await parseBody(ticket.text);
  const criteria = body.kind === "body" ? body.body.criteria : [];
  const summary = summarizeEvidence({ ticket: ticket.id, criteria, segments, waiting: [] });
  // A person's word is about a tree, so there has to be one.
  const hasCandidate = summary.passes.some(({ pass }) => pass === "implement");
  return {
    ...summary,
    criteria: criteria.flatMap(({ id, text, attest, waived }) => {
      const row = summary.criteria.find(({ ac }) => ac === id);
      if (row === undefined) return [];
      return [{ ...row, text, attest, waived, next: commandFor(row, { ticket: ticket.id, hasCandidate }) }];
    }),
  };
}

function commandFor(
  { ac, state, command }: CriterionRow,
  { ticket, hasCandidate }: { ticket: string; hasCandidate: boolean },
): string | null {
  if (state === "met") return null;
  return command === null && hasCandidate
    ? `nimrod attest ${ticket} ${ac} --evidence "what you saw, and where"`
    : `nimrod run ${ticket}`;
}

/** How a criterion was shown, or how it is going to be. */
function proofOf({ command, attest, attestedBy, waived }: ShownCriterion): string {
  if (waived !== null) return `waived: ${waived}`;
  if (attestedBy !== null) return `attested by ${attestedBy}`;
  if (command !== null) return command;
  if (attest !== null) return `no command shows it: ${attest} attests it`;
  return "neither `verify:` nor `attest:` says how it is shown; the plan has to";
}

export function printEvidence(
  output: Output,
  ticket: string,
  { criteria, passes, revisions, count, heads }: ShownEvidence,
): void {
  output.line("");
  for (const row of criteria) {
    const style = row.state === "met" ? "green" : row.state === "unmet" ? "red" : "yellow";
    output.line({ text: `${row.ac}  ${row.state}`, style }, `  ${row.text}`);
    output.line(`     ${proofOf(row)}`);
    if (row.at !== null && row.tree === null) output.line({ text: `     ${row.at}`, style: "dim" });
    else if (row.at !== null)
      output.line({
        text: `     on ${row.target}, exit ${row.exit ?? "none"}, tree ${row.tree?.slice(0, 12) ?? "none"}, output ${row.outputDigest?.slice(0, 12) ?? "none"}, ${row.at}`,
        style: "dim",
      });
    if (row.next !== null) output.line(`     → ${row.next}`);
  }
  for (const { ac, by, reason, at } of revisions) {
    output.line({ text: `${ac}  revised`, style: "yellow" }, `  by ${by} because ${reason}, ${at}`);
  }
  output.line("");
  output.table(
    [
      { title: "PASS" },
      { title: "AGENT" },
      { title: "VERDICT", shrinks: true },
      { title: "DONE", align: "right" },
      { title: "ASSUMED", align: "right" },
      { title: "ASKED", align: "right" },
      { title: "DENIED", align: "right" },
      { title: "COST", align: "right" },
    ],
    passes.map((row) => [
      row.pass,
      row.agent,
      row.verdict,
      `${row.done}`,
      `${row.assumed}`,
      `${row.asked}`,
      `${row.denied}`,
      row.cost ?? "",
    ]),
  );
  output.line(
    count === 0
      ? "No evidence yet."
      : `${count} sealed segments, head ${heads[0]?.slice(0, 12) ?? "none"}      check: nimrod verify ${ticket}`,
  );
}
