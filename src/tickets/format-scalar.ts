/** Values as YAML. Plain where every reader of YAML sees the same text, else in quotes. */

export type Writable = string | number | readonly string[];
export type Quotes = "plain" | "single" | "double";

// Narrower than YAML's own rule: first no indicator, then no colon or hash that could end the scalar.
const plainText =
  /^[A-Za-z0-9_./(\p{L}](?:[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff:#]|:(?=[^\s:])|(?<=[^\s])#)*$/u;
const plainItem = /^[A-Za-z0-9_./\p{L}][A-Za-z0-9_./@+\p{L} -]*$/u;
// What YAML 1.1 or 1.2 would read as null, a truth value or a number.
const typed =
  /^(?:~|null|true|false|yes|no|on|off|y|n|[-+]?[0-9._][0-9_.,:eExXoOa-fA-F+-]*|[-+]?\.(?:inf|nan))$/i;
const time = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}Z)?$/;

/** @param quotes the quotes that stood there before: they are kept where they can hold the new value. */
export function formatScalar(value: Writable, quotes: Quotes = "plain"): string {
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") return `[${value.map(formatItem).join(", ")}]`;
  return formatText(value, quotes, plainText);
}

/** An item of a flow list, in which brackets and commas mean something. */
export function formatItem(value: string): string {
  return formatText(value, "plain", plainItem);
}

function formatText(value: string, quotes: Quotes, plain: RegExp): string {
  if (!value.isWellFormed()) throw new TypeError("a lone surrogate cannot be written as UTF-8");
  if (quotes === "single" && /^[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]*$/.test(value)) {
    return `'${value.replaceAll("'", "''")}'`;
  }
  const isPlain = plain.test(value) && value.trim() === value && (time.test(value) || !typed.test(value));
  return quotes === "plain" && isPlain ? value : doubleQuoted(value);
}

// JSON's strings are YAML's double-quoted ones; what JSON leaves raw but an editor may not show is escaped as well.
function doubleQuoted(value: string): string {
  return JSON.stringify(value).replaceAll(
    /[\x7f-\x9f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
