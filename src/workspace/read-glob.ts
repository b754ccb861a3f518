/**
 * Reads a glob once, for many paths: `*` and `?` stay inside one name, `**` crosses folders; a glob without any of them
 * is the path itself or a folder above it. Pure.
 *
 * A path takes time in proportion to its length times the glob's, whatever they hold: models write globs, and as regular
 * expressions five stars can hold up the whole process for hours.
 */
export function readGlob(glob: string): (path: string) => boolean {
  let end = glob.length;
  while (end > 0 && glob.charAt(end - 1) === "/") end -= 1;
  const clean = glob.slice(glob.startsWith("./") ? 2 : 0, end);
  if (!/[*?]/.test(clean)) return (path) => path === clean || path.startsWith(`${clean}/`);
  const tokens = clean.match(/\*\*\/|\*\*|./gs) ?? [];
  return (path) => fits(path, tokens);
}

/** Of each token: 1 where what was read so far can end before it, 2 where it ends inside a folder that `**` takes in. */
function fits(path: string, tokens: readonly string[]): boolean {
  let here = new Uint8Array(tokens.length + 1);
  let next = new Uint8Array(tokens.length + 1);
  enter(tokens, 0, here);
  for (let index = 0; index < path.length; index += 1) {
    next.fill(0);
    if (!step(tokens, here, path.charAt(index), next)) return false;
    [here, next] = [next, here];
  }
  return here[tokens.length] === 1;
}

/** Stands before a token, and behind it where that can be empty. */
function enter(tokens: readonly string[], from: number, into: Uint8Array): void {
  for (let at = from; ; at += 1) {
    if (((into[at] ?? 0) & 1) === 1) return;
    into[at] = (into[at] ?? 0) | 1;
    const token = tokens[at];
    if (token !== "*" && token !== "**" && token !== "**/") return;
  }
}

/** Takes in one character; false where nothing is left that could fit. */
function step(tokens: readonly string[], here: Uint8Array, char: string, next: Uint8Array): boolean {
  const isName = char !== "/";
  let alive = false;
  for (let at = 0; at < tokens.length; at += 1) {
    if (here[at] === 0) continue;
    const token = tokens[at];
    if (token === "**/") {
      next[at] = (next[at] ?? 0) | 2;
      if (!isName) enter(tokens, at + 1, next);
    } else if (token === "**" || (token === "*" && isName)) enter(tokens, at, next);
    else if (token === char || (token === "?" && isName)) enter(tokens, at + 1, next);
    else continue;
    alive = true;
  }
  return alive;
}
