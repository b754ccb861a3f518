import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commands, globalOptions, helpRow, type OptionRow } from "../../../src/cli/command-table.ts";
import { exitCodes } from "../../../src/cli/exit-codes.ts";
import { fencedBlocks, pages, proseOf, root, tableUnder, textOf } from "./page.ts";

/** Whatever a page tells somebody to type has to be there, option by option. */

const rows = [...commands, helpRow];
/** Code in which `nimrod` is no program: documents, data. Text is looked at, for it may hold commands. */
const noShell = /^(?:json|jsonl|js|ts|yaml|markdown|ini)\b/;
/** Placeholders of a page: `nimrod COMMAND --help`. */
const standsForAny = /^[A-Z]+$/;

type Typed = { line: string; words: string[] };

/** Every `nimrod …` of a text, up to where the shell, or the sentence, goes on with something else. */
function typedIn(text: string): Typed[] {
  // Two spaces, a dot between two, a remark: a line of output may name several commands.
  const ends = /\s{2,}|[|;&<>#`)\]"']| · |, | \(|$/;
  return [...text.matchAll(/(?<![\w/.-])nimrod(?= |$)/gm)].map(({ index }) => {
    const line = /^.*/.exec(text.slice(index))?.[0] ?? "";
    // What is quoted is one word, and may hold anything.
    const bare = line.replaceAll(/(?<=[ =])(?:"[^"]*"|'[^']*')/g, "Q");
    const [own = ""] = bare.slice(0, ends.exec(bare)?.index).split(/ --(?: |$)/);
    return { line, words: own.split(" ").filter(Boolean).slice(1) };
  });
}

function codeOf(page: string): string[] {
  const text = textOf(page);
  const blocks = fencedBlocks(text).filter(({ info }) => !noShell.test(info));
  const inline = [...proseOf(text).matchAll(/`([^`\n]*)`/g)].map(([, code = ""]) => code);
  return [...blocks.map((block) => block.text), ...inline];
}

function problemWith({ line, words }: Typed): string[] {
  const [name, options] = split(words);
  const row = rows.find(({ usage, alias }) => name && [usage.split(" ")[0], alias].includes(name));
  if (row === undefined) {
    const isFine = name === undefined || standsForAny.test(name) || name === "__complete";
    return isFine ? [] : [`${line}: no command is called ${name}`];
  }
  const known = new Set([...globalOptions, ...(row.options ?? [])].flatMap(namesOf));
  for (const always of ["-h", "--help", "-V", "--version"]) known.add(always);
  return options.filter((option) => !known.has(option)).map((option) => `${line}: ${name} has no ${option}`);
}

function split(words: readonly string[]): [string | undefined, string[]] {
  const name = words.find((word, index) => !word.startsWith("-") && words[index - 1] !== "-C");
  const options = words.filter((word) => /^--?[a-zA-Z]/.test(word)).map((word) => word.split("=")[0] ?? "");
  return [name, options];
}

function namesOf({ flags }: OptionRow): string[] {
  return [...flags.matchAll(/--?[a-zA-Z][a-z-]*/g)].map(([name]) => name);
}

const all = [...pages, ...(existsSync(join(root, "README.md")) ? ["README.md"] : [])];

test.each(all)("every command and option that %s names is there", (page) => {
  expect(codeOf(page).flatMap(typedIn).flatMap(problemWith)).toEqual([]);
});

test("a command or an option that is not there is found, wherever it is typed", () => {
  const found = (text: string) => typedIn(text).flatMap(problemWith).length;
  expect(found("$ nimrod lst\nnext: nimrod resume ID      then: nimrod frob ID")).toBe(2);
  expect(found("cd x && nimrod -C y --json next --dryrun | jq .; nimrod list --frob")).toBe(2);
  expect(
    found("nimrod authorize -- git push --force\nnimrod new 'a --b' --label x\nnimrod help exit-codes"),
  ).toBe(0);
});

test("troubleshooting has a command for every exit code", () => {
  const codes = tableUnder("docs/troubleshooting.md", "| exit | what happened | type |");
  expect(codes.map(([code]) => code)).toEqual(Object.keys(exitCodes));
  for (const [code = "", , hint = ""] of codes.slice(1)) expect(hint, code).toMatch(/`nimrod [a-z]+/);
});
