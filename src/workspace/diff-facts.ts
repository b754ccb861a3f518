import { readGlob } from "./read-glob.ts";

/** Facts of a unified diff and of paths. Pure: what is done about them is decided elsewhere. */

export type DiffFacts = {
  /** The path after the change; of a removed file the path before. */
  path: string;
  /** Line numbers are those of the new file, from 1. */
  added: { line: number; text: string }[];
  removedCount: number;
  binary: boolean;
};

/** Reads `git diff` output with `a/` and `b/` prefixes and no renames. Lines it does not know are skipped. */
export function parseUnifiedDiff(text: string): DiffFacts[] {
  const files: DiffFacts[] = [];
  let file: DiffFacts | null = null;
  let line = 0;
  // Counted, not guessed from the first character: an added line may itself read "--- a/x" or "@@".
  let oldLeft = 0;
  let newLeft = 0;

  for (const raw of text.split("\n")) {
    if (file !== null && (oldLeft > 0 || newLeft > 0)) {
      const sign = raw.charAt(0);
      if (sign === "+") {
        file.added.push({ line, text: raw.slice(1) });
        line += 1;
        newLeft -= 1;
      } else if (sign === "-") {
        file.removedCount += 1;
        oldLeft -= 1;
      } else if (sign !== "\\") {
        line += 1;
        newLeft -= 1;
        oldLeft -= 1;
      }
      continue;
    }
    const header = /^diff --git (.+)$/.exec(raw);
    if (header !== null) {
      file = { path: pathOfHeader(header[1] ?? ""), added: [], removedCount: 0, binary: false };
      files.push(file);
      continue;
    }
    if (file === null) continue;
    const hunk = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(raw);
    if (hunk !== null) {
      oldLeft = Number(hunk[1] ?? 1);
      line = Number(hunk[2]);
      newLeft = Number(hunk[3] ?? 1);
    } else if (raw.startsWith("Binary files ") || raw === "GIT binary patch") {
      file.binary = true;
    } else if (raw.startsWith("+++ ") || raw.startsWith("--- ")) {
      const named = unquote(raw.slice(4).replace(/\t$/, ""));
      if (named !== "/dev/null") file.path = named.slice(2);
    }
  }
  return files;
}

/** Added lines that a merge left behind. `=======` alone is also a heading's underline, so it does not count. */
export function conflictMarkers(facts: readonly DiffFacts[]): { path: string; line: number }[] {
  return facts.flatMap(({ path, added }) =>
    added
      .filter(({ text }) => /^(<{7} |>{7} |\|{7} |<{7}$|>{7}$)/.test(text))
      .map(({ line }) => ({ path, line })),
  );
}

/** Whether a path fits one of these globs; see readGlob. */
export function matchesAny(path: string, globs: readonly string[]): boolean {
  return globs.some((glob) => matcherOf(glob)(path));
}

/** The same few globs are asked about every path of a tree. */
const matchers = new Map<string, (path: string) => boolean>();

function matcherOf(glob: string): (path: string) => boolean {
  const known = matchers.get(glob);
  if (known !== undefined) return known;
  if (matchers.size >= 1_000) matchers.clear();
  const matcher = readGlob(glob);
  matchers.set(glob, matcher);
  return matcher;
}

// Both names are equal without renames, so the header is `a/X b/X`: the middle tells where it is cut.
function pathOfHeader(names: string): string {
  if (names.startsWith('"')) {
    const end = /^"(?:[^"\\]|\\.)*"/.exec(names)?.[0] ?? names;
    return unquote(end).slice(2);
  }
  return names.slice(2, (names.length - 1) / 2);
}

/** Git's C quoting: control characters, quotes and backslashes (other bytes too, unless core.quotePath is off). */
function unquote(name: string): string {
  if (!name.startsWith('"')) return name;
  const bytes: number[] = [];
  const named: Record<string, number> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };
  for (const part of name.slice(1, -1).match(/\\[0-7]{3}|\\.|[^\\]+/gs) ?? []) {
    if (!part.startsWith("\\")) bytes.push(...Buffer.from(part));
    else if (part.length === 4) bytes.push(Number.parseInt(part.slice(1), 8));
    else bytes.push(named[part.charAt(1)] ?? part.charCodeAt(1));
  }
  return Buffer.from(bytes).toString("utf8");
}
