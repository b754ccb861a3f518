import { isSecretName } from "./coreutils.ts";

/** What a jq or yq filter reads besides its input: the environment, modules and other files. */

export type JqProgram = { opaque: string | null; reads: readonly string[]; secret: boolean };

type Token = { kind: "name" | "field" | "variable" | "string" | "mark"; text: string };

const refused = new Set(["import", "include", "get_search_list", "modulemeta", "envsubst", "eval", "system"]);
const loads = new Set(["load", "load_str", "strload", "load_xml", "load_props", "load_base64"]);

export function readJqProgram(text: string): JqProgram {
  const tokens = tokensOf(text);
  if (tokens === null) {
    const risky = /env|import|include|load|system|eval|modulemeta|get_search_list/i.test(text);
    return { opaque: risky ? "the filter cannot be taken apart" : null, reads: [], secret: false };
  }
  return judgeTokens(tokens);
}

function tokensOf(text: string): Token[] | null {
  const tokens: Token[] = [];
  /** Parentheses open inside each string interpolation that the reader is in. */
  const interpolations: number[] = [];
  let at = 0;
  let inString = false;
  while (at < text.length) {
    if (inString) {
      const plain = /^[^"\\]+/.exec(text.slice(at))?.[0] ?? "";
      at += plain.length;
      if (plain !== "") tokens.push({ kind: "string", text: plain });
      if (at >= text.length) return null;
      if (text.startsWith("\\(", at)) {
        interpolations.push(0);
        tokens.push({ kind: "mark", text: "(" });
        inString = false;
        at += 2;
      } else if (text.charAt(at) === "\\") at += 2;
      else {
        inString = false;
        tokens.push({ kind: "mark", text: '"' });
        at += 1;
      }
      continue;
    }
    const rest = text.slice(at);
    const space = /^\s+|^#[^\n\r]*/.exec(rest);
    if (space !== null) {
      // Versions differ in whether a backslash continues a comment.
      if (space[0].startsWith("#") && space[0].endsWith("\\")) return null;
      at += space[0].length;
      continue;
    }
    if (rest.startsWith('"')) {
      tokens.push({ kind: "mark", text: '"' });
      inString = true;
      at += 1;
      continue;
    }
    const token = tokenAt(rest);
    const open = interpolations.at(-1);
    if (open !== undefined && (token.text === "(" || token.text === ")")) {
      if (token.text === ")" && open === 0) {
        interpolations.pop();
        inString = true;
      } else interpolations[interpolations.length - 1] = open + (token.text === "(" ? 1 : -1);
    }
    tokens.push(token);
    at += token.text.length;
  }
  return inString || interpolations.length > 0 ? null : tokens;
}

function tokenAt(rest: string): Token {
  const found =
    /^(?<field>\.[A-Za-z_]\w*)|^\.\.|^(?<variable>\$[A-Za-z_]\w*)|^(?<name>[A-Za-z_]\w*)|^[\s\S]/.exec(rest);
  const groups = found?.groups ?? {};
  const kind = groups.field
    ? "field"
    : groups.variable
      ? "variable"
      : groups.name
        ? "name"
        : ("mark" as const);
  return { kind, text: found?.[0] ?? rest.charAt(0) };
}

function judgeTokens(tokens: readonly Token[]): JqProgram {
  const reads: string[] = [];
  let opaque: string | null = null;
  let secret = false;
  const stack: string[] = [];
  const text = (index: number): string => tokens[index]?.text ?? "";
  for (const [index, token] of tokens.entries()) {
    const before = text(index - 1);
    const isKey =
      token.kind === "name" &&
      stack.at(-1) === "{" &&
      (before === "{" || before === ",") &&
      /^[,}:]$/.test(text(index + 1));
    if (isKey) continue;
    // Branches of an `if` may hold commas that separate no keys.
    if (/^[{[(]$/.test(token.text) || (token.kind === "name" && token.text === "if")) stack.push(token.text);
    else if (/^[}\])]$/.test(token.text) || (token.kind === "name" && token.text === "end")) stack.pop();
    const isEnvironment =
      token.text === "$ENV" || (token.kind === "name" && /^(env|strenv)$/.test(token.text));
    if (isEnvironment) {
      const name = keyOf(tokens, index);
      if (name === null) opaque ??= "the filter can read the environment";
      else if (isSecretName(name)) secret = true;
    } else if (token.kind === "name" && refused.has(token.text))
      opaque ??= `${token.text} reaches other files or code`;
    else if (token.kind === "name" && loads.has(token.text)) {
      const path = text(index + 1) === "(" && text(index + 2) === '"' ? tokens[index + 3] : undefined;
      const isWhole = path?.kind === "string" && text(index + 4) === '"' && text(index + 5) === ")";
      if (isWhole) reads.push(path.text);
      else opaque ??= "the filter loads a computed file";
    }
  }
  return { opaque, reads, secret };
}

/** The one variable that `env.X`, `env["X"]` or `env(X)` names. */
function keyOf(tokens: readonly Token[], index: number): string | null {
  const next = tokens[index + 1];
  if (next?.kind === "field") return next.text.slice(1);
  const texts = [1, 2, 3, 4, 5].map((step) => tokens[index + step]?.text ?? "");
  if (texts[0] === "[" && texts[1] === '"' && texts[3] === '"' && texts[4] === "]") return texts[2] ?? null;
  if (texts[0] === "(" && texts[2] === ")" && /^\w+$/.test(texts[1] ?? "")) return texts[1] ?? null;
  return null;
}
