import type { Alternative } from "./alternatives/alternative.ts";
import { dataAlternatives } from "./alternatives/data.ts";
import { fileAlternatives } from "./alternatives/files.ts";
import { gitAlternatives } from "./alternatives/git.ts";
import { hostAlternatives } from "./alternatives/host.ts";
import { packageAlternatives } from "./alternatives/packages.ts";
import { platformAlternatives } from "./alternatives/platforms.ts";

/** The first row that fits wins, so that the special ones stand before the general ones of the same rule. */
export const alternatives: readonly Alternative[] = [
  ...gitAlternatives,
  ...fileAlternatives,
  ...hostAlternatives,
  ...packageAlternatives,
  ...platformAlternatives,
  ...dataAlternatives,
];

/**
 * One line that names a safer command, where one is known.
 *
 * @param rule that decided
 * @param commands every simple command that was found, as text
 */
export function saferThan(rule: string, commands: readonly string[]): string | undefined {
  const found = alternatives.find((row) => isUnder(rule, row.rules) && fits(row, commands));
  return found === undefined ? undefined : `${found.safer} (${found.why})`;
}

/** `git.push` is over `git.push` and `git.push-force`, but not over `git.pushall`. */
function isUnder(rule: string, prefixes: string): boolean {
  return prefixes
    .split(" ")
    .some((prefix) => rule.startsWith(prefix) && /^(?:$|[.-])/.test(rule.slice(prefix.length)));
}

function fits({ when }: Alternative, commands: readonly string[]): boolean {
  return when === undefined || commands.some((text) => when.test(text));
}
