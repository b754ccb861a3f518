import type { EffectKind, EffectScope, Tier } from "../action.ts";
import type { Place } from "../context.ts";
import type { Word } from "../parsed-command.ts";
import { judgeDelete, judgeRead, judgeWrite, runsInWorktree } from "../paths.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import type { OptionStyle, Scan } from "./options.ts";

/** One command with its arguments, as a row of a table sees it. */
export type Call = {
  /** Rule prefix: `git.push`, `rm`. */
  rule: string;
  args: readonly Word[];
  scan: Scan;
  place: Place;
  stdin: Stdin;
  /** Judges another command line, given as words. */
  nested: (words: readonly Word[], place?: Place) => Finding[];
  /** Judges shell text. */
  script: (text: string) => Finding[];
  /** Judges a script file that an interpreter is given, with the words it gets. */
  file: (word: Word, args?: readonly Word[]) => Finding[];
};

/** What feeds a command: `words` are all words of the commands that write into its pipe, `upstream` every command before. */
export type Stdin =
  | { kind: "inherited" | "file" }
  | { kind: "pipe"; words: readonly Word[]; upstream: readonly (readonly Word[])[] }
  | { kind: "text"; text: string | null };

/**
 * What one tool, or one subcommand, does. An option that `options` does not declare is explicit before `judge` is asked;
 * "any" promises that no option of the tool writes, runs or sends anything.
 */
export type Row = {
  options: string | "any";
  style?: OptionStyle;
  judge: (call: Call) => Finding[];
  /** Its words are text, never paths: nothing is looked up for them. */
  plain?: boolean;
  /** Its operands are another command: `--help` among them is not its own. */
  wraps?: boolean;
};

/** A tool with subcommands. Options before the subcommand also count after it, unless `ownOptions` says that they do not. */
export type Group = {
  global: string;
  ownOptions?: boolean;
  style?: "first" | "first-word";
  subs: Table;
  /** Without a subcommand. */
  bare?: Row;
  /** Judges the options before the subcommand; `instead` takes the place of every subcommand's own row. */
  before?: (scan: Scan, place: Place) => { place: Place; findings: Finding[]; instead?: Row };
};
export type Tool = Row | Group;
export type Table = Readonly<Record<string, Tool>>;

/** The same tool under several names, separated by spaces. */
export function named(names: string, tool: Tool): Table {
  const table: Record<string, Tool> = {};
  for (const name of names.split(/\s+/)) if (name !== "") table[name] = tool;
  return table;
}

/** Reads its operands. */
export function reads(options: string | "any" = "any", style: OptionStyle = "gnu"): Row {
  return {
    options,
    style,
    judge: (call) => [harmless(call.rule, "only reads"), ...readAll(call, call.scan.operands)],
  };
}

/** Prints what it was given, or what the machine's clock and user are. */
export function prints(options: string | "any" = "any"): Row {
  return { options, plain: true, judge: (call) => [harmless(call.rule, "prints, changes nothing")] };
}

/** Reads the live state of the host or of a daemon on it. */
export function live(options: string | "any" = "any", style: OptionStyle = "gnu"): Row {
  return { options, style, plain: true, judge: (call) => [liveRead(call.rule)] };
}

export function liveRead(rule: string, target = "host"): Finding {
  return { ...finding("none", rule, "reads live state", [effect("read", target, "host")]), live: true };
}

/** The same answer whatever the arguments. */
export function always(tier: Tier, kind: EffectKind, scope: EffectScope, reason: string): Row {
  return {
    options: "any",
    plain: true,
    judge: (call) => [
      finding(tier, call.rule, reason, [effect(kind, textOf(call.args[0]) || call.rule, scope)]),
    ],
  };
}

/** Runs the project's own code: brief in the worktree, where the sandbox holds it. */
export function project(options: string | "any" = "any", style: OptionStyle = "gnu"): Row {
  return { options, style, judge: (call) => [projectCode(call)] };
}

export function projectCode(call: { rule: string; place: Place }): Finding {
  if (!runsInWorktree(call.place)) {
    return finding("explicit", "run.outside", "runs code of a folder outside the worktree", [
      effect("execute-opaque", call.rule, "host"),
    ]);
  }
  return finding("brief", call.rule, "runs the project's own code", [
    effect("execute-project", call.rule, "worktree"),
  ]);
}

/**
 * Which repository git works on is pinned in the environment of what Nimrod runs. A command that forgets it obeys the
 * configuration of whatever folder it finds, which may name programs: the project's own code.
 */
export function forgetsRepository(call: { rule: string; place: Place }): Finding {
  return { ...projectCode(call), reason: "forgets which repository git is to work on" };
}

/** What is started without the environment. */
export function withoutEnvironment(call: Call, words: readonly Word[], place = call.place): Finding[] {
  const found = call.nested(words, place);
  return found.some(({ rule }) => /^git\b/.test(rule)) ? [...found, forgetsRepository(call)] : found;
}

export function readAll(call: Call, words: readonly Word[]): Finding[] {
  return words.flatMap((word) => judgeRead(call.place, word));
}

/** The same row; it prints files that these options name, if only in a complaint about them. */
export function showing(row: Row, ...options: string[]): Row {
  return { ...row, judge: (call) => [...row.judge(call), ...readAll(call, valuesOf(call.scan, ...options))] };
}

export function writeAll(call: Call, words: readonly Word[]): Finding[] {
  return words.flatMap((word) => judgeWrite(call.place, word));
}

export function deleteAll(call: Call, words: readonly Word[]): Finding[] {
  return words.flatMap((word) => judgeDelete(call.place, word));
}

/** Values given to any of the options. */
export function valuesOf(scan: Scan, ...names: string[]): Word[] {
  return names.flatMap((name) => scan.given.get(name) ?? []);
}

export function has(scan: Scan, ...names: string[]): boolean {
  return names.some((name) => scan.given.has(name));
}

export function textOf(word: Word | undefined): string {
  return word === undefined ? "" : (word.value ?? word.text);
}

/** A refusal with one effect, for the many rows that say no to a flag or a form. */
export function explicit(
  call: { rule: string },
  what: string,
  reason: string,
  kind: EffectKind,
  scope: EffectScope,
  target = "",
): Finding {
  return finding("explicit", what === "" ? call.rule : `${call.rule}-${what}`, reason, [
    effect(kind, target || call.rule, scope),
  ]);
}

/** An additive change that git can undo, in the ticket's own repository. */
export function repoChange(call: Call, reason: string): Finding {
  if (!runsInWorktree(call.place))
    return explicit(call, "outside", "changes another repository", "write", "host");
  return finding("brief", call.rule, reason, [effect("write", call.rule, "repo")]);
}
