import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Reading the project's own documentation, for tests that hold it against the code. */

export const root = join(import.meta.dirname, "../../..");

/** Relative to the project, with forward slashes. */
export const pages = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name}`)
  .sort();

export function textOf(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

/**
 * The rows of the table under this header line, without the rule; cells as they are written.
 * @param at which of several tables with that header, from 0
 */
export function tableUnder(page: string, header: string, at = 0): string[][] {
  const lines = textOf(page).split("\n");
  const start = lines.flatMap((line, index) => (line === header ? [index] : []))[at];
  if (start === undefined) throw new Error(`${page} has no table ${header}`);
  const rows = lines.slice(start + 2);
  const end = rows.findIndex((line) => !line.startsWith("|"));
  return rows.slice(0, end < 0 ? undefined : end).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
}

/** The first column of a table, without its backticks. */
export function wordsOf(page: string, header: string): string[] {
  return tableUnder(page, header).map(([first = ""]) => first.replaceAll("`", ""));
}

export type Block = { info: string; text: string; line: number };

/** Fenced blocks at the outermost level: a fence inside a longer fence is text. */
export function fencedBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const [, mark, info = ""] = /^(`{3,})(.*)$/.exec(lines[at] ?? "") ?? [];
    if (mark === undefined) continue;
    const length = lines.slice(at + 1).indexOf(mark);
    blocks.push({ info: info.trim(), text: lines.slice(at + 1, at + 1 + length).join("\n"), line: at + 1 });
    at += length + 1;
  }
  return blocks;
}

/** The text without its fenced blocks. */
export function proseOf(text: string): string {
  const inside = fencedBlocks(text).flatMap(({ text: code, line }) =>
    code.split("\n").map((_, index) => line + index),
  );
  return text
    .split("\n")
    .filter((_, index) => !inside.includes(index))
    .join("\n");
}
