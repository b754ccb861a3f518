import type { CheckResult } from "../agents/pass-input.ts";
import { heads } from "../evidence/ledger.ts";
import type { EvidenceRecord } from "../evidence/record.ts";
import type { Segment } from "../evidence/segment.ts";
import type { CriterionRow, EvidenceSummary, PassRow } from "../evidence/ticket-block.ts";
import type { Criterion } from "../tickets/ticket.ts";
import { shownCharge } from "./meter.ts";
import { isRevision, revisionsOf } from "./revisions.ts";

/** What the ticket's Evidence block shows, from the segments alone: a pure fold, so that it can be made again. */
export function summarizeEvidence(options: {
  ticket: string;
  criteria: readonly Criterion[];
  segments: readonly Segment[];
  waiting: string[];
}): EvidenceSummary {
  const { ticket, criteria, segments, waiting } = options;
  const sealed = heads(segments);
  return {
    ticket,
    waiting,
    count: sealed.count,
    heads: sealed.heads,
    criteria: criteria.map((criterion) => criterionRow(criterion, segments)),
    revisions: revisionsOf(segments),
    passes: segments.map(passRow),
  };
}

function criterionRow(criterion: Criterion, segments: readonly Segment[]): CriterionRow {
  const on = criterion.target === "worktree" ? "candidate" : "live";
  const records = segments.flatMap((segment) => segment.records);
  // What was checked or attested before was about other words.
  const since = records.findLastIndex((record) => isRevision(record) && record.data["ac"] === criterion.id);
  const last = records
    .slice(since + 1)
    .findLast((record) => isCheckOf(record, criterion.id, on) || isWordFor(record, criterion.id));
  const check = last?.type === "check" ? (last.data as Partial<CheckResult>) : null;
  const word = last?.type === "note" ? String(last.data["by"] ?? "") : null;
  const attestedBy = criterion.waived === null ? word : `nobody: waived, ${criterion.waived}`;
  return {
    ac: criterion.id,
    state: attestedBy !== null || check?.passed === true ? "met" : check ? "unmet" : "unknown",
    command: check?.command ?? criterion.verify,
    attestedBy,
    target: criterion.target,
    exit: check?.exit ?? null,
    tree: check?.tree ?? null,
    ended: check?.ended ?? "",
    outputDigest: check?.outputDigest ?? null,
    at: last?.ts ?? null,
  };
}

function isCheckOf(record: EvidenceRecord, ac: string, on: string): boolean {
  return record.type === "check" && record.data["ac"] === ac && record.data["on"] === on;
}

function isWordFor(record: EvidenceRecord, ac: string): boolean {
  return record.type === "note" && record.data["what"] === "attested" && record.data["ac"] === ac;
}

function passRow(segment: Segment): PassRow {
  const actions = segment.records.filter((record) => record.type === "action");
  const count = (answer: string) => actions.filter((record) => record.data["answer"] === answer).length;
  const assumed = actions.filter((record) => typeof record.data["assumption"] === "string").length;
  return {
    pass: segment.pass,
    agent: agentOf(segment),
    verdict: verdictOf(segment),
    done: count("go") - assumed,
    assumed,
    asked: count("parked"),
    denied: count("denied"),
    ...costOf(segment),
  };
}

function costOf(segment: Segment): { cost?: string } {
  const spent = segment.records.findLast((record) => record.data["what"] === "spent")?.data;
  if (typeof spent?.["usd"] !== "number") return {};
  return { cost: shownCharge({ usd: spent["usd"], known: spent["known"] === true }) };
}

function agentOf(segment: Segment): string {
  const agent = segment.records[0]?.data["agent"];
  return agent !== null && typeof agent === "object" && "name" in agent ? String(agent.name) : "nimrod";
}

/** A reviewer's verdict says more than that its pass finished. */
function verdictOf(segment: Segment): string {
  const result = segment.records.findLast((record) => record.type === "result")?.data["result"];
  if (result !== null && typeof result === "object" && "verdict" in result) return String(result.verdict);
  return segment.seal?.verdict ?? "open";
}
