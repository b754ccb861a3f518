import type { RunbookDo } from "../../../tickets/ticket.ts";
import type { TicketView } from "../../pass-input.ts";

/** Words that every ticket uses; a search for them finds everything and says nothing. */
const common = new Set(
  `about above after again against already also always another answer because been before being below both cannot
  change check command could criteria describe does done each either every exist exists fail fails file files first from
  have into line lines list make makes more most must need needs never none only other over pass passes present print
  prints report reports run runs same second shall should show shows since some such test tests than that their them
  then there these they this ticket tickets those through time under until update upon used uses using value what when
  where whether which while will with without work works would write written`.split(/\s+/),
);

/** Enough to find the places; each term is one search. */
const maxTerms = 12;

/**
 * What to search the repository for, best first: paths of the Runbook, then what the author set in backticks, then
 * the distinctive words of title and criteria. Each is a literal of one line, 4 to 80 characters.
 */
export function keyTerms(ticket: TicketView): string[] {
  const prose = [ticket.title, ...ticket.criteria.map(({ text }) => text)].join("\n");
  const quoted = [...`${prose}\n${ticket.description}`.matchAll(/`([^`\n]+)`/g)].map(
    ([, inside]) => inside ?? "",
  );
  const words = [...prose.replace(/`[^`\n]+`/g, " ").matchAll(/[\p{L}\p{N}][\p{L}\p{N}._/-]*[\p{L}\p{N}]/gu)]
    .map(([word]) => word)
    .filter((word) => !common.has(word.toLowerCase()))
    .sort((a, b) => weight(b) - weight(a));
  const terms = [...runbookPaths(ticket), ...quoted, ...words].filter(
    (term) => term.length >= 4 && term.length <= 80,
  );
  const seen = new Set<string>();
  return terms
    .filter((term) => {
      const key = term.toLowerCase();
      return seen.has(key) ? false : seen.add(key);
    })
    .slice(0, maxTerms);
}

/** Names with dots, slashes, digits or dashes say more than plain words, long words more than short ones. */
function weight(word: string): number {
  return (/[._/0-9-]/.test(word) ? 100 : 0) + Math.min(word.length, 20);
}

/** Files in the worktree that the Runbook writes or edits, in its order, each once. */
export function runbookPaths(ticket: TicketView): string[] {
  const paths = ticket.runbook
    .filter(({ target }) => target === "worktree")
    .map((step) => pathOf(step.do))
    .filter((path) => path !== null);
  return [...new Set(paths)];
}

export function pathOf(what: RunbookDo): string | null {
  return what.kind === "run" ? null : tidyPath(what.path);
}

/** `./a//b` and `a/b` are one file. */
export function tidyPath(path: string): string {
  return path.replace(/\/{2,}/g, "/").replace(/^(?:\.\/)+/, "");
}
