/** How many sealed segments there are, and which of them no other one follows. */
export type Anchor = {
  /** Number of segments that the heads stand for, themselves included. */
  count: number;
  /** Sorted hex hashes of seal lines. Two or more after a merge of branches. */
  heads: string[];
};

const pattern = /^(0|[1-9][0-9]{0,8}) ([0-9a-f]{64}(?:,[0-9a-f]{64})*)$/;

/** For the front matter field `evidence`; null when there is nothing to anchor yet. */
export function anchorText(anchor: Anchor): string | null {
  return anchor.heads.length === 0 ? null : `${anchor.count} ${anchor.heads.join(",")}`;
}

/** Null when the text is no anchor: `<number of segments> <head>[,<head>…]`, heads sorted and different. */
export function parseAnchor(text: string): Anchor | null {
  const match = pattern.exec(text);
  if (match === null) return null;
  const heads = (match[2] ?? "").split(",");
  if (heads.some((head, index) => index > 0 && head <= (heads[index - 1] ?? ""))) return null;
  return { count: Number(match[1]), heads };
}

/**
 * The anchor of a merge, in which the segments of both sides lie side by side: each side counts what it added to the
 * common ancestor, and a head goes where a side follows it. Null when one of them is no anchor. Wrong where the same
 * segments came to both sides by another way than the ancestor (cherry-picked): `verify` finds that, and joins them.
 */
export function mergeAnchors(sides: {
  base: string | null;
  ours: string | null;
  theirs: string | null;
}): string | null {
  const read = (text: string | null) => (text === null ? null : parseAnchor(text));
  const base = sides.base === null ? { count: 0, heads: [] } : parseAnchor(sides.base);
  const [ours, theirs] = [read(sides.ours), read(sides.theirs)];
  if (base === null || ours === null || theirs === null) return null;
  const isLeft = (head: string) =>
    !base.heads.includes(head) || (ours.heads.includes(head) && theirs.heads.includes(head));
  const heads = [...new Set([...ours.heads, ...theirs.heads])].filter(isLeft).sort();
  const count = ours.count + theirs.count - base.count;
  return count < heads.length ? null : anchorText({ count, heads });
}

/** For the `Nimrod-Evidence` trailer of the landing commit. */
export function trailerText(ticket: string, anchor: Anchor): string {
  return `${ticket} ${anchor.count} ${anchor.heads.join(",")}`;
}

/** Null when the text is no trailer: the ticket's id, then an anchor. */
export function parseTrailer(text: string): { ticket: string; anchor: Anchor } | null {
  const space = text.indexOf(" ");
  const anchor = space <= 0 ? null : parseAnchor(text.slice(space + 1).trim());
  return anchor === null ? null : { ticket: text.slice(0, space), anchor };
}
