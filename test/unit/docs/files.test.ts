import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { tableUnder, textOf } from "./page.ts";

const page = "docs/files.md";
const header = "| path | holds | delete it? |";
const [repository = [], machine = [], checkout = []] = [0, 1, 2].map((at) =>
  tableUnder(page, header, at).map(([path = ""]) => path.replaceAll("`", "").replace(/\/$/, "")),
);
const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => textOf(`src/${name}`));

function namesBehind(variable: RegExp): string[] {
  const joined = new RegExp(`\\bjoin\\(\\s*(?:\\w+\\.)*${variable.source},\\s*"([^"]+)"`, "g");
  return sources.flatMap((text) => [...text.matchAll(joined)].map(([, name = ""]) => name));
}

test("the page has every file and folder that the source puts into the state folders, and no other", () => {
  // The seal key's own module calls the state home its state folder.
  const inHome = [...namesBehind(/stateHome/), "keys"];
  expect([...machine].sort()).toEqual([...new Set(inHome)].sort());
  const inCheckout = namesBehind(/(?:stateFolder|repositoryStateFolder\(\w+, \w+\))/);
  expect([...checkout].sort()).toEqual([...new Set(inCheckout.filter((name) => name !== "keys"))].sort());
});

test("the page has what the source keeps in .nimrod, and its keys by name", () => {
  const kept = sources.flatMap((text) => [
    ...text.matchAll(/(?:"\.nimrod\/|join\("\.nimrod", ")([a-z.]+)"/g),
  ]);
  const wanted = kept.map(([, name = ""]) => `.nimrod/${name}`);
  expect(repository.filter((path) => path.startsWith(".nimrod/")).sort()).toEqual(
    [...new Set(wanted)].sort(),
  );
  const keys = sources.flatMap((text) => [
    ...text.matchAll(/"((?:machine|approval)\.pem|allowed-signers\.json)"/g),
  ]);
  expect(keys.length).toBeGreaterThan(2);
  for (const [, name = ""] of keys) expect(textOf(page)).toContain(`\`${name}\``);
});
