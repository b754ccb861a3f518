import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Action } from "../authorization/action.ts";
import { isSecretPath } from "../authorization/secret-paths.ts";
import { NimrodError } from "../errors.ts";
import type { ExecOutcome } from "../platform/exec.ts";
import { matchesAny } from "../workspace/diff-facts.ts";
import { execInSandbox, locate, tailOf } from "./file-actions.ts";
import { look } from "./looking-sandbox.ts";
import type { Performed, Place } from "./place.ts";

/** Looks for files and in files of the worktree. No link is followed, and no ignore file of the repository obeyed. */

/** Names that one listing looks at. */
const maxEntries = 50_000;
const resultBytes = 256 * 1024;
/** Left out, unless the path names them: nobody's work is in there. */
const skipped = [".git", "node_modules"];
const lineCharacters = 300;
const searchMs = 30_000;

export async function listFiles(
  place: Place,
  action: Extract<Action, { kind: "list" }>,
): Promise<Partial<Performed>> {
  const folder = await locate(place, action.path, action.target);
  if ((await lstat(folder).catch(() => null)) === null)
    throw new NimrodError("failed", `${action.path} is not there`);
  const skip = skippedFor(action.path);
  const found = place.contested
    ? await namesThroughSandbox(place, folder, skip)
    : await namesBelow(folder, skip);
  const paths: string[] = [];
  for (const [index, name] of found.names.entries()) {
    // A glob that looks costly to match must not keep the clocks and the operator's keys waiting.
    if (index % 500 === 499) await setImmediate();
    const path = relative(place.root, name).split(sep).join("/");
    if (action.glob === undefined || fits(path, action.glob)) paths.push(path);
  }
  paths.sort();
  const text = paths.map((path) => `${onOneLine(path)}\n`).join("");
  const kept = text.slice(0, text.lastIndexOf("\n", resultBytes) + 1);
  return { stdout: kept, truncated: found.truncated || kept.length < text.length };
}

type Names = { names: string[]; truncated: boolean };

async function namesBelow(top: string, skip: readonly string[]): Promise<Names> {
  if (!(await lstat(top)).isDirectory()) return { names: [top], truncated: false };
  const names: string[] = [];
  const folders = [top];
  let seen = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries: Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      seen += 1;
      if (seen > maxEntries) return { names, truncated: true };
      if (skip.includes(entry.name)) continue;
      if (entry.isDirectory()) folders.push(join(folder, entry.name));
      else names.push(join(folder, entry.name));
    }
  }
  return { names, truncated: false };
}

/** With other hands in the worktree a folder could become a link while it is walked. */
async function namesThroughSandbox(place: Place, folder: string, skip: readonly string[]): Promise<Names> {
  const script = `top=$1; shift; find "$top" "$@" | head -z -n ${maxEntries}`;
  const prune = skip.flatMap((name) => ["-name", name, "-prune", "-o"]);
  const args = ["-c", script, "list", folder, ...prune, "!", "-type", "d", "-print0"];
  const maxBytes = 8 * 1024 * 1024;
  const done = await execInSandbox(place, args, { maxBytes });
  if (done.kind !== "exited" || done.code !== 0)
    throw new NimrodError("failed", `cannot be listed: ${tailOf(done)}`);
  const names = done.stdout.text.split("\0").filter((name) => name.startsWith(folder));
  return { names, truncated: done.stdout.truncated || names.length >= maxEntries };
}

export async function searchFiles(
  place: Place,
  action: Extract<Action, { kind: "search" }>,
  signal: AbortSignal,
): Promise<Partial<Performed>> {
  const absolute = await locate(place, action.path, action.target);
  if ((await lstat(absolute).catch(() => null)) === null)
    throw new NimrodError("failed", `${action.path} is not there`);
  const at = `./${relative(place.root, absolute)}`;
  const withRipgrep = await look(place, ripgrepArgv(action, at), place.root, { ...limits, signal });
  const isMissing =
    withRipgrep.kind === "missing" || (withRipgrep.kind === "exited" && withRipgrep.code === 127);
  const done = isMissing
    ? await look(place, grepArgv(action, at), place.root, { ...limits, signal })
    : withRipgrep;
  return resultOf(place, action, done);
}

