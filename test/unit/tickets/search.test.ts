import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { queryWords, searchText } from "../../../src/tickets/search.ts";
import { tempProject } from "../../support/temp-project.ts";

const text = `---
id: nim-aaa111
title: Renew the vault's certificate
status: open
labels: [tls]
---

## Description

The proxy holds it now.
Straße, CAFÉ and the proxy's name.
`;
const ticket = { id: "nim-aaa111", title: "Renew the vault's certificate", labels: ["tls"] };
const find = (...query: string[]) => searchText(text, ticket, queryWords(query));

test.each<[string, string[], number[] | null]>([
  ["a word of the title", ["VAULT"], []],
  ["a part of the id", ["aaa1"], []],
  ["a label", ["tls"], []],
  ["a word of the text, with the line of the file", ["holds"], [10]],
  ["one word in the title and one in the text", ["certificate proxy"], [10, 11]],
  ["the line with the most of the words comes first", ["proxy", "name"], [11, 10]],
  ["accents, composed or not", ["cafe\u0301"], [11]],
  ["letters that change their length in capitals", ["straße"], [11]],
  ["a word that is nowhere", ["vault", "nowhere"], null],
  ["a word of the front matter alone, which is no text", ["open"], null],
  ["a key of the front matter", ["labels:"], null],
])("%s", (_, query, lines) => {
  expect(find(...query)?.matches.map(({ line }) => line) ?? null).toEqual(lines);
});

test("a word of the title weighs more than many of the text, and a whole word more than a part", () => {
  const score = (title: string, body: string) =>
    searchText(`---\nid: a-1\n---\n${body}`, { id: "a-1", title, labels: [] }, ["proxy"])?.score ?? 0;
  const ranked = [
    score("The proxy", ""),
    score("Proxying", ""),
    score("x", "proxy\n".repeat(50)),
    score("x", "proxy"),
  ];
  expect(ranked).toEqual(ranked.toSorted((a, b) => b - a));
  expect(new Set(ranked).size).toBe(4);
});

test("what a regular expression would act on is only text", () => {
  expect(find("(.*)")).toBeNull();
  expect(
    searchText("a [x] $(b)", { id: "i", title: "t", labels: [] }, queryWords(["$(B) [X]"])),
  ).not.toBeNull();
});

test("a file that is gone or became a pipe since it was scanned has no text, and holds nothing up", () => {
  const project = tempProject({ git: false });
  execFileSync("mkfifo", [join(project.root, "tickets/active/pipe.md")]);
  const ticket = (path: string) => ({
    id: "nim-a",
    title: "Vault",
    labels: [],
    path: `tickets/active/${path}`,
  });
  // In a process of its own: one that waits for a pipe cannot be told to stop.
  const script = `
    const { searchTickets } = await import(process.argv[1]);
    const found = searchTickets(process.argv[2], JSON.parse(process.argv[3]), ["vault"]);
    console.log(JSON.stringify(found.map(({ matches }) => matches)));`;
  const args = [
    new URL("../../../src/tickets/search.ts", import.meta.url).href,
    project.root,
    JSON.stringify([ticket("pipe.md"), ticket("gone.md")]),
  ];
  const done = spawnSync(process.execPath, ["--input-type=module", "-e", script, ...args], {
    encoding: "utf8",
    timeout: 10_000,
    killSignal: "SIGKILL",
  });
  expect(done).toMatchObject({ status: 0, stdout: "[[],[]]\n" });
});
