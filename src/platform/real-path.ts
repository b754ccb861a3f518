import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** Symbolic links of an absolute path followed as far as it exists; the rest is kept as it is. */
export function realPathSoFar(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not there (yet), or not readable: what is above it decides.
    const parent = dirname(path);
    return parent === path ? path : join(realPathSoFar(parent), path.slice(parent.length));
  }
}
