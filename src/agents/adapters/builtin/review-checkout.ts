import { parseUnifiedDiff } from "../../../workspace/diff-facts.ts";
import type { ActionOutcome } from "../../adapter.ts";
import type { InputOf } from "../../pass-input.ts";
import type { Concern } from "./concern.ts";
import type { Act } from "./hands.ts";
import { fileHeaders } from "./review-diff.ts";

/** Files that are opened; the diff and the checks cover the rest. */
const sample = 10;

type ChangedFile = ReturnType<typeof parseUnifiedDiff>[number];

/**
 * Opens what was changed in the reviewer's own checkout: the diff has to be true of the tree that was verified. And
 * looks whether anything still names a file that was deleted.
 */
export async function judgeCheckout(input: InputOf<"reviewer">, act: Act): Promise<Concern[]> {
  const files = parseUnifiedDiff(input.diff)
    .filter(({ binary, added }) => !binary && added.length > 0)
    .slice(0, sample);
  const deleted = fileHeaders(input.diff)
    .filter(({ kind }) => kind === "deleted")
    .map(({ path }) => path)
    .slice(0, sample);
  if (files.length + deleted.length === 0) return [];
  const outcomes = await act([
    ...files.map(({ path }) => ({ kind: "read" as const, path })),
    ...deleted.map((path) => ({ kind: "run" as const, argv: searchArgv(path) })),
  ]);
  return [
    ...files.flatMap((file, index) => compareFile(file, outcomes[index])),
    ...deleted.flatMap((path, index) => stillNamed(path, outcomes[files.length + index])),
  ];
}

function searchArgv(path: string): string[] {
  const skip = [".git", ".nimrod", "tickets", "node_modules"].map((folder) => `--exclude-dir=${folder}`);
  return ["grep", "-rlIF", ...skip, "-e", path, "--", "."];
}

function stillNamed(path: string, outcome: ActionOutcome | undefined): Concern[] {
  const places = (outcome?.stdout ?? "").split("\n").filter((line) => line.startsWith("./"));
  if (places.length === 0) return [];
  const text = `${path} was deleted, and ${places
    .slice(0, 5)
    .map((place) => place.slice(2))
    .join(", ")} still names it`;
  return [{ rule: "still named", severity: "minor", path, text }];
}

function compareFile({ path, added }: ChangedFile, outcome: ActionOutcome | undefined): Concern[] {
  if (outcome?.status !== "done") {
    const text = `${path} cannot be read in the checkout: ${outcome?.reason ?? outcome?.status ?? "no outcome"}`;
    return [{ rule: "checkout disagrees", severity: "major", path, text }];
  }
  if (outcome.truncated) return [];
  const lines = (outcome.stdout ?? "").split("\n");
  const wrong = added.find(({ line, text }) => isComparable(text) && !sameLine(lines[line - 1], text));
  if (wrong === undefined) return [];
  const text = `${path} does not hold what the diff adds to it`;
  return [{ rule: "checkout disagrees", severity: "major", path, lines: String(wrong.line), text }];
}

/** Outcomes are redacted and show hidden characters; lines that either may have changed are left alone. */
function isComparable(text: string): boolean {
  return /^[\t\x20-\x7e\r]*$/.test(text) && !text.includes("[redacted:");
}

function sameLine(found: string | undefined, expected: string): boolean {
  if (found === undefined) return false;
  return found.includes("[redacted:") || found.replace(/\r$/, "") === expected.replace(/\r$/, "");
}
