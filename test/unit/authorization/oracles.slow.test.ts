import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { Language, Parser } from "@vscode/tree-sitter-wasm";
import { describe, expect, test } from "vitest";
import { parseCommand } from "../../../src/authorization/parse-command.ts";
import { junkOf, respelled, wrapped } from "../../support/command-mutations.ts";
import { labelledCommands } from "../../support/labelled-commands.ts";
import { pick, seeded } from "../../support/seeded.ts";
import { run } from "./context.ts";

// The decision rests on one parser. Two others are asked here whether it has overlooked anything; none runs a command.

await Parser.init();
const grammar = createRequire(import.meta.url).resolve("@vscode/tree-sitter-wasm/wasm/tree-sitter-bash.wasm");
const parser = new Parser().setLanguage(await Language.load(grammar));

const commands = [...labelledCommands().values()].flat().map(({ command }) => command);
const random = seeded(7);
const spelled = Array.from({ length: 3_000 }, () => {
  const command = pick(random, commands);
  return wrapped(command, random) ?? respelled(command, random) ?? command;
});
const nasty = [
  "a $(b $(c `d`)) | e <(f) >(g) && { h; } || (i) & j",
  "if a; then b; elif c; then d; else e; fi > $(f)",
  "for x in $(a); do b; done; while c; do d; done; until e; do f; done",
  "case $(a) in b) c;; *) d;; esac",
  "a <<E\n$(b)\nE\nc <<'E'\n$(d)\nE\nf <<< $(g)",
  "a() { b; }; function c { d; }; a; c",
  `x=$(a) b; y=($(c) $(d)); echo \${z:-$(e)} "\${w:=$(f)}" $(( $(g) + 1 ))`,
  "[[ -n $(a) && $(b) == c ]]; (( $(d) )); ! e; time f; coproc g",
  "a |& b; c &> d; e >| f; g <> h",
  "select x in a; do b; done",
];

/** Words of the grammar: tree-sitter takes some of them for commands, as `do` in `! { while IFS= read x; do …`. */
const reserved = new Set(
  "time coproc if then elif else fi for while until do done case esac select in function".split(" "),
);

/** Names of commands as tree-sitter sees them, where they are plain words. */
function namesByTreeSitter(text: string): string[] {
  const tree = parser.parse(text);
  if (tree === null || tree.rootNode.hasError) return [];
  const names = tree.rootNode.descendantsOfType("command_name").map((node) => node?.text ?? "");
  tree.delete();
  return names.filter((name) => /^[\w./+-]+$/.test(name) && !reserved.has(name));
}

describe("no command is overlooked", () => {
  test.each([
    ["that people type", commands],
    ["in other spellings", spelled],
    ["in every construct of the shell", nasty],
  ])("%s", (_which, texts) => {
    let compared = 0;
    const overlooked = texts.flatMap((text) => {
      const parsed = parseCommand(text);
      if (parsed.kind === "unparsed") return [];
      const ours = parsed.commands.map((command) => command.words[0]?.value ?? null);
      const theirs = namesByTreeSitter(text);
      compared += theirs.length;
      return theirs
        .filter((name) => !ours.includes(name))
        .map((name) => `${name} of ${JSON.stringify(text)}`);
    });
    expect(overlooked).toEqual([]);
    expect(compared).toBeGreaterThanOrEqual(texts.length / 2);
  });
});

/** What bash itself says of the text; `-n` reads commands and executes none. */
function bashAccepts(text: string): boolean {
  const words = ["--noprofile", "--norc", "-n"];
  return spawnSync("bash", words, { input: `${text}\n`, env: {}, timeout: 10_000 }).status === 0;
}

test("what goes through unasked is what bash would accept as well", { timeout: 120_000 }, () => {
  const torn = Array.from({ length: 4_000 }, () => junkOf(pick(random, commands), commands, random));
  const through = torn.filter((text) => ["none", "brief"].includes(run(text).tier));
  expect(through.length).toBeGreaterThan(200);
  const doubtful = through.slice(0, 800).filter((text) => !bashAccepts(text));
  expect(doubtful).toEqual([]);
});
