import { constants } from "node:fs";
import { lstat, open, realpath } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { Action, Decision } from "../authorization/action.ts";
import { parseCommand } from "../authorization/parse-command.ts";
import { staticArgv } from "../authorization/parsed-command.ts";
import { NimrodError } from "../errors.ts";
import { type ExecOutcome, exec } from "../platform/exec.ts";
import { ensureFolder, readFileBounded, writeAtomic } from "../platform/files.ts";
import { type Sandbox, wrapCommand } from "../workspace/sandbox.ts";

/** Performs one authorized action. It decides nothing: the gate has, and `decision` says what was allowed. */

export type Place = {
  /** The worktree, or a checkout; absolute, real path. */
  root: string;
  sandbox: Sandbox;
  writable: boolean;
  /** An agent with hands of its own may change `root` while an action is performed: paths are then used only inside the sandbox. */
  contested?: boolean;
  home: string;
  tmp: string;
  /** Shown read-only: object stores of git. */
  readable: string[];
  /** Prepared dependencies; `to` is relative to `root`. */
  mounts: { from: string; to: string }[];
  /** For git inside the sandbox, and the pass that this belongs to. */
  env: Record<string, string>;
  commandTimeoutMs: number;
};

export type Performed = {
  status: "done" | "failed";
  exit: number | null;
  /** `exited`, `timeout`, `signaled`…; `done` for file actions. */
  ended: string;
  stdout: string;
  stderr: string;
  truncated: boolean;
  outputDigest: string | null;
  ms: number;
  reason: string | null;
};

/** Bytes of output kept of one command; the middle is cut. */
const keptOutputBytes = 64 * 1024;
/** Bytes of a file that one read returns. */
const readBytes = 256 * 1024;
const writeBytes = 4 * 1024 * 1024;

export async function perform(
  action: Action,
  decision: Decision,
  place: Place,
  signal: AbortSignal,
): Promise<Performed> {
  const started = performance.now();
  const finish = (part: Partial<Performed>): Performed => ({
    status: "done",
    exit: null,
    ended: "done",
    stdout: "",
    stderr: "",
    truncated: false,
    outputDigest: null,
    ms: Math.round(performance.now() - started),
    reason: null,
    ...part,
  });
  try {
    switch (action.kind) {
      case "run":
        return finish(fromOutcome(await runAction(action, decision, place, signal)));
      case "write":
        if (Buffer.byteLength(action.content) > writeBytes)
          throw new NimrodError("failed", `more than ${writeBytes} bytes`);
        await writeInside(place, action.path, action.content, action.target);
        return finish({});
      case "edit":
        await writeInside(place, action.path, await edited(place, action), action.target);
        return finish({});
      case "read":
        return finish(await readInside(place, action.path, action.target));
      case "start-agent":
        return finish({});
    }
  } catch (error) {
    if (!(error instanceof NimrodError)) throw error;
    return finish({ status: "failed", ended: "refused", reason: error.message });
  }
}

/** Where a run of this action would happen, for evidence: in the sandbox, or on the host itself. */
export function vantageOf(action: Action, decision: Decision, sandbox: Sandbox): "sandbox" | "host" {
  const onHost =
    ("target" in action && action.target === "host") ||
    decision.vantage === "host" ||
    sandbox.kind === "none";
  return onHost ? "host" : "sandbox";
}

async function runAction(
  action: Extract<Action, { kind: "run" }>,
  decision: Decision,
  place: Place,
  signal: AbortSignal,
): Promise<ExecOutcome> {
  const [file, args] = commandLine(action, decision);
  const cwd = resolve(place.root, action.cwd ?? ".");
  await assertInside(place.root, cwd);
  const request = { timeoutMs: place.commandTimeoutMs, maxOutputBytes: keptOutputBytes, signal };
  if (vantageOf(action, decision, place.sandbox) === "host") {
    return exec({ ...request, file, args, cwd, env: place.env });
  }
  // The folders that prepared dependencies are shown at must exist; empty, they are nothing to git.
  for (const { to } of place.mounts) await ensureFolder(join(place.root, to));
  const wrapped = wrapCommand(place.sandbox, {
    file,
    args,
    cwd,
    env: place.env,
    writable: [...(place.writable ? [place.root] : []), place.tmp],
    readable: [...(place.writable ? [] : [place.root]), ...place.readable],
    home: place.home,
    network: (decision.needs ?? []).length > 0,
    mounts: place.mounts.map(({ from, to }) => ({ from, to: join(place.root, to) })),
  });
  return exec({ ...request, ...wrapped, cwd });
}

