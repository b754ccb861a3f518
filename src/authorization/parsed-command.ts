/** A command line after parsing: what the tables judge. Knows nothing of the parser. */

export type Piece =
  | { kind: "text"; text: string }
  /** A parameter whose plain value is inserted. */
  | { kind: "variable"; name: string }
  | { kind: "glob" }
  | { kind: "unknown" };

export type Word = {
  /** As written. */
  text: string;
  pieces: readonly Piece[];
  /** The one value it can have; null when it is only known at run time. */
  value: string | null;
  /** May become several words, so that a value can smuggle in an option. */
  splits: boolean;
};

export type ParsedAssignment = { name: string; value: Word; list: boolean };

export type ParsedRedirect =
  | { kind: "read" | "write"; target: Word }
  /** Text fed to stdin; null when it holds expansions. */
  | { kind: "text"; text: string | null };

export type SimpleCommand = {
  words: readonly Word[];
  assignments: readonly ParsedAssignment[];
  redirects: readonly ParsedRedirect[];
  /** Index of the commands that write to its stdin. */
  from: readonly number[];
  /** Variables that were certainly set when it runs. */
  set: ReadonlySet<string>;
  /** Inside a loop or a function, so that it may run more than once. */
  repeated: boolean;
  /** Index of the command whose words or assignments it is substituted into. */
  inside: number | null;
};

/** Something bash evaluates although it does not look like a command. */
export type Hazard = { rule: string; reason: string };

export type ParsedCommand =
  | {
      kind: "parsed";
      commands: readonly SimpleCommand[];
      hazards: readonly Hazard[];
      /** Names expanded anywhere. */
      variables: ReadonlySet<string>;
      /** What the script itself assigns to each variable, in assignments and `for` lists. */
      bindings: ReadonlyMap<string, readonly Word[]>;
      functions: ReadonlySet<string>;
      /** Names in arithmetic, which may count them; "" for one that is only known at run time. */
      counted: ReadonlySet<string>;
    }
  | { kind: "unparsed"; why: string };

/** A word made by Nimrod itself, for argv actions and for text that is taken apart again. */
export function literalWord(text: string): Word {
  return { text, pieces: [{ kind: "text", text }], value: text, splits: false };
}

/** Words that some other program will supply: any number, any value. */
export const suppliedWord: Word = { text: "{}", pieces: [{ kind: "unknown" }], value: null, splits: true };

/** Where `bindings` keeps what `${name:-word}` may put in the place of a variable without assigning it. */
export function defaultOf(name: string): string {
  return `?${name}`;
}

/** Stands for one name's worth of characters a wildcard may match. */
export const anyName = "\u0002";
/** Stands for any text at all. */
export const anyText = "\u0001";

/** The argv of a command line that is one simple, fully static command and nothing else; null otherwise. */
export function staticArgv(parsed: ParsedCommand): string[] | null {
  if (parsed.kind === "unparsed" || parsed.commands.length !== 1) return null;
  const only = parsed.commands[0];
  if (
    only === undefined ||
    only.assignments.length > 0 ||
    only.redirects.length > 0 ||
    only.words.length === 0
  )
    return null;
  const argv = only.words.map((word) => word.value);
  return argv.every((value) => value !== null) ? argv : null;
}

/** Quotes end nothing: `'-'"-hard"` is one text, and an option. */
export function joinTexts(parts: readonly Piece[]): Piece[] {
  const pieces: Piece[] = [];
  for (const part of parts) {
    const last = pieces.at(-1);
    if (part.kind === "text" && last?.kind === "text")
      pieces.splice(-1, 1, { kind: "text", text: last.text + part.text });
    else pieces.push(part);
  }
  return pieces;
}
