import {
  defaultOf,
  joinTexts,
  type ParsedCommand,
  type Piece,
  type SimpleCommand,
  type Word,
} from "./parsed-command.ts";

/** Variables whose every value is written in the script: a loop over known names is its body, once for each. */

const maxVariants = 16;
// They run text that is not in sight, or give names new meanings.
const opening = new Set(["eval", "source", ".", "trap", "enable", "alias", "bind", "complete", "coproc"]);
const filling = new Set([
  "read",
  "mapfile",
  "readarray",
  "getopts",
  "declare",
  "typeset",
  "local",
  "export",
  "readonly",
  "let",
  "wait",
  "unset",
  "shift",
]);

type Parsed = ParsedCommand & { kind: "parsed" };
export type KnownValues = ReadonlyMap<string, readonly Word[]>;

export function knownValues(parsed: Parsed): KnownValues {
  const known = new Map<string, readonly Word[]>();
  if (parsed.bindings.size === 0 || parsed.bindings.has("IFS")) return known;
  const filled = namesFilled(parsed);
  if (filled === null) return known;
  for (const name of parsed.bindings.keys()) {
    // What the environment may hold has other values too; it never holds these names.
    if (!/^[a-z_][a-z0-9_]*$/.test(name) || /_proxy$/.test(name)) continue;
    if (filled.has(name) || parsed.counted.has(name) || parsed.counted.has("")) continue;
    const values = [...(parsed.bindings.get(name) ?? []), ...(parsed.bindings.get(defaultOf(name)) ?? [])];
    if (
      values.every((word) => !word.splits && word.pieces.every((piece) => /^(text|glob)$/.test(piece.kind)))
    )
      known.set(name, values);
  }
  return known;
}

/** Names that something else than an assignment may set; null when it can be any. */
function namesFilled(parsed: Parsed): Set<string> | null {
  const names = new Set<string>();
  for (const { words } of parsed.commands) {
    const at = words.findIndex((word) => !/^(builtin|command|-.*)$/.test(word.value ?? ""));
    const name = words[at]?.value ?? "";
    if (opening.has(name)) return null;
    const prints =
      name === "printf" && words.some((word) => word.value === null || word.value.startsWith("-v"));
    if (!prints && !filling.has(name)) continue;
    for (const word of words) {
      const assigned =
        word.pieces[0]?.kind === "text" ? /^\w+(?==)/.exec(word.pieces[0].text)?.[0] : undefined;
      if (word.value === null && assigned === undefined) return null;
      for (const each of (assigned ?? word.value ?? "").match(/[A-Za-z_]\w*/g) ?? []) names.add(each);
    }
  }
  return names;
}

/** The command with its known variables filled in, once for each combination; itself when that is too many. */
export function variantsOf(command: SimpleCommand, known: KnownValues): SimpleCommand[] {
  const names = [...new Set(wordsOf(command).flatMap(namesIn))].filter((name) => known.has(name));
  if (names.length === 0) return [command];
  let choices: ReadonlyMap<string, Word>[] = [new Map()];
  for (const name of names) {
    const values = known.get(name) ?? [];
    // Whoever reaches the command without the assignment finds nothing.
    const all = command.set.has(name) ? values : [...values, empty];
    choices = choices.flatMap((choice) => all.map((value) => new Map([...choice, [name, value]])));
    if (choices.length > maxVariants) return [command];
  }
  return choices.map((choice) => ({
    ...command,
    words: command.words
      .map((word) => ({ word, filled: filledIn(word, choice) }))
      // Without quotes nothing is no word at all, and the next one takes its place.
      .flatMap(({ word, filled }) => (word.splits && filled.value === "" ? [] : [filled])),
    redirects: command.redirects.map((each) =>
      each.kind === "text" ? each : { ...each, target: filledIn(each.target, choice) },
    ),
  }));
}

const empty: Word = { text: "", pieces: [], value: "", splits: false };

function wordsOf(command: SimpleCommand): Word[] {
  return [
    ...command.words,
    ...command.redirects.flatMap((each) => (each.kind === "text" ? [] : [each.target])),
  ];
}

function namesIn(word: Word): string[] {
  return word.pieces.flatMap((piece) => (piece.kind === "variable" ? [piece.name] : []));
}

function filledIn(word: Word, choice: ReadonlyMap<string, Word>): Word {
  const names = namesIn(word);
  if (names.length === 0 || names.some((name) => !choice.has(name))) return word;
  // Without quotes a value is split and expanded once more.
  const plain = (piece: Piece): boolean => piece.kind === "text" && !/[\s*?[\\]/.test(piece.text);
  const values = names.map((name) => choice.get(name)?.pieces ?? []);
  if (
    word.splits &&
    (!values.flat().every(plain) ||
      word.pieces.some((piece) => piece.kind === "unknown" || piece.kind === "glob"))
  )
    return word;
  const pieces = joinTexts(
    word.pieces.flatMap((piece) =>
      piece.kind === "variable" ? (choice.get(piece.name)?.pieces ?? []) : [piece],
    ),
  );
  const isStatic = pieces.every((piece) => piece.kind === "text");
  const value = isStatic ? pieces.map((piece) => (piece.kind === "text" ? piece.text : "")).join("") : null;
  return { text: value ?? word.text, pieces, value, splits: false };
}

const readers = new Set([
  "read",
  "mapfile",
  "readarray",
  "printf",
  "getopts",
  "declare",
  "typeset",
  "local",
  "export",
  "readonly",
  "let",
  "wait",
]);

/** Variables a builtin fills with text; "" when the name is only known at run time. */
export function namesReadInto(command: SimpleCommand): string[] {
  if (!command.words.some((word) => word.value !== null && readers.has(word.value))) return [];
  return command.words
    .filter((word) => !word.text.includes("="))
    .map((word) => (word.splits ? "" : (word.value ?? word.text)));
}
