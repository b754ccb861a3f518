import type { InputOf } from "../agents/pass-input.ts";
import { readSegments } from "../evidence/ledger.ts";
import { listEvidenceTickets } from "../evidence/place.ts";
import { linkKinds, type StoredTicket, type TicketBody } from "../tickets/ticket.ts";
import type { Ports } from "./ports.ts";

/** Tickets that this one links to, or that link to it, as the researcher sees them. */
export function relatedTickets(
  ticket: StoredTicket,
  tickets: readonly StoredTicket[],
): InputOf<"researcher">["related"] {
  return tickets.flatMap((other) => {
    if (other.id === ticket.id) return [];
    const out = linkKinds.find((kind) => ticket.links[kind].includes(other.id));
    const back = linkKinds.find((kind) => other.links[kind].includes(ticket.id));
    const kind = out ?? (back ? `${back} (from there)` : null);
    return kind ? [{ id: other.id, title: other.title, status: other.status, type: other.type, kind }] : [];
  });
}

/** At most this many earlier texts: a researcher needs the mistakes, not the history. */
const mostEarlier = 20;

/** What reviews and rollbacks of other tickets said about the files that this ticket names. */
export async function earlierWork(
  ports: Pick<Ports, "root">,
  ticket: StoredTicket,
  body: TicketBody,
): Promise<InputOf<"researcher">["earlier"]> {
  const paths = body.runbook.flatMap((step) => ("path" in step.do ? [step.do.path] : []));
  if (paths.length === 0) return [];
  const earlier: InputOf<"researcher">["earlier"] = [];
  for (const other of await listEvidenceTickets(ports.root)) {
    const { segments } = await readSegments(ports.root, other);
    for (const record of segments.flatMap((segment) => segment.records)) {
      // Of this ticket itself only a rollback is news: its reviews reach the implementer as findings.
      if (other === ticket.id && record.type !== "note") continue;
      const text = lessonOf(record.type, record.data, paths);
      if (text !== null) earlier.push({ ticket: other, text });
    }
  }
  return earlier.slice(-mostEarlier);
}

function lessonOf(type: string, data: Record<string, unknown>, paths: string[]): string | null {
  if (type === "note" && data["what"] === "rolled back" && Array.isArray(data["paths"])) {
    const shared = data["paths"].filter((path) => paths.includes(String(path)));
    return shared.length > 0 ? `rolled back: ${String(data["reason"] ?? "")} (${shared.join(", ")})` : null;
  }
  const result = type === "result" ? data["result"] : null;
  if (result === null || typeof result !== "object" || !("verdict" in result) || !("findings" in result))
    return null;
  if (!Array.isArray(result.findings)) return null;
  const texts = result.findings
    .filter((finding: { path?: unknown }) => paths.includes(String(finding.path)))
    .map((finding: { text?: unknown; path?: unknown }) => `${String(finding.path)}: ${String(finding.text)}`);
  return texts.length > 0 ? texts.join("; ") : null;
}
