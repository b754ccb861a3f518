/** A word as bash would have to be given it, in characters that a terminal shows as they are. */
export function quoteWord(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  if (!hidden.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  return `$'${word.replaceAll(/['\\]/g, "\\$&").replaceAll(hiddenOnes, escaped)}'`;
}

// Controls, line breaks, and marks that turn the direction of text: the output would show an escape in their place.
const hidden = /[\p{Cc}\p{Cf}\u2028\u2029]/u;
const hiddenOnes = new RegExp(hidden, "gu");

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code < 0x80
    ? `\\x${code.toString(16).padStart(2, "0")}`
    : `\\U${code.toString(16).padStart(8, "0")}`;
}
