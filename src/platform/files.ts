import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
} from "node:fs";
import {
  chmod,
  copyFile,
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  rmdir,
  symlink,
  unlink,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { NimrodError } from "../errors.ts";
import { isAlive } from "./alive.ts";
import { sha256 } from "./digest.ts";

/** 16 MiB: far above any ticket, configuration or prompt, far below what would hurt. */
const defaultMaxBytes = 16 * 1024 * 1024;

/**
 * The bytes of a regular file. FIFOs, devices and folders are refused without blocking on them.
 * Throws `not_found` when nothing is there, `io` when it is no file, too large or unreadable. At once: for a promise of it
 * Node loads a module that costs each start 3 ms.
 */
export async function readFileBounded(path: string, { maxBytes }: { maxBytes: number }): Promise<Uint8Array> {
  let descriptor: number;
  try {
    // O_NONBLOCK: opening a FIFO for reading would otherwise wait for a writer for ever.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw openError(path, cause);
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new NimrodError("io", `${path} is ${whatIs(stat)}; expected a regular file`);
    if (stat.size > maxBytes) throw tooLarge(path, stat.size, maxBytes);
    return readUpTo(descriptor, path, { size: stat.size, maxBytes });
  } finally {
    closeSync(descriptor);
  }
}

/** UTF-8 text, or null when nothing is there. Throws `broken` when the bytes are no UTF-8. */
export async function readTextIfExists(path: string, maxBytes = defaultMaxBytes): Promise<string | null> {
  let bytes: Uint8Array;
  try {
    bytes = await readFileBounded(path, { maxBytes });
  } catch (error) {
    if (error instanceof NimrodError && error.code === "not_found") return null;
    throw error;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new NimrodError("broken", `${path} is not valid UTF-8`, { where: path, cause });
  }
}

/**
 * Replaces a file in one go: a reader sees the old bytes or the new ones, also after a kill or a full disk.
 *
 * @param options.mode mode of the new file; without it the mode of the replaced file, else 0644.
 * @param options.expect SHA-256 (hex) of what must be there just before the rename, null for "nothing".
 *   Anything else is a `conflict`, and nothing was written.
 */
export async function writeAtomic(
  path: string,
  content: string | Uint8Array,
  options: { mode?: number; expect?: string | null } = {},
): Promise<void> {
  const present = await lstat(path).catch(nullIfMissing);
  if (present !== null && !present.isFile()) {
    throw new NimrodError("io", `${path} is ${whatIs(present)}; only a regular file can be replaced`);
  }
  const mode = options.mode ?? (present === null ? 0o644 : present.mode & 0o7777);
  const temporary = await writeTemporary(path, content, mode);
  try {
    if (options.expect === undefined) renameSync(temporary, path);
    else replaceExpected(path, temporary, options.expect);
  } catch (error) {
    await rm(temporary, { force: true });
    throw asIo(path, error);
  }
  syncFolder(dirname(path));
}

/** Creates a file that must not exist yet, whole or not at all. False when something is already there. */
export async function createExclusive(
  path: string,
  content: string | Uint8Array,
  options: { mode?: number } = {},
): Promise<boolean> {
  const temporary = await writeTemporary(path, content, options.mode ?? 0o644);
  try {
    await link(temporary, path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw asIo(path, error);
  } finally {
    await rm(temporary, { force: true });
  }
  syncFolder(dirname(path));
  return true;
}

/** Makes a folder and its parents; one that exists already is left as it is. */
export async function ensureFolder(path: string, options: { mode?: number } = {}): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: options.mode ?? 0o755 });
  } catch (error) {
    if (codeOf(error) === "EEXIST") {
      throw new NimrodError("io", `${path} is no folder; expected one`, {
        where: path,
        hint: `ls -ld ${JSON.stringify(path)}`,
        cause: error,
      });
    }
    throw asIo(path, error);
  }
}

/** Entries sorted by name; none when the folder is missing. */
export async function listFolder(path: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw asIo(path, error);
  }
}

/** Removes a file or folder with all inside; links are removed, never followed. Missing is fine. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (codeOf(error) !== "EACCES" && codeOf(error) !== "EPERM") throw asIo(path, error);
    // Package caches (Go's, for one) make their folders read-only; their owner may still remove them.
    await makeFoldersWritable(path);
    await rm(path, { recursive: true, force: true }).catch((again: unknown) => {
      throw asIo(path, again);
    });
  }
}

/**
 * Moves a file, never over another one (`conflict`). A kill in the middle leaves two names of one file;
 * the next call finishes.
 */
