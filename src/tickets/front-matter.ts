import matter from "gray-matter";
import { type Broken, lineFinder, type Problem, type Split, splitTicket } from "./fences.ts";
import { type Field, type Fields, parseFlat, type ScalarValue } from "./flat-front-matter.ts";
import { type ParsedYaml, parseYaml, type YamlEntry, type YamlNode } from "./hardened-yaml.ts";

/** The only file that knows gray-matter. Loaded on demand by `read.ts`, when the fast path declines. */

export type FrontMatter = {
  kind: "front-matter";
  /** Offsets are into the whole text. */
  entries: YamlEntry[];
  fields: Fields;
  split: Split;
};

/** Reads front matter of any shape. Every problem has its line in the file. */
export function parseFrontMatter(text: string): FrontMatter | Broken {
  const split = splitTicket(text);
  if (split.kind === "broken") return split;
  const parsed = runGrayMatter(text, split);
  const lineOf = lineFinder(text.slice(0, split.yamlEnd));
  if (parsed.kind === "broken") {
    return {
      kind: "broken",
      problems: parsed.problems.map(({ offset, found, expected }): Problem => {
        // An error at the end of the YAML belongs to its last line, not to the fence.
        const inside = Math.min(offset, Math.max(split.yamlStart, split.yamlEnd - 1));
        return { line: lineOf(inside), found, expected };
      }),
    };
  }
  const { node } = parsed;
  if (node !== null && node.kind !== "map") {
    return {
      kind: "broken",
      problems: [{ line: 2, found: `front matter that is a ${node.kind}`, expected: "`key: value` lines" }],
    };
  }
  const entries = node?.entries ?? [];
  return { kind: "front-matter", entries, fields: toFields(entries, lineOf), split };
}

/** The fields alone, by the fast path where that is enough. */
export function parseFields(text: string): { kind: "fields"; fields: Fields; split: Split } | Broken {
  const split = splitTicket(text);
  if (split.kind === "broken") return split;
  const flat = parseFlat(text.slice(split.yamlStart, split.yamlEnd), 2);
  if (flat !== null) return { kind: "fields", fields: flat, split };
  const full = parseFrontMatter(text);
  return full.kind === "broken" ? full : { kind: "fields", fields: full.fields, split };
}

function runGrayMatter(text: string, split: Split): ParsedYaml {
  let parsed: ParsedYaml = { kind: "node", node: null };
  const refuse = (): never => {
    throw new Error("only YAML front matter is read");
  };
  // An options object on every call: without one gray-matter caches by content, shares the object between
  // callers, and gives an empty ticket for a file that failed before. `---js` would run code by default.
  const file = matter(text, {
    language: "yaml",
    delimiters: ["---", "---"],
    engines: {
      yaml: {
        // What it hands over lacks the last line feed, which a block scalar at the end would miss.
        parse: () => {
          parsed = parseYaml(text.slice(split.yamlStart, split.yamlEnd), split.yamlStart);
          return {};
        },
      },
      json: { parse: refuse },
      javascript: { parse: refuse },
      js: { parse: refuse },
      coffee: { parse: refuse },
      toml: { parse: refuse },
    },
  });
  // Both must see the same body, or one of us misread the fences.
  if (file.content !== text.slice(split.bodyStart)) {
    return {
      kind: "broken",
      problems: [
        {
          offset: split.yamlStart,
          found: "fences that can be read in two ways",
          expected: "lines exactly ---",
        },
      ],
    };
  }
  return parsed;
}

type LineOf = (offset: number) => number;

function toFields(entries: readonly YamlEntry[], lineOf: LineOf): Fields {
  const fields: Fields = new Map();
  for (const { key, keyAt, value } of entries) fields.set(key, toField(keyAt.start, value, lineOf));
  return fields;
}

function toField(keyStart: number, node: YamlNode, lineOf: LineOf): Field {
  const line = lineOf(keyStart);
  if (node.kind === "scalar") return { line, value: { ...toScalar(lineOf, node), line } };
  const at = lineOf(node.at.start);
  if (node.kind === "map") return { line, value: { kind: "other", what: "a mapping", line: at } };
  const items: ScalarValue[] = [];
  for (const item of node.items) {
    if (item.kind !== "scalar")
      return { line, value: { kind: "other", what: `a list of a ${item.kind}`, line: at } };
    items.push(toScalar(lineOf, item));
  }
  return { line, value: { kind: "list", items, line: at } };
}

function toScalar(lineOf: LineOf, node: YamlNode & { kind: "scalar" }): ScalarValue {
  return { kind: "scalar", text: node.text, line: lineOf(node.at.start) };
}
