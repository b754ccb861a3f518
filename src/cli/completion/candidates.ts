import { type CommandRow, globalOptions, helpRow } from "../command-table.ts";

/** What completion needs of a row of the command table. */
export type Row = Omit<CommandRow, "load" | "example">;

/** What may follow a word, told by the rows of the command table and nothing else. */

export type Candidate = { value: string; about?: string | undefined };

/** What the shell is told to do: take one of these, or complete a path by itself. */
export type Answer = { kind: "words"; candidates: Candidate[] } | { kind: "files" } | { kind: "folders" };

/** A place where a value is expected: `<status>` of `--status <status>`, and the command it belongs to. */
export type Place = { placeholder: string; command: string; before: readonly string[] };

type OptionSpec = { names: string[]; placeholder: string | null; help: string; repeat: boolean };

/** How the words on the line are to be understood, up to the one that is being typed. */
type Reading = {
  row: Row | null;
  /** Of the command, without options. */
  args: string[];
  /** An option that still wants its value. */
  pending: OptionSpec | null;
  seen: Set<string>;
  /** `--` was given: no options any more. */
  plain: boolean;
  /** The value of `-C`. */
  folder: string | null;
};

export type Line = { reading: Reading; current: string };

export function readLine(words: readonly string[], rows: readonly Row[]): Line {
  const reading: Reading = {
    row: null,
    args: [],
    pending: null,
    seen: new Set(),
    plain: false,
    folder: null,
  };
  for (const word of words.slice(0, -1)) step(reading, word, rows);
  return { reading, current: words.at(-1) ?? "" };
}

function step(reading: Reading, word: string, rows: readonly Row[]): void {
  if (reading.pending !== null) {
    if (reading.pending.names.includes("-C")) reading.folder = word;
    reading.pending = null;
    return;
  }
  if (!reading.plain && word === "--") {
    reading.plain = true;
    return;
  }
  if (!reading.plain && word.startsWith("-") && word !== "-") {
    const [name = "", value] = word.startsWith("--") ? word.split("=", 2) : [word];
    const option = optionsAt(reading.row).find((one) => one.names.includes(name));
    for (const one of option?.names ?? [name]) reading.seen.add(one);
    if (option?.placeholder !== undefined && option.placeholder !== null && value === undefined) {
      reading.pending = option;
    }
    return;
  }
  if (reading.row !== null || reading.args.length > 0) {
    reading.args.push(word);
    return;
  }
  reading.row = [...rows, helpRow].find((row) => nameOf(row) === word || row.alias === word) ?? null;
  // A word that is no command is kept, so that nothing is taken for a command behind it.
  if (reading.row === null) reading.args.push(word);
}

/**
 * @param valuesAt what fits a place, whatever was typed so far; null where only a person knows.
 */
export async function answer(
  { reading, current }: Line,
  rows: readonly Row[],
  valuesAt: (place: Place, typed: string) => Promise<Answer | null>,
): Promise<Answer> {
  const { row, pending, args, plain, seen } = reading;
  const command = row === null ? "" : nameOf(row);
  const at = async (placeholder: string, typed: string): Promise<Answer> =>
    narrowed(await valuesAt({ placeholder, command, before: args }, typed), typed);

  if (pending?.placeholder) return at(pending.placeholder, current);
  if (!plain && current.startsWith("--") && current.includes("=")) {
    const [name = "", ...rest] = current.split("=");
    const option = optionsAt(row).find((one) => one.names.includes(name));
    if (!option?.placeholder) return none;
    const found = await at(option.placeholder, rest.join("="));
    if (found.kind !== "words") return found;
    const candidates = found.candidates.map((one) => ({ ...one, value: `${name}=${one.value}` }));
    return { kind: "words", candidates };
  }
  if (!plain && current.startsWith("-")) {
    const free = optionsAt(row).filter((one) => one.repeat || !one.names.some((name) => seen.has(name)));
    const candidates = free.flatMap(({ names, help }) => names.map((value) => ({ value, about: help })));
    const long = candidates.filter(({ value }) => value.startsWith("--") || current !== "-");
    return narrowed({ kind: "words", candidates: current === "-" ? candidates : long }, current);
  }
  if (row === null) {
    return args.length > 0 ? none : narrowed({ kind: "words", candidates: commandNames(rows) }, current);
  }
  const placeholder = argumentsOf(row)[args.length] ?? variadicOf(row);
  return placeholder === undefined ? none : at(placeholder, current);
}

const none: Answer = { kind: "words", candidates: [] };

function narrowed(found: Answer | null, typed: string): Answer {
  if (found === null) return none;
  if (found.kind !== "words") return found;
  return { kind: "words", candidates: found.candidates.filter(({ value }) => value.startsWith(typed)) };
}

export function commandNames(rows: readonly Row[]): Candidate[] {
  return [...rows, helpRow].flatMap((row) =>
    [nameOf(row), ...(row.alias === undefined ? [] : [row.alias])].map((value) => ({
      value,
      about: row.summary,
    })),
  );
}

function nameOf(row: Row): string {
  return row.usage.split(" ")[0] ?? "";
}

/** `show <id>` → `id`; `policy <check|test>` → `check|test`. */
function argumentsOf(row: Row): string[] {
  return [...row.usage.matchAll(/[<[]([^>\]]+)[>\]]/g)].map(([, name = ""]) => name.replace(/\.\.\.$/, ""));
}

function variadicOf(row: Row): string | undefined {
  return /\.\.\.[>\]]$/.test(row.usage) ? argumentsOf(row).at(-1) : undefined;
}

function optionsAt(row: Row | null): OptionSpec[] {
  const own = (row?.options ?? []).map((one) => readFlags(one.flags, one.help, one.repeat === true));
  const everywhere = globalOptions.map(({ flags, help }) => readFlags(flags, help, false));
  const help = readFlags("-h, --help", "how this command is used", false);
  const version = readFlags("-V, --version", "the version", false);
  return [...own, ...everywhere, help, ...(row === null ? [version] : [])];
}

function readFlags(flags: string, help: string, repeat: boolean): OptionSpec {
  const placeholder = /<([^>]+)>/.exec(flags)?.[1] ?? null;
  const names = flags.replace(/\s*[<[].*$/, "").split(/,\s*/);
  return { names, placeholder, help, repeat };
}
