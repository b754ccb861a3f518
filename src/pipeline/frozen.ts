import { isAbsolute, join, normalize } from "node:path/posix";
import { parseCommand } from "../authorization/parse-command.ts";

/**
 * What decides whether the work is good must not be changed by the work: tests, runner configuration, package
 * scripts, CI, and the scripts that verify lines start. Such a file that exists on the base is frozen; touching it
 * is explicit, and an unapproved change is put back before verification.
 */

const testFile =
  /(^|\/)(tests?|__tests__|spec)\/|[._-](test|spec)\.[a-z]+$|(^|\/)(test_[^/]+\.py|[^/]+_test\.(go|py)|conftest\.py)$/i;
const runnerFile =
  /(^|\/)(package\.json|(gnu)?makefile|justfile|(vitest|vite\.config|jest|playwright|karma|mocha)[^/]*\.(json|[cm]?[jt]s)|\.mocharc[^/]*|pytest\.ini|tox\.ini|noxfile\.py|pyproject\.toml|setup\.cfg|\.npmrc|\.gitlab-ci\.yml|jenkinsfile)$|^\.(github|ci|circleci|gitlab)\//i;

export function isTestFile(path: string): boolean {
  return testFile.test(path);
}

/** Programs that only look at the files they are given: what they look at is what the work is about. */
const readers =
  /^([efz]?grep|rg|cat|head|tail|wc|diff|cmp|test|\[|jq|sed|awk|ls|stat|sort|uniq|cut|file|sha\d+sum|echo|printf|cd|true|false)$/;
/** What can be run: a script's ending, or no ending at all. */
const runnable = /\.(sh|bash|py|[cm]?[jt]s|rb|pl|php|lua|mk)$|(^|\/)[^./]+$/;

/** A predicate over paths relative to the repository; `onBase` says whether a path existed before the work. */
export function frozenBy(
  verifications: readonly string[],
  onBase: (path: string) => boolean,
): (path: string) => boolean {
  const scripts = new Set(verifications.flatMap(scriptsIn));
  // A runner's configuration decides from the moment it exists; a new test is welcome.
  return (path) => runnerFile.test(path) || (onBase(path) && (isTestFile(path) || scripts.has(path)));
}

/** Commands of `package.json`, for verifications that run them by name; none where it cannot be read. */
export function packageScripts(text: string | null): string[] {
  try {
    const scripts: unknown = JSON.parse(text ?? "{}").scripts;
    return Object.values(scripts ?? {}).filter((script) => typeof script === "string");
  } catch {
    return []; // npm cannot run it either
  }
}

/** Every word that may be a script of the repository, whatever wrapper it stands behind and wherever `cd` went before. */
function scriptsIn(command: string): string[] {
  const parsed = parseCommand(command);
  if (parsed.kind === "unparsed") return [];
  const commands = parsed.commands.map((each) => each.words.map((word) => word.value ?? ""));
  const folders = ["", ...commands.flatMap(([first, to]) => (first === "cd" && to ? [to] : []))];
  return commands
    .filter(([first = ""]) => !readers.test(first))
    .flatMap((words) =>
      words.flatMap((word, index) => (words[index - 1] === "-m" ? moduleFiles(word) : [word])),
    )
    .filter((word) => word !== "" && !word.startsWith("-") && !isAbsolute(word) && runnable.test(word))
    .flatMap((word) => folders.map((folder) => normalize(join(folder, word))));
}

/** `python -m a.b` runs one of these. */
function moduleFiles(name: string): string[] {
  const path = name.replaceAll(".", "/");
  return [`${path}.py`, `${path}/__main__.py`];
}
