/** The words of a command line as the three shells hand them over: raw, with their quotes, and in bash's case in pieces. */

/**
 * bash splits at `=` and `:` (COMP_WORDBREAKS): `--status=op` arrives as three words, and only `op` is replaced.
 * `lead` is what stands in front of the part that is replaced.
 */
export function wholeWords(given: readonly string[]): { words: string[]; lead: string } {
  const words: string[] = [];
  let lead = "";
  for (const [index, word] of given.entries()) {
    const last = words.at(-1);
    const isBreak = isBreakAt(given, index);
    const joins = last !== undefined && last !== "" && (isBreak || isBreakAt(given, index - 1));
    if (!joins) {
      words.push(word);
      lead = "";
      continue;
    }
    words[words.length - 1] = last + word;
    // A break that is itself the last word stays; what would be inserted comes behind it.
    if (index === given.length - 1) lead = isBreak ? last + word : last;
  }
  return { words, lead };
}

function isBreakAt(given: readonly string[], index: number): boolean {
  return given[index] === "=" || given[index] === ":";
}

/** `"my folder` and `my\ folder` → `my folder`. A word that is still being typed may lack its closing quote. */
export function unquote(word: string): string {
  const quote = /^["']/.exec(word)?.[0];
  if (quote === undefined) return word.replaceAll(/\\(.)/g, "$1");
  const inner = word.endsWith(quote) && word.length > 1 ? word.slice(1, -1) : word.slice(1);
  return quote === '"' ? inner.replaceAll(/\\(["\\$`])/g, "$1") : inner;
}
