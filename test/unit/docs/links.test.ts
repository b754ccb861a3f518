import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { parsePolicy } from "../../../src/authorization/policy/parse.ts";
import { parseConfigFile } from "../../../src/config/read-config-file.ts";
import { fencedBlocks, pages, proseOf, root, textOf } from "./page.ts";

const all = [...pages, ...(existsSync(join(root, "README.md")) ? ["README.md"] : [])];

/** As GitHub makes them: lower case, without punctuation, hyphens for spaces. */
function anchorsOf(text: string): string[] {
  const headings = [...proseOf(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, title = ""]) => title);
  return headings.map((title) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test.each(all)("every relative link of %s leads to something", (page) => {
  const links = [...proseOf(textOf(page)).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)];
  const broken = links.flatMap(([, link = ""]) => {
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? page : normalize(join(dirname(page), path));
    if (!existsSync(join(root, target))) return [`${link}: no such file`];
    if (anchor === undefined || statSync(join(root, target)).isDirectory()) return [];
    return anchorsOf(readFileSync(join(root, target), "utf8")).includes(anchor)
      ? []
      : [`${link}: no such heading`];
  });
  expect(broken).toEqual([]);
});

test.each(all)("every JSON example of %s is JSON, and one of a kind fits its schema", (page) => {
  for (const { info, text, line } of fencedBlocks(textOf(page))) {
    const [language, kind] = info.split(" ");
    if (language !== "json" && language !== "jsonl") continue;
    const documents = language === "jsonl" ? text.split("\n").filter(Boolean) : [text];
    const where = `${page}:${line}`;
    for (const document of documents) expect(() => JSON.parse(document), where).not.toThrow();
    if (kind === "policy") expect(() => parsePolicy(JSON.parse(text), where), where).not.toThrow();
    if (kind === "config") expect(() => parseConfigFile(text, where, "project"), where).not.toThrow();
    // An example that looks like either has to say so, or nothing would check it.
    const keys = Object.keys(language === "json" ? JSON.parse(text) : {});
    if (keys.includes("agents") || keys.includes("idPrefix")) expect(kind, where).toBe("config");
    if (keys.includes("egress") || keys.includes("rules")) expect(kind, where).toBe("policy");
  }
});

test.each(all)("%s closes its code blocks and has one title", (page) => {
  const prose = proseOf(textOf(page));
  expect(prose.match(/^`{3,}/gm)?.length ?? 0).toBe(fencedBlocks(textOf(page)).length * 2);
  expect(prose.match(/^# /gm)?.length).toBe(1);
});

test("decisions are numbered without a gap, and say what was turned down and at which price", () => {
  const decisions = pages.filter((page) => page.startsWith("docs/decisions/"));
  const numbers = decisions.map((page) => Number(/\/(\d{4})-[a-z0-9-]+\.md$/.exec(page)?.[1]));
  expect(numbers).toEqual(decisions.map((_, index) => index + 1));
  for (const page of decisions) {
    const headings = [...textOf(page).matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(headings, page).toEqual(["The question", "Decision", "Why", "Turned down", "Price"]);
    expect(textOf(page), page).toMatch(new RegExp(`^# ${numbers[decisions.indexOf(page)]}\\. `));
  }
});
