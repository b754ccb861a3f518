import type { Card, InputOf } from "../../pass-input.ts";
import type { Triage } from "../../roles.ts";

/** Order by rules alone; the same as the frontier's, so that a deterministic triager never surprises. */
export function triage(input: InputOf<"triager">): Triage {
  const sorted = [...input.cards].sort(compareCards);
  const [first] = sorted;
  if (first === undefined) throw new Error("there is no card to choose from");
  const order = sorted.map((card) => ({ id: card.id, reason: reasonOf(card) }));
  return { pick: first.id, order, summary: summarize(sorted, first), conflicts: conflictsAmong(sorted) };
}

function compareCards(a: Card, b: Card): number {
  return (
    Number(a.processOnly) - Number(b.processOnly) ||
    Number(b.status === "in_progress") - Number(a.status === "in_progress") ||
    a.priority - b.priority ||
    b.unblocks - a.unblocks ||
    compareText(a.created ?? "9999", b.created ?? "9999") ||
    compareText(a.id, b.id)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function reasonOf(card: Card): string {
  const facts = [
    card.processOnly ? "only adds process, so it comes last" : null,
    card.status === "in_progress" ? "in progress" : null,
    `priority ${card.priority}`,
    card.unblocks > 0 ? `unblocks ${card.unblocks}` : null,
    card.created === null ? null : `created ${card.created}`,
  ];
  return facts.filter((fact) => fact !== null).join(", ");
}

function summarize(sorted: Card[], first: Card): string {
  const rest = sorted.length - 1;
  const others = rest === 0 ? "Nothing else is ready." : `${rest} more ${rest === 1 ? "is" : "are"} ready.`;
  return `${first.id} is next: ${reasonOf(first)}. ${others}`;
}

function conflictsAmong(cards: Card[]): Triage["conflicts"] {
  const pairs = cards.flatMap((a, index) => cards.slice(index + 1).map((b) => ({ a, b })));
  return pairs
    .filter(({ a, b }) => a.conflictsWith.includes(b.id) || b.conflictsWith.includes(a.id))
    .slice(0, 200)
    .map(({ a, b }) => ({ a: a.id, b: b.id, what: "declared with conflicts_with; not at the same time" }));
}
