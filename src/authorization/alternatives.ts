import type { Alternative } from "./alternatives/alternative.ts";
import { dataAlternatives } from "./alternatives/data.ts";
import { fileAlternatives } from "./alternatives/files.ts";
import { gitAlternatives } from "./alternatives/git.ts";
import { hostAlternatives } from "./alternatives/host.ts";
import { packageAlternatives } from "./alternatives/packages.ts";
import { platformAlternatives } from "./alternatives/platforms.ts";

/** Of the rows of one rule the first that fits wins: the special ones stand before the general ones. */
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
  // `git.push` is over `git.push` and `git.push-force`, but not over `git.pushall`.
  for (
    let end = rule.length;
    end > 0;
    end = Math.max(rule.lastIndexOf(".", end - 1), rule.lastIndexOf("-", end - 1))
  ) {
    const found = byRule()
      .get(rule.slice(0, end))
      ?.find((row) => fits(row, commands));
    if (found !== undefined) return `${found.safer} (${found.why})`;
  }
  return undefined;
}

let made: ReadonlyMap<string, readonly Alternative[]> | undefined;

/** By each beginning of a rule: the longest one that has a fitting row is asked first. Made when one is first looked for. */
function byRule(): ReadonlyMap<string, readonly Alternative[]> {
  if (made !== undefined) return made;
  const rows = new Map<string, Alternative[]>();
  for (const row of alternatives) {
    for (const prefix of row.rules.split(" ")) rows.set(prefix, [...(rows.get(prefix) ?? []), row]);
  }
  made = rows;
  return rows;
}

function fits({ when }: Alternative, commands: readonly string[]): boolean {
  return when === undefined || commands.some((text) => when.test(text));
}
