/** Braces become words before anything else is expanded: a list or a range of plain words is known, whatever else is not. */

/** Words that the braces of one may become. */
const maxBraces = 32;

/** The parts of each word, where every brace holds a list or a range of plain words; null where bash may read more. */
export function withoutBraces<Part extends { type: string; text: string }>(
  parts: readonly Part[],
  literal: (text: string, from: Part) => Part,
): Part[][] | null {
  let words: Part[][] = [[]];
  for (const [index, part] of parts.entries()) {
    if (part.type !== "BraceExpansion") {
      words = words.map((each) => [...each, part]);
      continue;
    }
    const options = inBraces(part.text);
    // `$x{a,b}` is `$xa $xb`: the name goes on in the brace.
    if (options === null || parts[index - 1]?.type === "SimpleExpansion") return null;
    words = words.flatMap((each) => options.map((text) => [...each, literal(text, part)]));
    if (words.length > maxBraces) return null;
  }
  return words.every((each) => each.some((part) => part.text !== "")) ? words : null;
}

function inBraces(text: string): string[] | null {
  const [, first, last] = /^\{(0|[1-9]\d{0,3})\.\.(0|[1-9]\d{0,3})\}$/.exec(text) ?? [];
  if (first !== undefined && last !== undefined) {
    const [from, to] = [Number(first), Number(last)];
    const count = Math.abs(to - from) + 1;
    return count > maxBraces
      ? null
      : Array.from({ length: count }, (_, step) => String(from + (to < from ? -step : step)));
  }
  if (text.length > 400 || !/^\{[\w./@%+=:,{}-]*\}$/.test(text) || text.includes("..")) return null;
  // The innermost list first, until none is left: `{a,{b,c}d}` is a, bd and cd.
  let list = text.slice(1, -1);
  for (let inner = innermost.exec(list); inner !== null; inner = innermost.exec(list)) {
    const [whole, before = "", options = "", behind = ""] = inner;
    const rest = list.slice(inner.index + whole.length);
    if (!options.includes(",") || /\}$/.test(list.slice(0, inner.index)) || rest.startsWith("{")) return null;
    const each = options.split(",").map((option) => before + option + behind);
    list = list.slice(0, inner.index) + each.join(",") + rest;
    if (list.length > 2_000) return null;
  }
  const options = list.split(",");
  return /[{}]/.test(list) || options.length < 2 || options.length > maxBraces ? null : options;
}

/** A list without another in it, with what stands beside it and is repeated for each. */
const innermost = /([^,{}]*)\{([^{}]*)\}([^,{}]*)/;
