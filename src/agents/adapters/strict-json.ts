/** Deeper than any answer needs; bounds the recursion of everything that walks the value afterwards. */
const maxDepth = 64;

export type StrictJson =
  | { kind: "object"; value: Record<string, unknown> }
  | { kind: "broken"; problem: string };

type Frame = { keys: Set<string> | null; atKey: boolean };

/**
 * Reads exactly one JSON object. Stricter than JSON.parse, which takes the last of two equal member names: two
 * readers of one answer could then disagree on its nonce or verdict. Also refused: text after the object,
 * `__proto__`, lone surrogates (no canonical form, so no digest), nesting beyond 64.
 */
export function parseStrictObject(text: string): StrictJson {
  const start = text.search(/\S/);
  if (start < 0) return broken("nothing was written");
  if (text[start] !== "{") return broken("it is not a JSON object");

  const scan = scanObject(text, start);
  if (scan.kind === "broken") return scan;
  if (text.slice(scan.end).trim() !== "") {
    const next = text.slice(scan.end).trimStart();
    return broken(next.startsWith("{") ? "there is more than one object" : "there is text after the object");
  }
  let value: unknown;
  try {
    value = JSON.parse(text.slice(start, scan.end));
  } catch (error) {
    return broken(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isRecord(value)) return broken("it is not an object");
  if (!isWellFormed(value)) return broken("a string holds half of a surrogate pair");
  return { kind: "object", value };
}

/** Finds the end of the object and looks at its member names; grammar is left to JSON.parse. */
function scanObject(
  text: string,
  start: number,
): { kind: "end"; end: number } | { kind: "broken"; problem: string } {
  const stack: Frame[] = [];
  for (let at = start; at < text.length; at += 1) {
    const frame = stack.at(-1);
    switch (text[at]) {
      case '"': {
        const close = endOfString(text, at);
        if (close < 0) return broken("truncated inside a string");
        if (frame?.keys && frame.atKey) {
          const problem = addKey(frame.keys, text.slice(at, close + 1));
          if (problem !== null) return broken(problem);
          frame.atKey = false;
        }
        at = close;
        break;
      }
      case "{":
      case "[":
        if (stack.length === maxDepth) return broken(`nested deeper than ${maxDepth}`);
        stack.push({ keys: text[at] === "{" ? new Set() : null, atKey: true });
        break;
      case "}":
      case "]":
        stack.pop();
        if (stack.length === 0) return { kind: "end", end: at + 1 };
        break;
      case ",":
        if (frame) frame.atKey = true;
        break;
    }
  }
  return broken("truncated: the object is not closed");
}

function endOfString(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at;
  }
  return -1;
}

function addKey(keys: Set<string>, raw: string): string | null {
  let key: unknown;
  try {
    key = JSON.parse(raw);
  } catch {
    return "a member name is not a JSON string";
  }
  if (typeof key !== "string") return "a member name is not a JSON string";
  if (key === "__proto__") return "a member is named __proto__";
  if (keys.has(key)) return `member ${JSON.stringify(key.slice(0, 80))} occurs twice`;
  keys.add(key);
  return null;
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (Array.isArray(value)) return value.every(isWellFormed);
  if (isRecord(value))
    return Object.entries(value).every(([key, member]) => key.isWellFormed() && isWellFormed(member));
  return true;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function broken(problem: string): { kind: "broken"; problem: string } {
  return { kind: "broken", problem };
}
