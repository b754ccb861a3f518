/** The name somebody probably meant: at most two slips away, and fewer slips than half of the word. */
export function nearestName(word: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestSlips = Math.min(2, Math.ceil(word.length / 2) - 1);
  for (const name of names) {
    const slips = countSlips(word.toLowerCase(), name.toLowerCase());
    if (slips < bestSlips || (slips === bestSlips && best === undefined)) {
      best = name;
      bestSlips = slips;
    }
  }
  return best;
}

/** Characters to insert, delete, replace or swap with their neighbour (optimal string alignment). */
function countSlips(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let slips = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        slips = Math.min(slips, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(slips);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
