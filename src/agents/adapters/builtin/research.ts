import type { ActionOutcome } from "../../adapter.ts";
import type { InputOf, TicketView } from "../../pass-input.ts";
import type { Research } from "../../roles.ts";
import { type Act, answerTo, type Doubt, numberQuestions, oneLine } from "./hands.ts";
import { keyTerms, pathOf, runbookPaths } from "./key-terms.ts";

type Match = { path: string; line: number; term: string };
type Finding = Research["findings"][number];
type TargetFile = { path: string; outcome: ActionOutcome };

/** Files named in findings, besides those that the Runbook touches. */
const maxFiles = 8;
/** Line numbers shown for one file. */
const maxLines = 6;

/**
 * Full-text search over repository, documents and tickets, through the gate like everybody else. It reports what
 * stands where; what that means it cannot know, so it claims no more than the text says.
 */
export async function research(input: InputOf<"researcher">, act: Act): Promise<Research> {
  const { ticket } = input;
  const targets = await readTargets(ticket, act);
  const { matches, gaps } = await searchTerms(keyTerms(ticket), act);
  const elsewhere = matches.filter(
    ({ path }) => path !== ticket.path && !targets.some((file) => file.path === path),
  );
  const inTickets = elsewhere.filter(({ path }) => path.startsWith("tickets/"));
  const inRepository = elsewhere.filter(({ path }) => !path.startsWith("tickets/"));

  const findings = [...targets.map((target) => describeTarget(target)), ...describeFiles(inRepository)];
  const doubts = contradictions(ticket, targets);
  return {
    findings: findings.map((finding, index) => ({ id: `F${index + 1}`, ...finding })),
    constraints: [...earlierConstraints(input), ...answeredConstraints(ticket), ...gaps].slice(0, 200),
    links: await proposeLinks({ ticket, matches: inTickets, act }),
    questions: numberQuestions(
      ticket,
      doubts.filter(({ text }) => answerTo(ticket, text) === undefined),
    ),
  };
}

async function readTargets(ticket: TicketView, act: Act): Promise<TargetFile[]> {
  const paths = runbookPaths(ticket).slice(0, 50);
  if (paths.length === 0) return [];
  const outcomes = await act(paths.map((path) => ({ kind: "read", path })));
  return paths.flatMap((path, index) => {
    const outcome = outcomes[index];
    return outcome === undefined ? [] : [{ path, outcome }];
  });
}

function describeTarget({ path, outcome }: TargetFile): Omit<Finding, "id"> {
  if (outcome.status !== "done") {
    const reason = oneLine(outcome.reason ?? outcome.stderr ?? "it could not be read");
    return {
      claim: `The Runbook names ${path}, which is not there to read: ${reason}`,
      sources: [{ path: sourcePath(path) }],
    };
  }
  const lines = (outcome.stdout ?? "").split("\n").length - ((outcome.stdout ?? "").endsWith("\n") ? 1 : 0);
  const size = outcome.truncated ? "" : ` (${lines} line${lines === 1 ? "" : "s"})`;
  return { claim: `The Runbook names ${path}, which exists${size}.`, sources: [{ path: sourcePath(path) }] };
}

/** One search for all terms together: a process for each would cost more than all of the looking. */
async function searchTerms(terms: string[], act: Act): Promise<{ matches: Match[]; gaps: string[] }> {
  if (terms.length === 0) return { matches: [], gaps: [] };
  const [outcome] = await act([{ kind: "run", argv: searchArgv(terms) }]);
  const named = terms.map((term) => `"${term}"`).join(", ");
  // grep exits 1 when nothing matched, which is an answer; anything else is a hole in what was looked at.
  const searched =
    outcome !== undefined && (outcome.status === "done" || outcome.exit === 1) && (outcome.exit ?? 0) <= 1;
  if (!searched) {
    const reason = oneLine(outcome?.reason ?? outcome?.stderr ?? "no outcome");
    return { matches: [], gaps: [`Not searched for ${named}: ${reason}`] };
  }
  const cut = `The search for ${named} gave more than was kept; some places are missing.`;
  return { matches: readMatches(outcome.stdout ?? "", terms), gaps: outcome.truncated ? [cut] : [] };
}

function searchArgv(terms: string[]): string[] {
  const skip = [".git", ".nimrod", "node_modules", "dist"].map((folder) => `--exclude-dir=${folder}`);
  const patterns = terms.flatMap((term) => ["-e", term]);
  return ["grep", "-rnIF", "-m", "20", ...skip, ...patterns, "--", "."];
}

/** Which of the terms a line holds is told from the line itself. */
function readMatches(output: string, terms: string[]): Match[] {
  return output.split("\n").flatMap((line) => {
    const match = /^(?:\.\/)?([^:]+):([0-9]+):(.*)$/.exec(line);
    const [path, number, text] = [match?.[1], match?.[2], match?.[3]];
    if (path === undefined || number === undefined || text === undefined) return [];
    return terms.filter((term) => text.includes(term)).map((term) => ({ path, line: Number(number), term }));
  });
}

