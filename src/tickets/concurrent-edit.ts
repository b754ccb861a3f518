/**
 * An edit was made on `base`, but the file says `theirs` by now; `result` is the edit made again on `theirs`.
 * Returns a line of theirs that the result would lose or that both changed, null when nothing is lost.
 * Lines are counted, not placed: an edit may move what it does not change.
 */
export function findLostLine(texts: {
  base: string;
  mine: string;
  theirs: string;
  result: string;
}): string | null {
  if (texts.result === texts.theirs) return null;
  const base = countLines(texts.base);
  const mine = countLines(texts.mine);
  const theirs = countLines(texts.theirs);
  const result = countLines(texts.result);
  for (const [line, count] of theirs) {
    const removedByMe = Math.max(0, (base.get(line) ?? 0) - (mine.get(line) ?? 0));
    const isTheirs = count > (base.get(line) ?? 0);
    if (isTheirs && (result.get(line) ?? 0) < count - removedByMe) return line;
  }
  for (const [line, count] of base) {
    const both = (mine.get(line) ?? 0) < count && (theirs.get(line) ?? 0) < count;
    if (both) return line;
  }
  return null;
}

function countLines(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() !== "") counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return counts;
}
