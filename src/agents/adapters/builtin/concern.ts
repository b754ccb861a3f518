import type { Review } from "../../roles.ts";

/** Everything the built-in review can find. The words open a finding's text, by which a later round knows its own. */
const rules = {
  "check failed": "a verification did not pass",
  "not verified": "a verification is missing",
  "stale check": "a verification ran on another tree",
  "proves nothing": "a check was already green before the change",
  "not red on base": "what a check said before the change is not known",
  "broke what held": "a check that had to hold before the change did not",
  "empty change": "nothing was changed",
  "undeclared path": "a changed path is not in the plan",
  "document untouched": "a declared document was not changed",
  "secret added": "an added line looks like a secret",
  "conflict marker": "an added line is a merge conflict marker",
  "binary change": "a change that cannot be read in a diff",
  "mode change": "the mode of a file was changed",
  "special file": "a symbolic link or a submodule was added",
  "diff disagrees": "the diff and the list of changed paths name different files",
  "checkout disagrees": "the checkout does not hold what the diff says",
  "still named": "something names a file that was deleted",
  "host step failed": "a step on a host did not succeed",
  "no undo": "a step on a host cannot be taken back",
} as const;
type Rule = keyof typeof rules;

export type Concern = {
  rule: Rule;
  severity: Review["findings"][number]["severity"];
  /** What exactly; without line numbers or output, so that it reads the same in the next round. */
  text: string;
  path?: string;
  lines?: string;
};

export function showConcern({ rule, text }: Concern): string {
  return `${rule}: ${text}`.slice(0, 20_000);
}

export function isConcernOf(text: string): boolean {
  return Object.keys(rules).some((rule) => text.startsWith(`${rule}: `));
}