/** Files that name most of the terms first; a file with one common word ranks below all of them. */
function describeFiles(matches: Match[]): Omit<Finding, "id">[] {
  const byPath = Map.groupBy(matches, ({ path }) => path);
  const ranked = [...byPath].map(([path, found]) => {
    const terms = [...new Set(found.map(({ term }) => term))];
    const lines = [...new Set(found.map(({ line }) => line))].sort((a, b) => a - b).slice(0, maxLines);
    return { path, terms, lines };
  });
  ranked.sort((a, b) => b.terms.length - a.terms.length || (a.path < b.path ? -1 : 1));
  return ranked.slice(0, maxFiles).map(({ path, terms, lines }) => ({
    claim: `${isDocument(path) ? "The document " : ""}${path} names ${terms.map((term) => `"${term}"`).join(", ")}.`,
    sources: [{ path: sourcePath(path), lines: lines.join(",") }],
  }));
}

export function isDocument(path: string): boolean {
  return (
    /(^|\/)docs?\//.test(path) ||
    /\.(md|rst|adoc)$/i.test(path) ||
    /(^|\/)(README|CHANGELOG)[^/]*$/i.test(path)
  );
}

function sourcePath(path: string): string {
  return path.slice(0, 500);
}

/** Tickets that name a file of this one's Runbook touch the same thing: linked, unless they are already. */
async function proposeLinks(from: {
  ticket: TicketView;
  matches: Match[];
  act: Act;
}): Promise<Research["links"]> {
  const { ticket, act } = from;
  const paths = new Set(runbookPaths(ticket));
  const shared = Map.groupBy(
    from.matches.filter(({ term }) => paths.has(term)),
    ({ path }) => path,
  );
  const files = [...shared.keys()].slice(0, 20);
  if (files.length === 0) return [];
  const outcomes = await act(
    files.map((file) => ({ kind: "run", argv: ["grep", "-m", "1", "-E", "^id:", "--", file] })),
  );
  const known = new Set([ticket.id, ...Object.values(ticket.links).flat()]);
  return files.flatMap((file, index) => {
    const id = /^id:\s*["']?([A-Za-z0-9][A-Za-z0-9-]{2,60})["']?\s*(?:#.*)?$/m.exec(
      outcomes[index]?.stdout ?? "",
    )?.[1];
    if (id === undefined || known.has(id)) return [];
    known.add(id);
    const names = [...new Set(shared.get(file)?.map(({ term }) => term))];
    return [{ kind: "related" as const, to: id, why: oneLine(`both name ${names.join(", ")}`) }];
  });
}

function earlierConstraints({ earlier }: InputOf<"researcher">): string[] {
  return earlier.map(({ ticket, text }) => `Earlier, in ${ticket}: ${text}`.slice(0, 20_000));
}

function answeredConstraints(ticket: TicketView): string[] {
  return ticket.answers.map(({ id, text, answer }) =>
    `A person answered ${id} (${text}): ${answer}`.slice(0, 20_000),
  );
}

/** Where the ticket cannot be done as written, whichever way it is read. */
function contradictions(ticket: TicketView, targets: TargetFile[]): Doubt[] {
  const written = new Set<string>();
  const doubts: Doubt[] = [];
  for (const [index, step] of ticket.runbook.entries()) {
    const path = pathOf(step.do);
    if (path === null || step.target !== "worktree") continue;
    const where = `Runbook step ${index + 1} (${step.title})`;
    if (step.do.kind === "write" && written.has(path)) {
      doubts.push(
        doubt(
          `${where} writes ${path}, which an earlier step writes too. Is the later one meant to win?`,
          ticket,
        ),
      );
    }
    if (step.do.kind === "edit" && !written.has(path)) {
      const problem = editProblem(step.do, targets.find((file) => file.path === path)?.outcome);
      if (problem !== null)
        doubts.push(doubt(`${where} edits ${path}, but ${problem}. What should it change?`, ticket));
    }
    written.add(path);
  }
  return doubts;
}

function editProblem(edit: { old: string; new: string }, outcome: ActionOutcome | undefined): string | null {
  if (outcome === undefined) return null;
  if (outcome.status === "failed") return "there is no such file";
  // A denied or cut read proves nothing about the text.
  if (outcome.status !== "done" || outcome.truncated || (outcome.stdout ?? "").includes("[redacted:"))
    return null;
  const count = (outcome.stdout ?? "").split(edit.old).length - 1;
  if (count === 1) return null;
  if (count === 0 && edit.new !== "" && (outcome.stdout ?? "").includes(edit.new)) return null;
  return count === 0 ? "its old text is not in the file" : `its old text is in the file ${count} times`;
}

function doubt(text: string, ticket: TicketView): Doubt {
  return { kind: "text", text: oneLine(text), neededFor: ticket.criteria.map(({ id }) => id) };
}
