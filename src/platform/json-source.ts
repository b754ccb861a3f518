/** JSON with the line of each of its values, which JSON.parse forgets, and without the key given twice, which it forgives. */

export type Source = {
  value: unknown;
  /** The line of a value, or of the nearest one around it that is there. */
  lineOf: (path: readonly PropertyKey[]) => number;
  twice: { path: string; line: number }[];
};

/** Deeper than any policy, and far from what the stack holds. */
const maxDepth = 40;

export function readSource(text: string): Source | { line: number; message: string } {
  const lines = new Map<string, number>();
  const twice: Source["twice"] = [];
  let at = 0;
  let line = 1;

  try {
    value([]);
    space();
    if (at < text.length) fail();
    const parsed: unknown = JSON.parse(text);
    return { value: parsed, twice, lineOf: (path) => nearest(path.map(String)) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { line, message: error.message };
  }

  function nearest(path: readonly string[]): number {
    return lines.get(keyOf(path)) ?? (path.length === 0 ? 1 : nearest(path.slice(0, -1)));
  }

  function value(path: readonly string[]): void {
    space();
    lines.set(keyOf(path), lines.get(keyOf(path)) ?? line);
    if (path.length > maxDepth) throw new SyntaxError("nested too deeply");
    const first = text[at];
    if (first === "{") members(path);
    else if (first === "[") entries(path);
    else if (first === '"') string();
    else if (!take(/-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?|true|false|null/y)) fail();
  }

  function members(path: readonly string[]): void {
    const seen = new Set<string>();
    at += 1;
    space();
    if (text[at] === "}") {
      at += 1;
      return;
    }
    for (;;) {
      space();
      if (text[at] !== '"') fail();
      const here = line;
      const key = string();
      const inner = [...path, key];
      if (seen.has(key)) twice.push({ path: inner.join("."), line: here });
      seen.add(key);
      lines.set(keyOf(inner), here);
      space();
      if (text[at] !== ":") fail();
      at += 1;
      value(inner);
      space();
      if (text[at] === "}") {
        at += 1;
        return;
      }
      if (text[at] !== ",") fail();
      at += 1;
    }
  }

  function entries(path: readonly string[]): void {
    at += 1;
    space();
    if (text[at] === "]") {
      at += 1;
      return;
    }
    for (let index = 0; ; index += 1) {
      value([...path, String(index)]);
      space();
      if (text[at] === "]") {
        at += 1;
        return;
      }
      if (text[at] !== ",") fail();
      at += 1;
    }
  }

  function string(): string {
    const start = at;
    if (!take(/"(?:[^"\\\u0000-\u001f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/y)) fail();
    return String(JSON.parse(text.slice(start, at)));
  }

  function take(pattern: RegExp): boolean {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return false;
    at += found[0].length;
    return true;
  }

  function space(): void {
    for (; at < text.length && /[ \t\r\n]/.test(text.charAt(at)); at += 1) if (text[at] === "\n") line += 1;
  }

  function fail(): never {
    const found = text[at];
    throw new SyntaxError(
      found === undefined ? "ends in the middle" : `${JSON.stringify(found)} is not expected here`,
    );
  }
}

function keyOf(path: readonly string[]): string {
  return JSON.stringify(path);
}
