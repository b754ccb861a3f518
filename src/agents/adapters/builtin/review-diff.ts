import { findSecrets } from "../../../evidence/redact.ts";
import { conflictMarkers, matchesAny, parseUnifiedDiff } from "../../../workspace/diff-facts.ts";
import type { InputOf } from "../../pass-input.ts";
import type { Concern } from "./concern.ts";
import { tidyPath } from "./key-terms.ts";

/** What the diff itself shows, held against what the plan declared. */
export function judgeDiff(input: InputOf<"reviewer">): Concern[] {
  const files = parseUnifiedDiff(input.diff);
  const declared = [...input.declaredPaths, ...input.declaredDocs].map(tidyPath);
  const secrets = files.flatMap(({ path, added }) =>
    findSecrets(added.map(({ text }) => text).join("\n")).map(({ kind, line }): Concern => {
      const at = added[line - 1]?.line;
      const text = `${path} gets what looks like a secret (${kind})`;
      return {
        rule: "secret added",
        severity: "critical",
        path,
        text,
        ...(at === undefined ? {} : { lines: String(at) }),
      };
    }),
  );
  return [
    ...emptyChange(input),
    ...secrets,
    ...conflictMarkers(files).map(({ path, line }) => conflict(path, line)),
    ...input.changedPaths
      .filter((path) => !matchesAny(path, declared))
      .map(
        (path): Concern => ({
          rule: "undeclared path",
          severity: "major",
          path,
          text: `${path} was changed, and no step of the plan says so`,
        }),
      ),
    ...input.declaredDocs
      .filter((doc) => !input.changedPaths.some((path) => matchesAny(path, [tidyPath(doc)])))
      .map(
        (path): Concern => ({
          rule: "document untouched",
          severity: "major",
          path,
          text: `the plan promised to update ${path}, and it was not changed`,
        }),
      ),
    ...files
      .filter(({ binary }) => binary)
      .map(
        ({ path }): Concern => ({
          rule: "binary change",
          severity: "minor",
          path,
          text: `${path} is binary: nobody can read this change`,
        }),
      ),
    ...oddModes(input.diff),
    ...disagreements(
      files.map(({ path }) => path),
      input.changedPaths,
    ),
  ];
}

function emptyChange({ diff, changedPaths, hostSteps }: InputOf<"reviewer">): Concern[] {
  if (diff.trim() !== "" || changedPaths.length > 0 || hostSteps.length > 0) return [];
  return [
    {
      rule: "empty change",
      severity: "critical",
      text: "the candidate is the base: no file was changed, and no host step is planned",
    },
  ];
}

function conflict(path: string, line: number): Concern {
  return {
    rule: "conflict marker",
    severity: "major",
    path,
    lines: String(line),
    text: `${path} holds a merge conflict marker`,
  };
}

type FileHeader = {
  path: string;
  kind: "added" | "deleted" | "changed";
  oldMode: string | null;
  mode: string | null;
};

/** Header lines of `git diff`: content lines begin with a space, a plus or a minus, so they cannot pass for one. */
export function fileHeaders(diff: string): FileHeader[] {
  const headers: FileHeader[] = [];
  for (const line of diff.split("\n")) {
    // Without rename detection both names are equal, which finds the middle also where a name has spaces.
    const path = (/^diff --git a\/(.*) b\/\1$/.exec(line) ??
      /^diff --git "a\/(.*)" "b\/\1"$/.exec(line))?.[1];
    if (path !== undefined) headers.push({ path, kind: "changed", oldMode: null, mode: null });
    const header = headers.at(-1);
    const mode = /^(old mode|new mode|new file mode|deleted file mode) ([0-7]{6})$/.exec(line);
    if (header === undefined || mode === null) continue;
    const bits = mode[2] ?? "";
    if (mode[1] === "deleted file mode") header.kind = "deleted";
    if (mode[1] === "new file mode") header.kind = "added";
    if (mode[1] === "old mode" || mode[1] === "deleted file mode") header.oldMode = bits;
    else header.mode = bits;
  }
  return headers;
}

function oddModes(diff: string): Concern[] {
  return fileHeaders(diff).flatMap(({ path, kind, oldMode, mode }): Concern[] => {
    if (mode === "120000") return [special(path, "a symbolic link")];
    if (mode === "160000") return [special(path, "a submodule")];
    if (kind !== "changed" || mode === null) return [];
    return [
      { rule: "mode change", severity: "minor", path, text: `${path} went from mode ${oldMode} to ${mode}` },
    ];
  });
}

function special(path: string, what: string): Concern {
  return { rule: "special file", severity: "major", path, text: `${path} becomes ${what}` };
}

function disagreements(inDiff: string[], listed: string[]): Concern[] {
  const only = (these: string[], those: string[], text: (path: string) => string): Concern[] =>
    these
      .filter((path) => !those.includes(path))
      .map((path) => ({ rule: "diff disagrees", severity: "major", path, text: text(path) }));
  return [
    ...only(inDiff, listed, (path) => `${path} is in the diff and not among the changed paths`),
    ...only(listed, inDiff, (path) => `${path} is among the changed paths and not in the diff`),
  ];
}
