/**
 * How far two texts may differ, in lines taken out and put in, before their middle is treated as one change. It
 * bounds time and memory for hostile files: the search is quadratic in this number.
 */
const maxDistance = 1500;

/**
 * For each line of `a` the line of `b` that it is paired with, or -1: a longest common subsequence by Myers' greedy
 * search, where the texts are not too different. Without it the merge of two large strangers would take minutes.
 */
export function matchLines(a: readonly string[], b: readonly string[]): Int32Array {
  const pairs = new Int32Array(a.length).fill(-1);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) {
    pairs[start] = start;
    start += 1;
  }
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA -= 1;
    endB -= 1;
    pairs[endA] = endB;
  }
  pairMiddle(a.slice(start, endA), b.slice(start, endB), (x, y) => {
    pairs[start + x] = start + y;
  });
  return pairs;
}

function pairMiddle(
  a: readonly string[],
  b: readonly string[],
  pair: (indexA: number, indexB: number) => void,
): void {
  if (a.length === 0 || b.length === 0) return;
  const trace = search(a, b);
  if (trace === null) return;
  // Backwards along the furthest points of each round; every diagonal step is a pair.
  let [x, y] = [a.length, b.length];
  for (let distance = trace.length - 1; distance >= 0; distance -= 1) {
    const furthest = trace[distance] ?? new Int32Array(1);
    const at = (diagonal: number): number => furthest[diagonal + distance] ?? -1;
    const diagonal = x - y;
    const isDown = diagonal === -distance || (diagonal !== distance && at(diagonal - 1) < at(diagonal + 1));
    const before = isDown ? diagonal + 1 : diagonal - 1;
    const fromX = distance === 0 ? 0 : at(before);
    const fromY = distance === 0 ? 0 : fromX - before;
    while (x > fromX && y > fromY && x > 0 && y > 0 && a[x - 1] === b[y - 1]) {
      x -= 1;
      y -= 1;
      pair(x, y);
    }
    [x, y] = [fromX, fromY];
  }
}

/** The furthest points before each round, by diagonal; null when the texts are too different. */
function search(a: readonly string[], b: readonly string[]): Int32Array[] | null {
  const trace: Int32Array[] = [];
  const limit = Math.min(a.length + b.length, maxDistance);
  const size = limit + 1;
  const furthest = new Int32Array(2 * size + 1).fill(-1);
  furthest[size + 1] = 0;
  for (let distance = 0; distance <= limit; distance += 1) {
    trace.push(furthest.slice(size - distance, size + distance + 1));
    for (let diagonal = -distance; diagonal <= distance; diagonal += 2) {
      const down = furthest[size + diagonal + 1] ?? -1;
      const right = furthest[size + diagonal - 1] ?? -1;
      let x = diagonal === -distance || (diagonal !== distance && right < down) ? down : right + 1;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1;
      furthest[size + diagonal] = x;
      if (x >= a.length && x - diagonal >= b.length) return trace;
    }
  }
  return null;
}
