import { parseCommand } from "../authorization/parse-command.ts";

/**
 * What decides whether the work is good must not be changed by the work: tests, runner configuration, package
 * scripts, CI, and the scripts that verify lines start. Such a file that exists on the base is frozen; touching it
 * is explicit, and an unapproved change is put back before verification.
 */

const testFile =
  /(^|\/)(tests?|__tests__|spec)\/|[._-](test|spec)\.[a-z]+$|(^|\/)(test_[^/]+\.py|[^/]+_test\.(go|py)|conftest\.py)$/i;
const runnerFile =
  /(^|\/)(package\.json|makefile|justfile|(vitest|vite\.config|jest|playwright|karma|mocha)[^/]*\.(json|[cm]?[jt]s)|\.mocharc[^/]*|pytest\.ini|tox\.ini|noxfile\.py|pyproject\.toml|setup\.cfg|\.npmrc|\.gitlab-ci\.yml|jenkinsfile)$|^\.(github|ci|circleci|gitlab)\//i;

export function isTestFile(path: string): boolean {
  return testFile.test(path);
}

/** Words that run the file given to them. */
const interpreters = /^(ba|da|z|k)?sh$|^(node|deno|bun|python[0-9.]*|perl|ruby|make|tsx|php)$/;

/** A predicate over paths relative to the repository; `onBase` says whether a path existed before the work. */
export function frozenBy(
  verifications: readonly string[],
  onBase: (path: string) => boolean,
): (path: string) => boolean {
  const scripts = new Set(verifications.flatMap(scriptsIn));
  return (path) => onBase(path) && (isTestFile(path) || runnerFile.test(path) || scripts.has(path));
}

function scriptsIn(command: string): string[] {
  const parsed = parseCommand(command);
  if (parsed.kind === "unparsed") return [];
  return parsed.commands.flatMap((each) => {
    const words = each.words.map((word) => word.value ?? "");
    const [first = "", ...rest] = words;
    const script = interpreters.test(first)
      ? rest.find((word) => word !== "" && !word.startsWith("-"))
      : first.includes("/")
        ? first
        : undefined;
    return script === undefined ? [] : [script.replace(/^\.\//, "")];
  });
}
