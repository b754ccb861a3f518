import { join } from "node:path";
import { tiers } from "../../../src/authorization/action.ts";
import type { Group, Table, Tool } from "../../../src/authorization/effects/row.ts";
import { run } from "./context.ts";

/**
 * Every row of the tables with the tier of its plain call, for a person to read: a line for each tier of each group,
 * `docker container | none: ls inspect`. Groups that are one object are one line: `docker image, podman image | …`.
 * Tools without subcommands stand on lines without a group. The plain calls of a row are its words, and its words with
 * operands: `none, x explicit` is none alone and explicit with an operand, `none, x y explicit` only with two.
 */

/** Stands for every subcommand that has no row, where a group has one for those. */
const anything = "zz-anything";

export type ReviewedLine = { head: string; words: readonly string[] };
export const reviewedFolder = join(import.meta.dirname, "reviewed");

/** One file for each family: `dataStores` is in `data-stores.txt`. */
export function fileOf(family: { name: string }): string {
  return `${family.name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.txt`;
}

export function reviewedLines(table: Table): ReviewedLine[] {
  const groups = new Map<Table, Group>();
  const paths = new Map<Table, string[]>();
  const visit = (path: string, tool: Tool): void => {
    if (!("subs" in tool)) return;
    const known = paths.get(tool.subs);
    if (known !== undefined) {
      known.push(path);
      return;
    }
    groups.set(tool.subs, tool);
    paths.set(tool.subs, [path]);
    for (const [name, inner] of Object.entries(tool.subs)) visit(`${path} ${name}`, inner);
  };
  for (const [name, tool] of Object.entries(table)) visit(name, tool);
  return [
    ...linesOf("", "", table),
    ...[...groups].flatMap(([subs, group]) => {
      const [first = "", ...aliases] = paths.get(subs) ?? [];
      const head = `${[first, ...aliases].join(", ")} | `;
      const alone = group.bare === undefined ? [] : [{ head: `${head}alone ${run(first).tier}`, words: [] }];
      return [...alone, ...linesOf(head, first, subs)];
    }),
  ];
}

function linesOf(head: string, path: string, rows: Table): ReviewedLine[] {
  const byTier = new Map<string, string[]>();
  for (const [name, tool] of Object.entries(rows)) {
    if ("subs" in tool) continue;
    const command = [path, quoted(name === "*" ? anything : name)].join(" ").trim();
    const tier = plainTier(command);
    byTier.set(tier, [...(byTier.get(tier) ?? []), name]);
  }
  return [...byTier]
    .sort(([one], [other]) => strictness(one) - strictness(other) || one.localeCompare(other))
    .map(([tier, words]) => ({ head: `${head}${tier}`, words: words.sort() }));
}

function plainTier(command: string): string {
  const alone = run(command).tier;
  const both = run(`${command} x y`).tier;
  if (alone === both) return alone;
  // Judged where it decides only: a third call of every row would be the longest test there is.
  const one = run(`${command} x`).tier;
  if (one === alone) return `${alone}, x y ${both}`;
  return one === both ? `${alone}, x ${one}` : `${alone}, x ${one}, x y ${both}`;
}

function strictness(tier: string): number {
  return tiers.findIndex((each) => tier.startsWith(each));
}

function quoted(name: string): string {
  return /^[\w@%+=:,./-]+$/.test(name) ? name : `'${name}'`;
}

export function renderLine({ head, words }: ReviewedLine): string {
  return words.length === 0 ? head : `${head}: ${words.join(" ")}`;
}

export function parseLine(text: string): ReviewedLine {
  const [head = "", words = ""] = text.split(/: (.*)/, 2);
  return { head, words: words.split(" ").filter((word) => word !== "") };
}
