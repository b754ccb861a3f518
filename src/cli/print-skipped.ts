import type { SkipKind, Skipped } from "../pipeline/select-ticket.ts";
import type { Context } from "./context.ts";

/** Every ticket that is not the one, and why; beyond some twenty rows, the first of each kind and how many more. */

const mostRows = 20;

const moreOf: Readonly<Record<SkipKind, { what: string; command: string | null }>> = {
  later: { what: "ready, and later in the order", command: "nimrod ready" },
  running: { what: "held by a live run", command: "nimrod status" },
  waits: { what: "waiting for you", command: "nimrod status" },
  failed: { what: "with a pass that failed", command: "nimrod status" },
  review: { what: "in review", command: "nimrod list --status in_review" },
  blocked: { what: "marked blocked", command: "nimrod list --status blocked" },
  depends: { what: "waiting on other tickets", command: "nimrod blocked" },
  deferred: { what: "deferred", command: null },
  epic: { what: "epics", command: "nimrod list --type epic" },
  draft: { what: "drafts", command: "nimrod list --status draft" },
};

type Group = { kind: SkipKind; shown: Skipped[]; more: number };

/** Rows are shared out evenly; what one kind does not need goes to the others, in the order of the table. */
function groupSkipped(skipped: readonly Skipped[], most = mostRows): Group[] {
  const kinds = Object.keys(moreOf) as SkipKind[]; // the table has exactly these keys
  const groups = kinds
    .map((kind) => ({ kind, all: skipped.filter((one) => one.kind === kind), rows: 0 }))
    .filter(({ all }) => all.length > 0);
  for (let left = Math.min(most, skipped.length); left > 0; ) {
    for (const group of groups) {
      if (left > 0 && group.rows < group.all.length) {
        group.rows += 1;
        left -= 1;
      }
    }
  }
  return groups.map(({ kind, all, rows }) => ({ kind, shown: all.slice(0, rows), more: all.length - rows }));
}

export function printSkipped({ output }: Context, skipped: readonly Skipped[]): void {
  for (const { kind, shown, more } of groupSkipped(skipped)) {
    for (const { id, title, reason, command } of shown) {
      output.prose(`  ${id}  ${title}: ${reason}${command ? `  → ${command}` : ""}`);
    }
    const { what, command } = moreOf[kind];
    if (more === 0) continue;
    const text = `  … and ${more} more ${what}${command === null ? "" : `  → ${command}`}`;
    output.line({ text, style: "dim" });
  }
}