export async function moveFile(from: string, to: string): Promise<void> {
  await ensureFolder(dirname(to));
  try {
    await link(from, to);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw asIo(from, error);
    if (!(await isSameFile(from, to))) {
      throw new NimrodError("conflict", `${to} exists already; ${from} was not moved over it`, { where: to });
    }
  }
  syncFolder(dirname(to));
  await unlink(from);
  syncFolder(dirname(from));
}

/** Puts a finished file or link in the place of `to`, in one go also when `from` is on another file system. */
export async function replaceWith(from: string, to: string): Promise<void> {
  await ensureFolder(dirname(to));
  try {
    await rename(from, to);
  } catch (error) {
    if (codeOf(error) !== "EXDEV") throw asIo(to, error);
    const stat = await lstat(from);
    const near = join(dirname(to), `.nimrod-${process.pid}-${randomBytes(8).toString("hex")}.tmp`);
    if (stat.isSymbolicLink()) await symlink(await readlink(from), near);
    else await copyFile(from, near, constants.COPYFILE_EXCL);
    await rename(near, to);
    await rm(from, { force: true });
  }
  syncFolder(dirname(to));
}

/** Removes the folders above `path` that are empty now, up to `root`, which stays. */
export async function removeEmptyParents(path: string, root: string): Promise<void> {
  for (let folder = dirname(path); folder.startsWith(`${root}/`); folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") return; // not empty, or not ours to remove
    }
  }
}

/** Names of the temporary files that killed processes left directly in this folder. */
export async function leftTemporaries(folder: string): Promise<string[]> {
  return (await listFolder(folder)).flatMap((entry) => {
    const pid = /^\.nimrod-(\d+)-[0-9a-f]{16}0?\.tmp$/.exec(entry.name)?.[1];
    return pid !== undefined && entry.isFile() && !isAlive(Number(pid)) ? [entry.name] : [];
  });
}

/** Removes them. */
export async function sweepTemporary(folder: string): Promise<void> {
  for (const name of await leftTemporaries(folder)) await rm(join(folder, name), { force: true });
}

export type Appender = {
  /** Writes one line (without its line feed) whole and waits for the disk. */
  append(line: string): Promise<void>;
  close(): Promise<void>;
};

/**
 * Appends whole lines; the only writer of its file. A line that could not be written whole (full disk) is
 * taken back. Throws `broken` when the file ends in half a line: `cutTornTail` first.
 */
export async function openAppender(path: string, options: { mode?: number } = {}): Promise<Appender> {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;
  let handle: FileHandle;
  try {
    handle = await open(path, flags, options.mode ?? 0o644);
  } catch (error) {
    throw asIo(path, error);
  }
  let size = (await handle.stat()).size;
  if (!(await endsInLineFeed(handle, size))) {
    await handle.close();
    throw new NimrodError("broken", `${path} ends in half a line`, { where: path });
  }
  if (size === 0) syncFolder(dirname(path));

  const appendNow = async (line: string): Promise<void> => {
    const bytes = Buffer.from(`${line}\n`);
    try {
      await handle.appendFile(bytes);
      await handle.sync();
    } catch (error) {
      await handle.truncate(size).catch(() => undefined); // the torn tail is found at the next opening
      throw asIo(path, error);
    }
    size += bytes.length;
  };

  let queue: Promise<unknown> = Promise.resolve();
  return {
    append(line) {
      if (line.includes("\n")) return Promise.reject(new TypeError("a line cannot hold a line feed"));
      const done = queue.then(() => appendNow(line));
      queue = done.catch(() => undefined); // the caller of this append is told; the next one still runs
      return done;
    },
    async close() {
      await queue;
      await handle.close();
    },
  };
}

/** Cuts what a kill left after the last line feed, and returns those bytes; null when there were none. */
export async function cutTornTail(path: string): Promise<Uint8Array | null> {
  const bytes = await readFile(path).catch(nullIfMissing);
  if (bytes === null) return null;
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end === bytes.length) return null;
  const handle = await open(path, "r+");
  try {
    await handle.truncate(end);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return bytes.subarray(end);
}

// --- below: parts of the above -------------------------------------------------------------------

/**
 * Renames over what was expected there, and over nothing else. What is replaced keeps a second name until it was looked
 * at again: an editor that writes into the file at this very moment writes there, and its text is put back. One that
 * replaces the file between the last look and the rename (two system calls) cannot be seen by any means of Node's.
 */