const limits = { timeoutMs: searchMs, maxOutputBytes: 2 * resultBytes, killOnFlood: true };

function ripgrepArgv(action: Extract<Action, { kind: "search" }>, at: string): string[] {
  return [
    "rg",
    "--no-config",
    "--null",
    "--line-number",
    "--with-filename",
    "--no-heading",
    "--color=never",
    "--hidden",
    "--no-ignore",
    "--sort=path",
    "--max-columns=4096",
    "--max-columns-preview",
    ...(action.glob === undefined ? [] : [`--glob=${action.glob}`]),
    ...skippedFor(action.path).map((name) => `--glob=!${name}`),
    "-e",
    action.pattern,
    "--",
    at,
  ];
}

function grepArgv(action: Extract<Action, { kind: "search" }>, at: string): string[] {
  return [
    "grep",
    "-rnIEHZ",
    "--color=never",
    ...(action.glob === undefined ? [] : [`--include=${basename(action.glob)}`]),
    ...skippedFor(action.path).map((name) => `--exclude-dir=${name}`),
    "-e",
    action.pattern,
    "--",
    at,
  ];
}

/** Both programs answer `path NUL line:text`, so that no file name can look like a match. */
function resultOf(
  place: Place,
  action: Extract<Action, { kind: "search" }>,
  done: ExecOutcome,
): Partial<Performed> {
  if (done.kind === "missing") throw new NimrodError("failed", done.message);
  const { text, truncated } = done.stdout;
  // Of more than was kept, what comes before the cut: the beginning is what is shown.
  const whole = truncated ? (text.split(/\n\[… \d+ bytes cut …\]\n/)[0] ?? "") : text;
  const matches = matchesIn(whole);
  // 1: nothing found. 2: some files could not be read, or the pattern is no pattern.
  if (matches.length === 0 && !(done.kind === "exited" && done.code < 2)) {
    throw new NimrodError("failed", `the search failed: ${tailOf(done)}`);
  }
  const wanted = matches.filter(({ path }) => action.glob === undefined || fits(path, action.glob));
  const isSecret = (path: string) => isSecretPath(join(place.root, path), place.home);
  const named = isSecret(action.path);
  const shown = wanted.filter(({ path }) => named || !isSecret(path));
  const hidden = wanted.length - shown.length;
  return {
    stdout: shown.map((match) => `${onOneLine(match.path)}:${match.text}\n`).join(""),
    truncated: done.kind !== "exited" || truncated,
    outputDigest: done.stdout.sha256,
    reason:
      hidden === 0
        ? null
        : `${hidden} matching lines are in files that usually hold secrets; name such a file in path to ask for it`,
  };
}

/** Step by step: a file can be one line without an end, and an expression that looks for it again and again takes minutes. */
function matchesIn(output: string): { path: string; text: string }[] {
  const matches: { path: string; text: string }[] = [];
  for (let at = 0; ; ) {
    const nul = output.indexOf("\0", at);
    const end = nul < 0 ? -1 : output.indexOf("\n", nul);
    if (end < 0) return matches;
    const text = output.slice(nul + 1, Math.min(end, nul + 1 + lineCharacters));
    if (/^\d+:/.test(text)) matches.push({ path: output.slice(at, nul).replace(/^\.\//, ""), text });
    at = end + 1;
  }
}

function skippedFor(path: string): string[] {
  const names = path.split("/");
  return skipped.filter((name) => !names.includes(name));
}

/** A file's name must not look like another line of the answer. */
function onOneLine(path: string): string {
  return /\p{Cc}/u.test(path) ? JSON.stringify(path) : path;
}

/** A glob without a slash is about file names, in whichever folder. */
function fits(path: string, glob: string): boolean {
  return matchesAny(path, [glob.includes("/") ? glob.replace(/^\//, "") : `**/${glob}`]);
}
