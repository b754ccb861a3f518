import type { Three } from "./lines.ts";

/**
 * The order of keys or sections after a merge: ours, with what only theirs has behind what it follows there. Theirs,
 * where only they moved what all three have.
 */
export function mergeOrder(sides: Three<readonly string[]>): string[] {
  const isTheirs = onlyTheirsMoved(sides);
  const [first, second] = isTheirs ? [sides.theirs, sides.ours] : [sides.ours, sides.theirs];
  const known = new Set(first);
  const added = new Map<string | null, string[]>();
  let previous: string | null = null;
  for (const key of second) {
    if (known.has(key)) {
      previous = key;
      continue;
    }
    const group = added.get(previous) ?? [];
    group.push(key);
    added.set(previous, group);
  }
  const inSecond = new Set(second);
  const result: string[] = [];
  let waiting = added.get(null) ?? [];
  const flush = () => {
    for (const key of waiting) result.push(key);
    waiting = [];
  };
  for (const key of first) {
    // What ours added at the same place stands before what theirs added.
    if (isTheirs || inSecond.has(key)) flush();
    result.push(key);
    waiting = [...waiting, ...(added.get(key) ?? [])];
  }
  flush();
  return result;
}

function onlyTheirsMoved({ base, ours, theirs }: Three<readonly string[]>): boolean {
  const sets = [base, ours, theirs].map((keys) => new Set(keys));
  const shared = (keys: readonly string[]) =>
    keys.filter((key) => sets.every((set) => set.has(key))).join("\n");
  return shared(ours) === shared(base) && shared(theirs) !== shared(base);
}
