import type { Action, Decision } from "../action.ts";
import type { ClassifyContext, Place } from "../context.ts";
import { judgeArgv } from "../effects/judge-command.ts";
import { parseCommand } from "../parse-command.ts";
import { literalWord, staticArgv } from "../parsed-command.ts";
import { belowFloor } from "./floor.ts";
import { matchesPath } from "./match.ts";
import type { Standing } from "./schema.ts";

/** Whether a standing approval speaks of this very action. Its signature, its count and its time are another matter. */

/** Null where it does; else why not. */
export function misfit(
  standing: Standing,
  action: Action,
  decision: Decision | null,
  context: ClassifyContext,
): string | null {
  if (action.kind !== "run") return "only commands have a shape";
  if (decision !== null && decision.tier !== "explicit") return `it is ${decision.tier}`;
  if ((action.target ?? "worktree") !== standing.target) return `it is for the ${standing.target}`;
  if (!/^(\.\/?)?$/.test(action.cwd ?? "")) return "it runs in another folder";
  const argv = "argv" in action ? action.argv : plainArgv(action.command);
  if (argv === null) return "it is not one plain command";
  if (!hasShape(standing, argv)) return "it has another shape";
  const place: Place = { context, cwds: [context.worktree], cwdKnown: true, bindings: new Map() };
  const { findings } = judgeArgv(argv.map(literalWord), place);
  const below = belowFloor(
    argv,
    findings,
    { target: standing.target, sandboxed: context.sandbox === "bwrap" },
    decision,
  );
  if (below !== null) return below;
  const changed = findings
    .flatMap(({ effects }) => effects)
    .filter(({ kind, scope }) => (kind === "write" || kind === "delete") && scope !== "none")
    .find(({ target }) => !matchesPath(standing.paths, target, context));
  return changed === undefined ? null : `it changes ${changed.target}, which is not among its paths`;
}

/** One example of it, with the first value of each part. */
export function sampleOf({ run, parts }: Standing): string[] {
  return run.map((word) =>
    word.replaceAll(/\{([^{}]*)\}/g, (_, part: string) => (parts[part]?.[0] ?? "x").replaceAll("*", "x")),
  );
}

const longestWord = 1000;

function hasShape({ run, parts }: Standing, argv: readonly string[]): boolean {
  if (argv.length !== run.length) return false;
  // No name is longer, and what is would only cost time.
  if (argv.some((word) => word.length > longestWord)) return false;
  const values = new Map<string, string>();
  return run.every((word, index) => {
    const names: string[] = [];
    const source = word
      .split(/(\{[^{}]*\})/)
      .map((piece) => {
        if (!piece.startsWith("{")) return escaped(piece);
        const name = piece.slice(1, -1);
        names.push(name);
        return `(${(parts[name] ?? []).map(valueSource).join("|")})`;
      })
      .join("");
    const found = new RegExp(`^${source}$`).exec(argv[index] ?? "");
    if (found === null) return false;
    // The same part is the same value wherever it stands.
    return names.every((name, at) => {
      const value = found[at + 1] ?? "";
      const before = values.get(name);
      values.set(name, before ?? value);
      return before === undefined || before === value;
    });
  });
}

/** `*` is part of one name: never an option, never another folder. */
function valueSource(value: string): string {
  const source = value.split(/\*+/).map(escaped).join("[A-Za-z0-9_.-]*");
  return value.startsWith("*") ? `(?=[A-Za-z0-9_])${source}` : source;
}

/** Text is only taken for the words that it plainly is: anything a shell would look at twice has no shape. */
function plainArgv(text: string): string[] | null {
  const argv = staticArgv(parseCommand(text));
  if (argv === null || argv.some((word) => !/^[A-Za-z0-9_@%+=:,./-]+$/.test(word))) return null;
  return text
    .trim()
    .split(/[ \t]+/)
    .join(" ") === argv.join(" ")
    ? argv
    : null;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
