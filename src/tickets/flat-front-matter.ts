/**
 * The fast path: front matter that is only `key: value` lines and simple lists, read without a YAML library
 * (which costs more to load than a hundred tickets cost to read). It agrees with the YAML reader or declines:
 * whatever is not plainly simple gives null, and the YAML reader decides.
 */

/** `text` is what the file says, untyped: `0012` stays `0012`. null for an empty value, `~` and `null`. */
export type ScalarValue = { kind: "scalar"; text: string | null; line: number };
export type FieldValue =
  | ScalarValue
  | { kind: "list"; items: ScalarValue[]; line: number }
  | { kind: "other"; what: string; line: number };
export type Field = { value: FieldValue; line: number };
export type Fields = Map<string, Field>;

const keyLine = /^([A-Za-z_][A-Za-z0-9_-]{0,63}):(?: +(.*))?$/;
const itemLine = /^( *)- +(.*)$/;
// Not among the first characters of a plain scalar here: YAML's indicators, and signs left to the YAML reader.
const plain = /^[^\s\-?:,[\]{}#&*!|>'"%@`=][^\t]*$/;
const quotedScalar = /^(?:'((?:[^']|'')*)'|"([^"\\]*)")(?: +#.*)?$/;
const flowList = /^\[([^[\]{}"'#&*!|>%@`:?]*)\](?: +#.*)?$/;
const nulls: ReadonlySet<string> = new Set(["", "~", "null", "Null", "NULL"]);

/** @param firstLine line of the file on which `yaml` starts. */
export function parseFlat(yaml: string, firstLine: number): Fields | null {
  const fields: Fields = new Map();
  const lines = yaml.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const text = lines[index] ?? "";
    if (text === "" || text.startsWith("#")) continue;
    const match = keyLine.exec(text);
    const key = match?.[1];
    if (key === undefined || fields.has(key)) return null;
    const line = firstLine + index;
    const rest = match?.[2] ?? "";
    const list = rest === "" ? blockList(lines, index + 1, firstLine) : null;
    if (list !== null && list.items.length > 0) {
      fields.set(key, {
        line,
        value: { kind: "list", items: list.items, line: list.items[0]?.line ?? line },
      });
      index = list.last;
      continue;
    }
    const value = inlineValue(rest, line);
    if (value === null) return null;
    fields.set(key, { line, value });
  }
  return fields;
}

function inlineValue(rest: string, line: number): FieldValue | null {
  if (rest.startsWith("[")) return flowItems(rest, line);
  const text = scalarText(rest);
  return text === undefined ? null : { kind: "scalar", text, line };
}

/** undefined: not simple enough. */
function scalarText(source: string): string | null | undefined {
  if (source.startsWith("'") || source.startsWith('"')) {
    const match = quotedScalar.exec(trimSpaces(source));
    if (match === null) return undefined;
    return match[1]?.replaceAll("''", "'") ?? match[2] ?? "";
  }
  const comment = source.startsWith("#") ? 0 : source.indexOf(" #");
  const value = trimSpaces(comment === -1 ? source : source.slice(0, comment));
  if (nulls.has(value)) return null;
  if (!plain.test(value) || value.includes(": ") || value.endsWith(":")) return undefined;
  return value;
}

function flowItems(source: string, line: number): FieldValue | null {
  const inner = flowList.exec(trimSpaces(source))?.[1];
  if (inner === undefined) return null;
  if (trimSpaces(inner) === "") return { kind: "list", items: [], line };
  const items: ScalarValue[] = [];
  for (const part of inner.split(",")) {
    const text = scalarText(trimSpaces(part));
    if (text === undefined || text === null) return null;
    items.push({ kind: "scalar", text, line });
  }
  return { kind: "list", items, line };
}

function blockList(
  lines: readonly string[],
  from: number,
  firstLine: number,
): { items: ScalarValue[]; last: number } {
  const items: ScalarValue[] = [];
  let indent: string | undefined;
  let last = from - 1;
  for (let index = from; index < lines.length; index += 1) {
    const match = itemLine.exec(lines[index] ?? "");
    if (match === null) break;
    indent ??= match[1];
    const text = scalarText(match[2] ?? "");
    if (match[1] !== indent || text === undefined || text === null) break;
    items.push({ kind: "scalar", text, line: firstLine + index });
    last = index;
  }
  // A line of the list that did not fit is left where it is: it is no key line, so the whole file is declined.
  return { items, last };
}

// YAML strips spaces only; trim() would also strip a no-break space that belongs to the value.
function trimSpaces(text: string): string {
  return text.replace(/^ +| +$/g, "");
}
