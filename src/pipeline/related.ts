import type { EarlierWork, InputOf } from "../agents/pass-input.ts";
import { planSchema, researchSchema, reviewSchema } from "../agents/roles.ts";
import { readSegments } from "../evidence/ledger.ts";
import { listEvidenceTickets } from "../evidence/place.ts";
import type { EvidenceRecord } from "../evidence/record.ts";
import { linkKinds, type StoredTicket, type Ticket, type TicketBody } from "../tickets/ticket.ts";
import { matchesAny } from "../workspace/diff-facts.ts";
import { declaredPaths } from "./plan-scope.ts";

/** Tickets that this one links to, or that link to it, as the researcher sees them. */
export function relatedTickets(ticket: Ticket, tickets: readonly Ticket[]): InputOf<"researcher">["related"] {
  return tickets.flatMap((other) => {
    if (other.id === ticket.id) return [];
    const out = linkKinds.find((kind) => ticket.links[kind].includes(other.id));
    const back = linkKinds.find((kind) => other.links[kind].includes(ticket.id));
    const kind = out ?? (back ? `${back} (from there)` : null);
    return kind ? [{ id: other.id, title: other.title, status: other.status, type: other.type, kind }] : [];
  });
}

/** At most so many earlier texts, of so many characters: a researcher needs the mistakes, not the history. */
const mostEarlier = 20;
const mostCharacters = 500;
/** Files that a ticket can be about; a longer list is not a list of files at hand. */
const mostFiles = 50;

/** Files that the Runbook writes, and files of the base tree that the ticket's text names by their path. */
export function filesAtHand(
  ticket: Pick<StoredTicket, "title" | "text">,
  body: Pick<TicketBody, "runbook">,
  tree: ReadonlySet<string>,
): string[] {
  const planned = body.runbook.flatMap((step) => ("path" in step.do ? [step.do.path] : []));
  const words = `${ticket.title} ${ticket.text}`.split(/[\s`'"()[\]<>,;|]+/).map(asPath);
  return [...new Set([...planned, ...words.filter((word) => tree.has(word))])].slice(0, mostFiles);
}

/** Without `./`, the end of a sentence and line numbers. By steps, for a ticket can hold a word of a million dots. */
function asPath(word: string): string {
  let end = word.length;
  while (end > 0 && ".:!?".includes(word.charAt(end - 1))) end -= 1;
  return word.slice(word.startsWith("./") ? 2 : 0, end).replace(/:\d{1,7}(?:-\d{1,7})?$/, "");
}

/** What earlier tickets found out about these files, what reviews said of them, and what had to be taken back. */
export async function earlierWork(
  root: string,
  about: { ticket: string; files: readonly string[]; closed: ReadonlySet<string> },
): Promise<EarlierWork[]> {
  if (about.files.length === 0) return [];
  const earlier: EarlierWork[] = [];
  for (const ticket of await listEvidenceTickets(root)) {
    const { segments } = await readSegments(root, ticket);
    for (const record of segments.flatMap((segment) => segment.records)) {
      // Of this ticket itself only a rollback is news: its reviews reach the implementer as findings.
      if (ticket === about.ticket && record.type !== "note") continue;
      for (const { kind, text } of lessonsOf(record, about.files)) {
        // What was found out on the way to something that never landed may be wrong.
        if ((kind === "finding" || kind === "risk") && !about.closed.has(ticket)) continue;
        earlier.push({ ticket, date: record.ts, kind, text: text.slice(0, mostCharacters) });
      }
    }
  }
  return earlier.sort((a, b) => b.date.localeCompare(a.date)).slice(0, mostEarlier);
}

type Lesson = Pick<EarlierWork, "kind" | "text">;

/** Evidence may have come from another machine: a record of another shape teaches nothing. */
function lessonsOf({ type, data }: EvidenceRecord, files: readonly string[]): Lesson[] {
  if (type === "note" && data["what"] === "rolled back" && Array.isArray(data["paths"])) {
    const shared = data["paths"].filter((path) => files.includes(String(path)));
    if (shared.length === 0) return [];
    return [
      { kind: "rollback", text: `rolled back: ${String(data["reason"] ?? "")} (${shared.join(", ")})` },
    ];
  }
  if (type !== "result") return [];
  switch (data["role"]) {
    case "researcher":
      return lessonsOfResearch(data["result"], files);
    case "reviewer":
      return lessonsOfReview(data["result"], files);
    case "planner":
      return lessonsOfPlan(data["result"], files);
    default:
      return [];
  }
}

function lessonsOfResearch(result: unknown, files: readonly string[]): Lesson[] {
  const read = researchSchema.safeParse(result);
  if (!read.success) return [];
  return read.data.findings.flatMap(({ claim, sources }) => {
    const paths = sources.flatMap((source) => ("path" in source ? [source.path] : []));
    const shared = paths.filter((path) => files.includes(path));
    return shared.length === 0 ? [] : [{ kind: "finding" as const, text: `${claim} (${shared.join(", ")})` }];
  });
}

function lessonsOfReview(result: unknown, files: readonly string[]): Lesson[] {
  const read = reviewSchema.safeParse(result);
  if (!read.success) return [];
  return read.data.findings.flatMap(({ severity, status, path, text }) =>
    path !== undefined && files.includes(path)
      ? [{ kind: "review" as const, text: `${severity}, ${status}: ${path}: ${text}` }]
      : [],
  );
}

function lessonsOfPlan(result: unknown, files: readonly string[]): Lesson[] {
  const read = planSchema.safeParse(result);
  if (!read.success) return [];
  const declared = declaredPaths(read.data);
  if (!files.some((file) => matchesAny(file, declared))) return [];
  return read.data.risks.map(({ text }) => ({ kind: "risk" as const, text }));
}
