import type { Word } from "../parsed-command.ts";

/**
 * Declared options of a tool, separated by spaces: `x` a short switch, `name` a long one, `x=` and `name=` take a value,
 * `name=?` one that must be attached, `#` stands for `-NUMBER`. What is not declared is unknown, and unknown is explicit.
 */
export type OptionSpec = {
  short: ReadonlyMap<string, Arity>;
  long: ReadonlyMap<string, Arity>;
  number: boolean;
};
type Arity = "switch" | "value" | "optional";

export type Scan = {
  /** By name without dashes; a switch has no words. */
  given: ReadonlyMap<string, readonly Word[]>;
  operands: readonly Word[];
  /** The first option that is not declared. */
  unknown: string | null;
  /** A word that may turn out to be an option. */
  open: Word | null;
};

const cache = new Map<string, OptionSpec>();

export function optionSpec(text: string): OptionSpec {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const short = new Map<string, Arity>();
  const long = new Map<string, Arity>();
  for (const token of text.split(/\s+/).filter((part) => part !== "" && part !== "#")) {
    const arity: Arity = token.endsWith("=?") ? "optional" : token.endsWith("=") ? "value" : "switch";
    const name = token.replace(/=\??$/, "");
    (name.length === 1 ? short : long).set(name, arity);
  }
  const spec = { short, long, number: /(^|\s)#(\s|$)/.test(text) };
  cache.set(text, spec);
  return spec;
}

/**
 * `gnu`: clusters and long names. `word`: `-name value` as in find, go, terraform, openssl. `first`, `first-word`:
 * options end at the first operand.
 */
export type OptionStyle = "gnu" | "word" | "first" | "first-word";

export function scanOptions(args: readonly Word[], spec: OptionSpec, style: OptionStyle): Scan {
  const given = new Map<string, Word[]>();
  const operands: Word[] = [];
  let unknown: string | null = null;
  let open: Word | null = null;
  const give = (name: string, value?: Word): void => {
    given.set(name, [...(given.get(name) ?? []), ...(value === undefined ? [] : [value])]);
  };
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index];
    if (word === undefined) break;
    const head = leadingText(word);
    if (word.value === "--") {
      operands.push(...args.slice(index + 1));
      break;
    }
    if (!head.startsWith("-") || head === "-") {
      // A wildcard stands for names of files, and no file is given a name like an option unasked.
      if (word.splits || (word.value === null && head === "" && word.pieces[0]?.kind !== "glob"))
        open ??= word;
      operands.push(word);
      if (style === "first" || style === "first-word") {
        operands.push(...args.slice(index + 1));
        break;
      }
      continue;
    }
    if (word.splits) open ??= word;
    const taken =
      style === "word" || style === "first-word"
        ? readWord(word, head, spec)
        : head.startsWith("--")
          ? readLong(word, head, spec)
          : readShort(word, head, spec);
    if (taken.kind === "unknown") {
      unknown ??= word.text;
      continue;
    }
    for (const name of taken.names) give(name);
    if (taken.kind === "attached") give(taken.name, taken.value);
    if (taken.kind === "next") {
      index += 1;
      const value = args[index];
      if (value === undefined) unknown ??= word.text;
      else give(taken.name, value);
      if (value?.splits === true) open ??= value;
    }
  }
  return { given, operands, unknown, open };
}

type Taken =
  | { kind: "unknown" }
  | { kind: "switches"; names: string[] }
  | { kind: "attached"; names: string[]; name: string; value: Word }
  | { kind: "next"; names: string[]; name: string };

/** Static text the word certainly begins with. */
export function leadingText(word: Word): string {
  const first = word.pieces[0];
  return first?.kind === "text" ? first.text : "";
}

function readLong(word: Word, head: string, spec: OptionSpec): Taken {
  const equals = head.indexOf("=");
  const name = head.slice(2, equals === -1 ? undefined : equals);
  const arity = spec.long.get(name);
  if (arity === undefined) return { kind: "unknown" };
  if (equals !== -1)
    return arity === "switch"
      ? { kind: "unknown" }
      : { kind: "attached", names: [], name, value: after(word, equals + 1) };
  if (word.value === null) return { kind: "unknown" };
  return arity === "value" ? { kind: "next", names: [], name } : { kind: "switches", names: [name] };
}

function readShort(word: Word, head: string, spec: OptionSpec): Taken {
  if (spec.number && /^-\d+$/.test(word.value ?? "")) return { kind: "switches", names: ["#"] };
  const names: string[] = [];
  for (let index = 1; index < head.length; index += 1) {
    const name = head.charAt(index);
    const arity = spec.short.get(name);
    if (arity === undefined) return { kind: "unknown" };
    if (arity !== "switch") {
      const isLast = index === head.length - 1 && word.value !== null;
      if (!isLast) return { kind: "attached", names, name, value: after(word, index + 1) };
      return arity === "value"
        ? { kind: "next", names, name }
        : { kind: "switches", names: [...names, name] };
    }
    names.push(name);
  }
  return word.value === null ? { kind: "unknown" } : { kind: "switches", names };
}

function readWord(word: Word, head: string, spec: OptionSpec): Taken {
  const dashes = head.startsWith("--") ? 2 : 1;
  const equals = head.indexOf("=");
  const name = head.slice(dashes, equals === -1 ? undefined : equals);
  const arity = spec.long.get(name) ?? spec.short.get(name);
  if (arity === undefined) return { kind: "unknown" };
  if (equals !== -1) return { kind: "attached", names: [], name, value: after(word, equals + 1) };
  if (word.value === null) return { kind: "unknown" };
  return arity === "value" ? { kind: "next", names: [], name } : { kind: "switches", names: [name] };
}

/** The word without its first characters, which are static text. */
export function after(word: Word, count: number): Word {
  const [first, ...rest] = word.pieces;
  const text = first?.kind === "text" ? first.text.slice(count) : "";
  const value = word.value === null ? null : word.value.slice(count);
  return { text: value ?? text, pieces: [{ kind: "text", text }, ...rest], value, splits: word.splits };
}
