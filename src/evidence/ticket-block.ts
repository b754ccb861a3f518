import { visible } from "./redact.ts";

/** What the `## Evidence` block of a ticket shows. It is generated from the records and never read back. */
export type EvidenceSummary = {
  ticket: string;
  criteria: CriterionRow[];
  passes: PassRow[];
  /** What persons have made of criteria, in order. */
  revisions: { ac: string; text: string; by: string; reason: string; at: string }[];
  /** Number of sealed segments and their heads (hex). */
  count: number;
  heads: string[];
  /** One line each: what the ticket waits for. */
  waiting: string[];
};

export type CriterionRow = {
  ac: string;
  /** `unknown`: not run yet. */
  state: "met" | "unmet" | "unknown";
  /** The command that Nimrod ran; null where a person attests. */
  command: string | null;
  /** Who attested, where a person did. */
  attestedBy: string | null;
  target: string;
  exit: number | null;
  /** `exited`, or `timeout`, `signal`, `flood`… */
  ended: string;
  /** Hex; shown short. */
  tree: string | null;
  outputDigest: string | null;
  /** RFC 3339 UTC. */
  at: string | null;
};

export type PassRow = {
  pass: string;
  agent: string;
  verdict: string;
  /** Actions performed, performed under a recorded assumption, put to a person, refused. */
  done: number;
  assumed: number;
  asked: number;
  denied: number;
  /** What it is billed with, as text; absent where nothing left the machine. */
  cost?: string;
};

const nothing = "–";
const maxCell = 120;

/**
 * The inside of the block, without its markers and without a final line feed. The same summary gives the same
 * bytes. Texts of tickets and agents cannot end a cell, start Markdown or HTML, or carry hidden characters.
 */
export function renderEvidenceBlock(summary: EvidenceSummary): string {
  const { criteria, passes } = summary;
  const sections = [
    criteria.length === 0 ? [] : criteriaTable(criteria),
    summary.revisions.map(
      ({ ac, text, by, reason, at }) =>
        `- ${plain(ac)} revised by ${plain(by)} at ${plain(at)} because ${plain(reason)}: ${plain(text)}`,
    ),
    passes.length === 0 ? [] : passTable(passes),
    summary.waiting.map((line) => `- Waits for: ${plain(line)}`),
    [footer(summary)],
  ];
  return sections
    .filter((section) => section.length > 0)
    .map((section) => section.join("\n"))
    .join("\n\n");
}

function criteriaTable(rows: readonly CriterionRow[]): string[] {
  return table(
    ["criterion", "result", "verified by", "target", "exit", "tree", "output", "at"],
    rows.map((row) => [
      plain(row.ac),
      row.state === "unknown" ? "not run" : row.state,
      row.command === null ? attestation(row.attestedBy) : code(row.command),
      code(row.target),
      row.exit === null ? plain(row.ended) : String(row.exit),
      digest(row.tree),
      digest(row.outputDigest),
      plain(row.at ?? ""),
    ]),
  );
}

function passTable(rows: readonly PassRow[]): string[] {
  const hasCost = rows.some((row) => row.cost !== undefined);
  return table(
    ["pass", "agent", "verdict", "done", "assumed", "asked", "denied", ...(hasCost ? ["cost"] : [])],
    rows.map((row) => [
      plain(row.pass),
      code(row.agent),
      plain(row.verdict),
      ...[row.done, row.assumed, row.asked, row.denied].map(String),
      ...(hasCost ? [code(row.cost ?? "")] : []),
    ]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

function attestation(by: string | null): string {
  return by === null ? "a person, not attested yet" : `attested by ${plain(by)}`;
}

function footer({ ticket, count, heads }: EvidenceSummary): string {
  const command = code(`nimrod verify ${ticket}`);
  if (count === 0) return `No sealed evidence yet. Check: ${command}`;
  const shown = heads.map(digest).join(", ");
  return `${count} sealed ${count === 1 ? "segment" : "segments"}, head ${shown}. Check: ${command}`;
}

function digest(hash: string | null): string {
  if (hash === null) return nothing;
  const hex = hash.replace(/^sha256:/, "");
  return /^[0-9a-f]{12,}$/.test(hex) ? `\`${hex.slice(0, 12)}\`` : plain(hex);
}

/**
 * A command as code. Ordinary ones are a code span, easy to read in the file itself. Those with characters on
 * which Markdown readers disagree inside a table (`|`, `\`, backticks) or that can start HTML become entities.
 */
function code(text: string): string {
  const shown = oneLine(text);
  if (shown === "") return nothing;
  if (/^[^`|\\<]+$/.test(shown)) return `\`${shown}\``;
  return `<code>${entities(shown, /[^\p{L}\p{N} .,/:;=%+"'()-]|_|:(?=\/\/)|(?<=www)\./giu)}</code>`;
}

/** Text as text: what Markdown, GitHub (mentions, issue numbers, addresses) or HTML would act on is an entity. */
function plain(text: string): string {
  const shown = oneLine(text);
  if (shown === "") return nothing;
  return entities(shown, /[\\`*[\]<>|~&!$@#{}]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|:(?=\/\/)|(?<=www)\./giu);
}

function entities(text: string, pattern: RegExp): string {
  return text.replaceAll(pattern, (character) => `&#${character.codePointAt(0) ?? 0};`);
}

function oneLine(text: string): string {
  const shown = visible(text.trim()).replaceAll("\n", "\\u{a}").replaceAll("\t", " ").trim();
  const characters = [...shown];
  return characters.length <= maxCell ? shown : `${characters.slice(0, maxCell - 1).join("")}…`;
}
