import { describe, expect, test } from "vitest";
import { type Answer, answer, type Place, readLine } from "../../../src/cli/completion/candidates.ts";
import { unquote, wholeWords } from "../../../src/cli/completion/shell-words.ts";
import { loadedWith, readImports } from "../../support/source-imports.ts";

const rows = [
  {
    usage: "list",
    alias: "ls",
    summary: "",
    options: [
      { flags: "-s, --status <status>", help: "", repeat: true as const },
      { flags: "--all", help: "" },
    ],
  },
  { usage: "link <id> <kind> <other>", summary: "" },
  { usage: "search <query...>", summary: "" },
];

const asked = async (...words: string[]): Promise<Answer | Place | null> => {
  let place: Place | null = null;
  const found = await answer(readLine(words, rows), rows, async (at) => {
    place = at;
    return null;
  });
  return place ?? found;
};

describe("which place a word stands in", () => {
  test.each([
    [["list", "--status", ""], "status"],
    [["ls", "-s", ""], "status"],
    [["list", "--status=op"], "status"],
    [["--json", "list", "-s", ""], "status"],
    [["-C", "list", "link", ""], "id"],
    [["-C", ""], "dir"],
    [["link", "a", ""], "kind"],
    [["link", "--json", "a", "related", ""], "other"],
    [["link", "--", "a", ""], "kind"],
    [["search", "one", "two", ""], "query"],
  ])("%j", async (words, placeholder) => {
    expect(await asked(...words)).toMatchObject({ placeholder });
  });

  test.each([
    [["li"], ["list", "link"]],
    [["hel"], ["help"]],
    [["list", "--a"], ["--all"]],
    [["list", "--all", "--a"], []],
    [["list", "-s", "open", "--sta"], ["--status"]],
    [["list", "--", "--a"], []],
    [["nonsense", ""], []],
    [["link", "a", "b", "c", ""], []],
  ])("%j offers %j", async (words, values) => {
    const found = await asked(...words);
    expect(found).toMatchObject({ kind: "words", candidates: values.map((value) => ({ value })) });
  });
});

test.each([
  [["list", "--status", "=", "op"], ["list", "--status=op"], "--status="],
  [["list", "--status", "="], ["list", "--status="], "--status="],
  [["show", "a", ":", "b"], ["show", "a:b"], "a:"],
  [["list", "--status", "=", "open", ""], ["list", "--status=open", ""], ""],
  [["list", ""], ["list", ""], ""],
])("bash's pieces %j are the words %j", (given, words, lead) => {
  expect(wholeWords(given)).toEqual({ words, lead });
});

test.each([
  ['"my folder', "my folder"],
  ["'a b'", "a b"],
  ["my\\ folder", "my folder"],
  ["plain", "plain"],
  ['"', ""],
])("%s is %s", (word, text) => {
  expect(unquote(word)).toBe(text);
});

test("a tab loads neither the parser of the command line nor anything that reads or decides", () => {
  const imports = readImports(`${import.meta.dirname}/../../../src`);
  const reached = [...loadedWith("cli/completion/main.ts", imports)];
  const light =
    /^(?:node:(?:fs|os|path)|errors\.ts|tickets\/ticket\.ts|cli\/(?:command-table|field-rows|project-root)\.ts|cli\/completion\/.*)$/;
  expect(reached.filter((name) => !light.test(name))).toEqual([]);
});
