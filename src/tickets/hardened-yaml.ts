import { setFlagsFromString } from "node:v8";
import {
  CST,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  parseDocument,
  type Scalar,
} from "yaml";

/**
 * The only file that knows the YAML library. Scalars come out as the text that was written (`0012`, `1.10`,
 * `yes`), so no type guess of YAML's ever reaches a ticket; aliases and unknown tags are refused.
 */

export type YamlNode =
  | { kind: "scalar"; text: string | null; style: "plain" | "single" | "double" | "block"; at: Range }
  | { kind: "list"; items: YamlNode[]; flow: boolean; at: Range }
  | { kind: "map"; entries: YamlEntry[]; flow: boolean; at: Range };
export type YamlEntry = { key: string; keyAt: Range; value: YamlNode };
/** Offsets, the end exclusive. */
export type Range = { start: number; end: number };

export type YamlProblem = { offset: number; found: string; expected: string };
export type ParsedYaml =
  | { kind: "node"; node: YamlNode | null }
  | { kind: "broken"; problems: YamlProblem[] };

// The tree of a document is a hundred times its text, and is dropped at once. V8 would answer ten thousand of them by
// letting its nursery grow to a hundred megabytes; a small one that is emptied more often costs no time.
setFlagsFromString("--semi-space-growth-factor=1");

/** Ten times what a hand-written file nests. The composer recurses; 1000 levels can abort the process. */
const maxDepth = 64;

/**
 * Parses one YAML document. Never throws for what is in the source.
 *
 * @param base where the source starts in its file: added to every offset in the answer.
 */
export function parseYaml(source: string, base: number): ParsedYaml {
  const tooDeep = findTooDeep(source, base);
  if (tooDeep !== null) return { kind: "broken", problems: [tooDeep] };
  // Keys are checked for uniqueness below: the library compares each with each, which takes seconds at 10,000.
  // maxAliasCount belongs to toJS(), which is never called: an alias is refused below before it could expand.
  const document = parseDocument(source, {
    schema: "core",
    version: "1.2",
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
  });
  const problems: YamlProblem[] = [...document.errors, ...document.warnings]
    .slice(0, 3)
    .map(({ pos, message }) => ({
      offset: base + pos[0],
      found: `YAML that cannot be read: ${message}`,
      expected: "plain YAML without tags",
    }));
  if (problems.length > 0) return { kind: "broken", problems };
  if (document.contents === null) return { kind: "node", node: null };
  const node = convert(document.contents, { problems, base }, base);
  return problems.length > 0 ? { kind: "broken", problems } : { kind: "node", node };
}

// The lexer is a loop, not a recursion, so it can be asked about any depth.
function findTooDeep(source: string, base: number): YamlProblem | null {
  const indents: number[] = [];
  let flow = 0;
  let run = 0;
  let offset = base;
  let lineStart = true;
  let contentNext = false;
  for (const token of new Lexer().lex(source)) {
    const content: boolean = contentNext;
    const type: string | null = content ? "content" : CST.tokenType(token);
    contentNext = type === "scalar";
    if (type === "newline" || (content && token.endsWith("\n"))) {
      lineStart = true;
      run = 0;
    } else if (lineStart && type !== "doc-mode") {
      lineStart = false;
      const column = type === "space" ? token.length : 0;
      while ((indents.at(-1) ?? -1) >= column) indents.pop();
      indents.push(column);
    }
    if (type === "flow-seq-start" || type === "flow-map-start") flow += 1;
    else if (type === "flow-seq-end" || type === "flow-map-end") flow = Math.max(0, flow - 1);
    else if (type === "seq-item-ind" || type === "explicit-key-ind" || type === "map-value-ind") {
      run += flow === 0 ? 1 : 0;
    }
    if (indents.length + run + flow > maxDepth) {
      return { offset, found: "YAML nested too deep", expected: `at most ${maxDepth} levels` };
    }
    // Single control characters are marks of the lexer, not text of the file.
    if (token !== CST.DOCUMENT && token !== CST.SCALAR && token !== CST.FLOW_END) offset += token.length;
  }
  return null;
}

type Conversion = { problems: YamlProblem[]; base: number };

function convert(node: unknown, to: Conversion, fallback: number): YamlNode {
  const at = rangeOf(node, to.base, fallback);
  if (isScalar(node)) return { kind: "scalar", text: textOf(node), style: styleOf(node), at };
  if (isSeq(node)) {
    const items = node.items.map((item) => convert(item, to, at.start));
    return { kind: "list", items, flow: node.flow === true, at };
  }
  if (isMap(node)) {
    return { kind: "map", entries: convertEntries(node.items, to, at.start), flow: node.flow === true, at };
  }
  if (isAlias(node)) {
    to.problems.push({ offset: at.start, found: `an alias *${node.source}`, expected: "the value itself" });
  }
  return { kind: "scalar", text: null, style: "plain", at };
}

function convertEntries(pairs: unknown[], to: Conversion, fallback: number): YamlEntry[] {
  const entries: YamlEntry[] = [];
  const seen = new Set<string>();
  for (const pair of pairs) {
    if (!isPair(pair)) continue; // the composer puts only pairs into a map
    const keyAt = rangeOf(pair.key, to.base, fallback);
    const key = isScalar(pair.key) ? (textOf(pair.key) ?? "") : null;
    if (key === null) {
      to.problems.push({
        offset: keyAt.start,
        found: "a key that is no text",
        expected: "a key of one word",
      });
      continue;
    }
    if (seen.has(key)) {
      to.problems.push({
        offset: keyAt.start,
        found: `the key ${JSON.stringify(key)} twice`,
        expected: "it once",
      });
    }
    seen.add(key);
    entries.push({ key, keyAt, value: convert(pair.value, to, keyAt.end) });
  }
  return entries;
}

function textOf(scalar: Scalar): string | null {
  if (scalar.value === null) return null;
  if (typeof scalar.value === "string") return scalar.value;
  return scalar.source ?? String(scalar.value);
}

function styleOf(scalar: Scalar): "plain" | "single" | "double" | "block" {
  if (scalar.type === "QUOTE_SINGLE") return "single";
  if (scalar.type === "QUOTE_DOUBLE") return "double";
  return scalar.type === "BLOCK_LITERAL" || scalar.type === "BLOCK_FOLDED" ? "block" : "plain";
}

function rangeOf(node: unknown, base: number, fallback: number): Range {
  const range = hasRange(node) ? node.range : null;
  return range ? { start: base + range[0], end: base + range[1] } : { start: fallback, end: fallback };
}

function hasRange(node: unknown): node is Pick<Node, "range"> {
  return typeof node === "object" && node !== null && "range" in node;
}
