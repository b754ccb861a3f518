import { createHmac, randomBytes } from "node:crypto";
import { namesASecret, type SecretPattern, secretPatterns } from "./secret-patterns.ts";

export type Redact = (text: string) => string;

// Shorter values are words of ordinary text; hiding them would hide the text.
const minKnownLength = 6;

/**
 * Hides known values (also base64, hex and URL-encoded) and everything that looks like a secret. What stays is
 * `[redacted:<kind>:<8 hex>]`: two places that hold one secret show one fingerprint.
 *
 * @param options.fingerprintKey makes the fingerprint useless to somebody who guesses at the value. Give the
 *   machine key's `redactionKey` for fingerprints that stay the same between runs; default: random.
 */
export function makeRedactor(known: readonly string[], options: { fingerprintKey?: string } = {}): Redact {
  const key = options.fingerprintKey ?? randomBytes(32).toString("hex");
  const mark = (kind: string, secret: string): string => {
    const fingerprint = createHmac("sha256", key).update(secret).digest("hex").slice(0, 8);
    return `[redacted:${kind}:${fingerprint}]`;
  };
  const forms = knownForms(known);
  const knownPattern =
    forms.size === 0
      ? null
      : new RegExp([...forms.keys()].sort(longestFirst).map(escapeRegExp).join("|"), "g");

  return (text) => {
    let clean = text;
    if (knownPattern !== null) {
      clean = clean.replaceAll(knownPattern, (form) => mark("known", forms.get(form) ?? form));
    }
    for (const row of secretPatterns) clean = replaceMatches(clean, row, mark);
    return clean;
  };
}

/** Secrets in a text that are certain enough to stop a review, by line (1-based). Never the secret itself. */
export function findSecrets(text: string): { kind: string; line: number }[] {
  const found = new Map<string, { kind: string; line: number }>();
  for (const row of secretPatterns) {
    if (row.needs !== undefined && !text.includes(row.needs)) continue;
    let line = 1;
    let counted = 0;
    for (const match of text.matchAll(row.pattern)) {
      const secret = match.groups?.["secret"] ?? "";
      if (row.accept?.(secret) === false || row.isFinding?.(secret) === false) continue;
      const at = match.index + (match.groups?.["before"] ?? "").length;
      line += countLineFeeds(text, counted, at);
      counted = at;
      found.set(`${line} ${row.kind}`, { kind: row.kind, line });
    }
  }
  return [...found.values()].sort((a, b) => a.line - b.line || (a.kind < b.kind ? -1 : 1));
}

/**
 * The same JSON value with every string redacted, keys included, and the values of keys such as `password`, and of
 * arguments after `--token`, hidden whatever they look like. Throws on what JSON cannot carry.
 */
export function redactDeep<T>(value: T, redact: Redact): T;
export function redactDeep(value: unknown, redact: Redact): unknown {
  // A lone surrogate has no UTF-8: a hostile string must not be able to stop the record that would show it.
  if (typeof value === "string") return redact(value.toWellFormed());
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => {
      const before: unknown = value[index - 1];
      const isArgument = typeof before === "string" && /^--?[A-Za-z]/.test(before) && namesASecret(before);
      return isArgument && typeof item === "string" ? hideWhole(item, redact) : redactDeep(item, redact);
    });
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError("not a plain JSON object");
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      const isSecret = typeof member === "string" && namesASecret(key);
      return [redactDeep(key, redact), isSecret ? hideWhole(member, redact) : redactDeep(member, redact)];
    }),
  );
}

/**
 * Makes visible what a terminal or a reader would act on or not show: control characters (but line feed and tab),
 * ANSI sequences, bidirectional and zero-width characters, tags, lone surrogates, a lone carriage return. Each
 * becomes `\u{…}`; CRLF becomes LF.
 */
export function visible(text: string): string {
  // Nearly every text is plain, and building the pattern below takes milliseconds of a start.
  if (/^[\n\t\x20-\x7e]*$/.test(text)) return text;
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(hidden, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

// A variation selector right after a pictogram is how ✔️ is written; anywhere else it can carry hidden bytes.
const hidden =
  /(?![\n\t])(?!(?<=\p{Extended_Pictographic})\uFE0F)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * A fenced Markdown block that the text cannot end: its fence is longer than any run of backticks inside. Hidden
 * characters are shown, and Nimrod's own markers are broken up, so that no editor of sections finds one in it.
 */
export function fence(text: string, info = ""): string {
  const shown = visible(text).replaceAll(/<!--(?=\s*nimrod:)/g, "\\u{3c}!--");
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = "`".repeat(longest + 1);
  return `${ticks}${info.replaceAll(/[^A-Za-z0-9_+-]/g, "")}\n${shown.endsWith("\n") ? shown : `${shown}\n`}${ticks}`;
}

function replaceMatches(
  text: string,
  row: SecretPattern,
  mark: (kind: string, secret: string) => string,
): string {
  if (row.needs !== undefined && !text.includes(row.needs)) return text;
  return text.replaceAll(row.pattern, (...args) => {
    const groups: unknown = args.at(-1);
    const { before = "", secret = "" } = isGroups(groups) ? groups : {};
    if (row.accept?.(secret) === false) return `${before}${secret}`;
    return `${before}${mark(row.kind, secret)}`;
  });
}

function isGroups(value: unknown): value is Record<string, string | undefined> {
  return typeof value === "object" && value !== null;
}

// The redactor decides on the fingerprint; a value it sees nothing in is hidden all the same.
function hideWhole(text: string, redact: Redact): string {
  if (text === "") return text;
  const marked = redact(`password="${text.replaceAll('"', "'").replaceAll("\n", " ")}"`);
  return /\[redacted:[a-z-]+:[0-9a-f]{8}\]/.exec(marked)?.[0] ?? "[redacted:password:00000000]";
}

/** Every spelling of the known values, with the value it stands for. */
function knownForms(known: readonly string[]): Map<string, string> {
  const forms = new Map<string, string>();
  for (const value of known) {
    // Lines of a key file can show up one by one.
    const parts = [value, value.trim(), ...value.split(/\r?\n/).filter((line) => line.trim().length >= 16)];
    for (const part of parts) {
      if (part.trim().length < minKnownLength) continue;
      for (const form of spellings(part)) if (!forms.has(form)) forms.set(form, value);
    }
  }
  return forms;
}

function spellings(value: string): string[] {
  const bytes = Buffer.from(value);
  const url = encodeURIComponent(value.toWellFormed());
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    url,
    url.replaceAll("%20", "+"),
    url.replaceAll(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase()),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    ...[0, 1, 2].flatMap((offset) => base64Inside(bytes, offset)),
  ];
}

/**
 * The part of the base64 of `…value…` that does not depend on what is around it, for a value that starts `offset`
 * bytes into a group of three.
 */
function base64Inside(bytes: Buffer, offset: number): string[] {
  const padded = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
  const start = Math.ceil((offset * 8) / 6);
  const end = Math.floor(((offset + bytes.length) * 8) / 6);
  const inside = padded.slice(start, end);
  if (inside.length < 8) return [];
  return [inside, inside.replaceAll("+", "-").replaceAll("/", "_")];
}

function longestFirst(a: string, b: string): number {
  return b.length - a.length || (a < b ? -1 : 1);
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

function countLineFeeds(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
