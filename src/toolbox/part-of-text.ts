/** Lines `offset` (1-based) to `offset + limit - 1`; `to` is below `from` where there are none. */
export function partOf(
  text: string,
  offset: number,
  limit: number,
): { text: string; lines: { from: number; to: number; of: number } } {
  const all = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  const shown = all.slice(offset - 1, offset - 1 + limit);
  const lines = { from: offset, to: offset + shown.length - 1, of: all.length };
  return { text: shown.length === 0 ? "" : `${shown.join("\n")}\n`, lines };
}