/**
 * Text is run by bash, whose grammar the classifier parsed; no start-up file is read. A live read outside the sandbox
 * is started by its words alone: no shell is near it.
 */
function commandLine(action: Extract<Action, { kind: "run" }>, decision: Decision): [string, string[]] {
  const words = "argv" in action ? action.argv : liveRead(action.command, decision);
  if (words === null) {
    return ["bash", ["--noprofile", "--norc", "-c", "command" in action ? action.command : ""]];
  }
  const [file, ...args] = words;
  if (file === undefined || file === "") throw new NimrodError("failed", "an empty argv");
  return [file, args];
}

function liveRead(command: string, decision: Decision): string[] | null {
  if (decision.vantage !== "host") return null;
  const parsed = parseCommand(command);
  const words = parsed.kind === "parsed" ? staticArgv(parsed) : null;
  if (words === null) throw new NimrodError("failed", "a live read of the host must be one plain command");
  return words;
}

function fromOutcome(outcome: ExecOutcome): Partial<Performed> {
  if (outcome.kind === "missing")
    return { status: "failed", exit: 127, ended: "missing", reason: outcome.message };
  const exit = outcome.kind === "exited" ? outcome.code : null;
  return {
    status: exit === 0 ? "done" : "failed",
    exit,
    ended: outcome.kind,
    stdout: outcome.stdout.text,
    stderr: outcome.stderr.text,
    truncated: outcome.stdout.truncated || outcome.stderr.truncated,
    outputDigest: outcome.stdout.sha256,
    reason: exit === null ? `ended by ${outcome.kind}` : null,
  };
}

async function edited(place: Place, action: Extract<Action, { kind: "edit" }>): Promise<string> {
  const path = await locate(place, action.path, action.target);
  const read = place.contested && action.target !== "host" ? await readThroughSandbox(place, path) : null;
  if (read?.truncated) throw new NimrodError("failed", `${action.path} is larger than ${readBytes} bytes`);
  if (read) return replaceOnce(action, read.stdout ?? "");
  const bytes = await readFileBounded(path, { maxBytes: writeBytes });
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
  const done = await execInSandbox(place, ["-c", script, "write", path], content);
  if (done.kind !== "exited" || done.code !== 0) {
    throw new NimrodError("failed", `${path} could not be written: ${tailOf(done)}`);
  }
}

async function readThroughSandbox(place: Place, path: string): Promise<Partial<Performed>> {
  const done = await execInSandbox(place, [
    "-c",
    `[ -f "$1" ] && head -c ${readBytes + 1} -- "$1"`,
    "read",
    path,
  ]);
  if (done.kind !== "exited" || done.code !== 0) {
    throw new NimrodError("failed", `${path} cannot be read: ${tailOf(done)}`);
  }
  return { stdout: done.stdout.text, truncated: done.stdout.truncated };
}

async function execInSandbox(place: Place, args: string[], stdin = ""): Promise<ExecOutcome> {
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
  const limits = { timeoutMs: fileTimeoutMs, maxOutputBytes: readBytes, stdin };
  return exec({ ...wrapped, cwd: place.root, ...limits });
}

/** One file through the sandbox; a worktree on a slow disk is still quicker. */
const fileTimeoutMs = 30_000;

function tailOf(done: ExecOutcome): string {
  return done.kind === "missing" ? done.message : done.stderr.text.trim().split("\n").at(-1) || done.kind;
}

async function readInside(
  place: Place,
  path: string,
  target: string | undefined,
): Promise<Partial<Performed>> {
  const absolute = await locate(place, path, target);
  if (place.contested && target !== "host") return readThroughSandbox(place, absolute);
  const handle = await open(absolute, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw new NimrodError("failed", `${path} cannot be read`, { cause });
  });
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw new NimrodError("failed", `${path} is not a regular file`);
    const buffer = Buffer.alloc(Math.min(facts.size, readBytes));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return { stdout: buffer.subarray(0, bytesRead).toString("utf8"), truncated: facts.size > bytesRead };
  } finally {
    await handle.close();
  }
}

/** The file's absolute path. Inside the worktree no symlink may lead out of it, whichever part of the path it is. */
async function locate(place: Place, path: string, target: string | undefined): Promise<string> {
  if (path.includes("\0")) throw new NimrodError("failed", "a path with a NUL byte");
  const absolute = resolve(place.root, path);
  if (target === "host") return absolute;
  await assertInside(place.root, absolute);
  return absolute;
}

async function assertInside(root: string, path: string): Promise<void> {
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
