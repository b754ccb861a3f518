import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { isAlive } from "./alive.ts";

/**
 * Files that only save work: the reader takes what it can trust, the writer's failure costs nothing but speed.
 * Written by the user alone, in one go, the last writer wins.
 */

/** The bytes of a file of ours alone; null for one that is missing, unreadable, not regular or somebody else's. */
export function readCache(path: string, maxBytes = 256 * 1024 * 1024): Buffer | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch {
    return null; // made anew by whoever wanted it
  }
  try {
    const stat = fstatSync(descriptor);
    const isOurs = process.getuid === undefined || stat.uid === process.getuid();
    if (!stat.isFile() || !isOurs || (stat.mode & 0o022) !== 0 || stat.size > maxBytes) return null;
    const bytes = Buffer.allocUnsafe(stat.size);
    return readSync(descriptor, bytes, 0, stat.size, 0) === stat.size ? bytes : null;
  } catch {
    return null; // the same
  } finally {
    closeSync(descriptor);
  }
}

/** Replaces the file, mode 0600. False when that is not possible here. */
export function writeCache(path: string, content: string | Uint8Array): boolean {
  const temporary = `${path}.${process.pid}-${process.hrtime.bigint().toString(36)}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const descriptor = openSync(temporary, "wx", 0o600);
    try {
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      // A full disk can end a write early without an error.
      if (writeSync(descriptor, bytes) !== bytes.length) throw new Error("cut short");
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
    sweep(path);
    return true;
  } catch {
    // Nothing is lost: it is worked out again the next time.
    try {
      unlinkSync(temporary);
    } catch {
      // It was never made.
    }
    return false;
  }
}

/** What writers of this file left that were killed before the rename: as large as the file, and nobody else's to remove. */
function sweep(path: string): void {
  const start = `${basename(path)}.`;
  for (const name of readdirSync(dirname(path))) {
    const pid = name.startsWith(start)
      ? /^(\d+)-[0-9a-z]+\.tmp$/.exec(name.slice(start.length))?.[1]
      : undefined;
    if (pid !== undefined && !isAlive(Number(pid))) unlinkSync(join(dirname(path), name));
  }
}
