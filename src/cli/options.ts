import { nearestName } from "../config/nearest-name.ts";
import { NimrodError } from "../errors.ts";

/** What a command gets from the command line besides its arguments, by the option's long name in camelCase. */
export type Options = Readonly<Record<string, unknown>>;

export function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

export function flagOption(options: Options, name: string): boolean {
  return options[name] === true;
}

/** A repeatable option; `a,b` counts as two where the option is a list of words. */
export function listOption(options: Options, name: string): string[] {
  const value = options[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

export function countOption(options: Options, name: string): number | undefined {
  const value = textOption(options, name);
  if (value === undefined) return undefined;
  if (!/^\d{1,9}$/.test(value)) {
    throw new NimrodError("usage", `--${name} is "${value}"; expected a whole number`);
  }
  return Number(value);
}

/** One of a closed set; anything else is a usage error that names the nearest. */
export function choiceOption<T extends string>(
  options: Options,
  name: string,
  choices: readonly T[],
): T | undefined {
  const value = textOption(options, name);
  return value === undefined ? undefined : oneOf(`--${name}`, value, choices);
}

export function oneOf<T extends string>(what: string, value: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  const nearest = nearestName(value, choices);
  throw new NimrodError("usage", `${what} is "${value}"; expected ${list(choices)}`, {
    hint: nearest === undefined ? undefined : `did you mean ${nearest}?`,
  });
}

function list(choices: readonly string[]): string {
  return choices.length < 2 ? choices.join("") : `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`;
}