function replaceExpected(path: string, temporary: string, expect: string | null): void {
  const conflict = () =>
    new NimrodError("conflict", `${path} was changed by somebody else meanwhile`, { where: path });
  if (expect === null) {
    if (digestNow(path) !== null) throw conflict();
    renameSync(temporary, path);
    return;
  }
  const kept = `${temporary.slice(0, -".tmp".length)}0.tmp`;
  try {
    linkSync(path, kept);
  } catch (error) {
    if (codeOf(error) === "ENOENT") throw conflict();
    throw error;
  }
  try {
    const { ino } = lstatSync(kept);
    if (digestNow(kept) !== expect || lstatSync(path, { throwIfNoEntry: false })?.ino !== ino)
      throw conflict();
    renameSync(temporary, path);
    if (digestNow(kept) === expect) return;
    renameSync(kept, path);
    throw conflict();
  } finally {
    rmSync(kept, { force: true });
  }
}

async function writeTemporary(target: string, content: string | Uint8Array, mode: number): Promise<string> {
  const folder = dirname(target);
  // The pid lets `sweepTemporary` tell a file that somebody is writing from one that a kill left.
  const path = join(folder, `.nimrod-${process.pid}-${randomBytes(8).toString("hex")}.tmp`);
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "wx", mode);
    await handle.writeFile(bytes);
    // A full disk or a size limit can end a write early without an error: count what arrived.
    const { size } = await handle.stat();
    if (size !== bytes.length) throw new Error(`wrote ${size} of ${bytes.length} bytes`);
    await handle.chmod(mode); // not cut down by the umask: the replaced file's mode is kept
    await handle.sync();
    await handle.close();
    return path;
  } catch (error) {
    await handle?.close().catch(() => undefined); // already failing; the first error is the one to tell
    await rm(path, { force: true }).catch(() => undefined); // already failing; the first error is the one to tell
    throw notWritten(target, path, error);
  }
}

/** Of the file that was meant, not of the temporary one beside it. */
function notWritten(target: string, temporary: string, error: unknown): NimrodError {
  const why = error instanceof Error ? error.message.replaceAll(temporary, target) : String(error);
  return new NimrodError("io", `${target} was not written: ${why}`, {
    where: target,
    hint: `ls -ld ${JSON.stringify(dirname(target))}`,
    cause: error,
  });
}

function digestNow(path: string): string | null {
  try {
    return sha256(readFileSync(path));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

// A rename is on the disk only when its folder is. Some file systems cannot sync a folder; that is not a failure.
function syncFolder(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } catch (error) {
    if (codeOf(error) !== "EINVAL" && codeOf(error) !== "ENOTSUP") throw asIo(path, error);
  } finally {
    closeSync(descriptor);
  }
}

function readUpTo(
  descriptor: number,
  path: string,
  { size, maxBytes }: { size: number; maxBytes: number },
): Uint8Array {
  // One byte more than said: a file that grows while it is read must not pass the limit unseen.
  const buffer = Buffer.allocUnsafe(Math.min(size, maxBytes) + 1);
  const parts: Buffer[] = [];
  let total = 0;
  for (;;) {
    const bytesRead = readSync(descriptor, buffer, 0, buffer.length, null);
    if (bytesRead === 0)
      return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    total += bytesRead;
    if (total > maxBytes) throw tooLarge(path, total, maxBytes);
    parts.push(Buffer.from(buffer.subarray(0, bytesRead)));
  }
}

async function endsInLineFeed(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === 0x0a;
}

async function makeFoldersWritable(path: string): Promise<void> {
  const stat = await lstat(path).catch(nullIfMissing);
  if (stat === null || !stat.isDirectory()) return;
  await chmod(path, stat.mode | 0o700);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeFoldersWritable(join(path, entry.name));
  }
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([lstat(a), lstat(b)]);
  return left.dev === right.dev && left.ino === right.ino;
}

function whatIs(stat: Stats): string {
  if (stat.isDirectory()) return "a folder";
  if (stat.isSymbolicLink()) return "a symbolic link";
  if (stat.isFIFO()) return "a named pipe";
  if (stat.isSocket()) return "a socket";
  return "a device";
}

function openError(path: string, cause: unknown): NimrodError {
  const code = codeOf(cause);
  if (code === "ENOENT" || code === "ENOTDIR")
    return new NimrodError("not_found", `${path} does not exist`, { cause });
  if (code === "ENXIO")
    return new NimrodError("io", `${path} is a socket; expected a regular file`, { cause });
  return asIo(path, cause);
}

function tooLarge(path: string, size: number, maxBytes: number): NimrodError {
  return new NimrodError("io", `${path} has ${size} bytes; at most ${maxBytes} are read`, { where: path });
}

function asIo(path: string, error: unknown): NimrodError {
  if (error instanceof NimrodError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new NimrodError("io", `${path}: ${message}`, { where: path, cause: error });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function nullIfMissing(error: unknown): null {
  const code = codeOf(error);
  if (code === "ENOENT" || code === "ENOTDIR") return null;
  throw error;
}
