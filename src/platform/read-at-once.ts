import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from "node:fs";

/** Synchronous reading for whoever reads thousands of small files: a promise for each costs more than the file does. */

export type ReadNow =
  | { kind: "bytes"; bytes: Uint8Array; stat: Stats }
  | { kind: "missing" }
  /** Never of the file's content. */
  | { kind: "unreadable"; why: string };

/** Most files fit; one that does not gets a buffer of its own. */
let shared: Buffer | undefined;
const sharedSize = 64 * 1024;

/**
 * The bytes of a regular file, the caller's own. `stat` is from before the reading, so a file that changes meanwhile does
 * not look as if it had not. FIFOs, devices and links are refused at once.
 */
export function readNow(path: string, maxBytes: number): ReadNow {
  let descriptor: number;
  try {
    // O_NONBLOCK: opening a FIFO would otherwise wait for a writer for ever.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    return codeOf(error) === "ENOENT" ? { kind: "missing" } : unreadable(error);
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return { kind: "unreadable", why: "it is no regular file" };
    if (stat.size > maxBytes) {
      return { kind: "unreadable", why: `the file has ${stat.size} bytes; at most ${maxBytes} are read` };
    }
    shared ??= Buffer.allocUnsafeSlow(sharedSize);
    const buffer = stat.size < sharedSize ? shared : Buffer.allocUnsafe(maxBytes + 1);
    let length = 0;
    // Until nothing comes: the file may grow while it is read.
    for (let count = -1; count !== 0 && length < buffer.length; length += count) {
      count = readSync(descriptor, buffer, length, buffer.length - length, null);
    }
    if (length === buffer.length) return { kind: "unreadable", why: "the file grows while it is read" };
    // A copy: the next call uses the buffer again, and whoever compares two files would compare one with itself.
    return { kind: "bytes", bytes: Buffer.from(buffer.subarray(0, length)), stat };
  } catch (error) {
    return unreadable(error);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * `lstat` of each of these names of a folder, undefined for one that is gone. Asked from within the folder, which is
 * twice as fast as by long paths; the process is back where it was before this returns.
 *
 * @param folder absolute
 */
export function lookAtEach(
  folder: string,
  names: readonly string[],
  see: (at: number, stat: Stats | undefined) => void,
): void {
  const home = enter(folder);
  const prefix = home === null ? `${folder}/` : "";
  try {
    for (let at = 0; at < names.length; at += 1)
      see(at, lstatSync(`${prefix}${names[at]}`, { throwIfNoEntry: false }));
  } finally {
    if (home !== null) process.chdir(home);
  }
}

/** The folder to go back to; null when there is no way there, or none back. */
function enter(folder: string): string | null {
  try {
    const home = process.cwd();
    // A folder that one may be in and not go to: whoever left it would not get back.
    process.chdir(home);
    process.chdir(folder);
    return home;
  } catch {
    return null;
  }
}

function unreadable(error: unknown): ReadNow {
  return { kind: "unreadable", why: error instanceof Error ? error.message : String(error) };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
