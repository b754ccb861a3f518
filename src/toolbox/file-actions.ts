import { constants } from "node:fs";
import { lstat, open, realpath } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { Action } from "../authorization/action.ts";
import { NimrodError } from "../errors.ts";
import { type ExecOutcome, exec } from "../platform/exec.ts";
import { ensureFolder, readFileBounded, writeAtomic } from "../platform/files.ts";
import { wrapCommand } from "../workspace/sandbox.ts";
import type { Performed, Place } from "./place.ts";

/** Reads and writes one file of the worktree: no link leads out of it, and no other hand gets between look and use. */

/** Bytes of a file that one read without lines returns. */
const readBytes = 256 * 1024;
/** Bytes of a file that is read by lines: all of it goes through the redactor, for every read. */
const countedBytes = 1024 * 1024;
/** Bytes of a file that is written or edited. */
const fileBytes = 4 * 1024 * 1024;

export async function writeFile(place: Place, action: Extract<Action, { kind: "write" }>): Promise<void> {
  if (Buffer.byteLength(action.content) > fileBytes)
    throw new NimrodError("failed", `more than ${fileBytes} bytes`);
  await writeInside(place, action.path, action.content, action.target);
}

export async function editFile(place: Place, action: Extract<Action, { kind: "edit" }>): Promise<void> {
  await writeInside(place, action.path, await edited(place, action), action.target);
}

async function edited(place: Place, action: Extract<Action, { kind: "edit" }>): Promise<string> {
  const path = await locate(place, action.path, action.target);
  const read =
    place.contested && action.target !== "host" ? await readThroughSandbox(place, path, readBytes) : null;
  if (read?.truncated) throw new NimrodError("failed", `${action.path} is larger than ${readBytes} bytes`);
  if (read) return replaceOnce(action, read.stdout ?? "");
  const bytes = await readFileBounded(path, { maxBytes: fileBytes });
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new NimrodError("failed", `${action.path} is not UTF-8 text`);
  }
  return replaceOnce(action, text);
}

function replaceOnce(action: Extract<Action, { kind: "edit" }>, text: string): string {
  const first = text.indexOf(action.old);
  if (action.old === "" || first < 0)
    throw new NimrodError("failed", `${action.path} does not hold the text to replace`);
  if (text.indexOf(action.old, first + 1) >= 0) {
    throw new NimrodError("failed", `${action.path} holds the text to replace more than once`);
  }
  return text.slice(0, first) + action.new + text.slice(first + action.old.length);
}

async function writeInside(
  place: Place,
  path: string,
  content: string,
  target: string | undefined,
): Promise<void> {
  const absolute = await locate(place, path, target);
  if (place.contested && target !== "host") return writeThroughSandbox(place, absolute, content);
  const present = await lstat(absolute).catch(() => null);
  if (present && !present.isFile()) throw new NimrodError("failed", `${path} is not a regular file`);
  await ensureFolder(dirname(absolute));
  // An executable script stays executable.
  await writeAtomic(absolute, content, present ? { mode: present.mode & 0o777 } : {});
}

/**
 * Between a check of a path and its use, an agent could put a link there. In the sandbox there is nothing outside the
 * worktree that a link could lead to.
 */
async function writeThroughSandbox(place: Place, path: string, content: string): Promise<void> {
  const script =
    'set -e; d=$(dirname -- "$1"); mkdir -p -- "$d"; t=$(mktemp -- "$d/.nimrod-XXXXXX"); cat > "$t"; ' +
    'if [ -e "$1" ]; then chmod --reference="$1" -- "$t"; else chmod 644 -- "$t"; fi; mv -T -- "$t" "$1"';
  const done = await execInSandbox(place, ["-c", script, "write", path], { stdin: content });
  if (done.kind !== "exited" || done.code !== 0) {
    throw new NimrodError("failed", `${path} could not be written: ${tailOf(done)}`);
  }
}

async function readThroughSandbox(place: Place, path: string, maxBytes: number): Promise<Partial<Performed>> {
  const script = `[ -f "$1" ] && head -c ${maxBytes + 1} -- "$1"`;
  const done = await execInSandbox(place, ["-c", script, "read", path], { maxBytes });
  if (done.kind !== "exited" || done.code !== 0) {
    throw new NimrodError("failed", `${path} cannot be read: ${tailOf(done)}`);
  }
  return { stdout: done.stdout.text, truncated: done.stdout.truncated };
}

/** bash in the pass's own sandbox, with nothing but the worktree. */
export async function execInSandbox(
  place: Place,
  args: string[],
  { stdin = "", maxBytes = readBytes }: { stdin?: string; maxBytes?: number } = {},
): Promise<ExecOutcome> {
  const wrapped = wrapCommand(place.sandbox, {
    file: "bash",
    args: ["--noprofile", "--norc", ...args],
    cwd: place.root,
    env: place.env,
    writable: place.writable ? [place.root, place.tmp] : [place.tmp],
    readable: place.writable ? [] : [place.root],
    home: place.home,
    network: false,
  });
  const limits = { timeoutMs: fileTimeoutMs, maxOutputBytes: maxBytes, stdin };
  return exec({ ...wrapped, cwd: place.root, ...limits });
}

/** One file through the sandbox; a worktree on a slow disk is still quicker. */
const fileTimeoutMs = 30_000;

export function tailOf(done: ExecOutcome): string {
  return done.kind === "missing" ? done.message : done.stderr.text.trim().split("\n").at(-1) || done.kind;
}

/** Text of a file: its beginning, or where lines of it are wanted, the whole of it, so that they can be counted. */
export async function readFile(
  place: Place,
  action: Extract<Action, { kind: "read" }>,
): Promise<Partial<Performed>> {
  const { path, target } = action;
  const maxBytes = action.offset === undefined && action.limit === undefined ? readBytes : countedBytes;
  const absolute = await locate(place, path, target);
  if (place.contested && target !== "host") return readThroughSandbox(place, absolute, maxBytes);
  const handle = await open(absolute, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw new NimrodError("failed", `${path} cannot be read`, { cause });
  });
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw new NimrodError("failed", `${path} is not a regular file`);
    const buffer = Buffer.alloc(Math.min(facts.size, maxBytes));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return { stdout: buffer.subarray(0, bytesRead).toString("utf8"), truncated: facts.size > bytesRead };
  } finally {
    await handle.close();
  }
}

/** The file's absolute path. Inside the worktree no symlink may lead out of it, whichever part of the path it is. */
export async function locate(place: Place, path: string, target: string | undefined): Promise<string> {
  if (path.includes("\0")) throw new NimrodError("failed", "a path with a NUL byte");
  const absolute = resolve(place.root, path);
  if (target === "host") return absolute;
  await assertInside(place.root, absolute);
  return absolute;
}

export async function assertInside(root: string, path: string): Promise<void> {
  const realRoot = await realpath(root);
  let existing = path;
  // The nearest part that exists decides: what is below it will be made by us, as plain folders.
  while ((await lstat(existing).catch(() => null)) === null && dirname(existing) !== existing)
    existing = dirname(existing);
  const real = join(await realpath(existing).catch(() => existing), relative(existing, path));
  if (real !== realRoot && !real.startsWith(realRoot + sep)) {
    throw new NimrodError("failed", `${path} leads out of the worktree`);
  }
}
