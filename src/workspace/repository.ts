import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { SimpleGitOptions } from "simple-git";
import { NimrodError } from "../errors.ts";
import { alternatesOf } from "./object-folders.ts";

/**
 * Where a git command works. Nothing is discovered: git gets its folders by name, so no `.git` file and no
 * parent folder can send it elsewhere.
 */
export type GitPlace = {
  gitDir: string;
  /** Also the current folder of the command. */
  workTree: string;
  indexFile?: string;
  /** Where new objects go, when not into `gitDir`. The ones there are found as well. */
  objects?: string;
  identity?: { author: Person; committer: Person };
  /** More `name=value` configuration, stronger than the repository's. */
  settings?: readonly string[];
  /** For the one command that tells git which program merges tickets: simple-git refuses it otherwise. */
  configuresMerge?: true;
};

export type Person = { name: string; email: string };

export const nimrodPerson: Person = { name: "Nimrod", email: "nimrod@localhost" };

type GitResult = { code: number; stdout: string; stderr: string };
type Input = string | Uint8Array;

/** Runs git; a non-zero exit is a NimrodError `failed` with what git said. Returns stdout as it is. */
export async function git(place: GitPlace, args: readonly string[], input?: Input): Promise<string> {
  const result = await tryGit(place, args, input);
  if (result.code !== 0) throw gitFailed(args, result);
  return result.stdout;
}

/** Runs git where a non-zero exit is an answer. */
export async function tryGit(place: GitPlace, args: readonly string[], input?: Input): Promise<GitResult> {
  return await run(pinnedEnvironment(place), place, args, input);
}

/** The bytes of an object: `cat-file blob <spec>`; null when there is none of that name. */
export async function gitBlob(place: GitPlace, spec: string): Promise<Uint8Array | null> {
  const found = await tryGit(place, ["cat-file", "-e", "--end-of-options", spec]);
  if (found.code !== 0) return null;
  const task = await connect(pinnedEnvironment(place), place);
  const bytes: unknown = await task.binaryCatFile(["blob", spec]);
  if (!Buffer.isBuffer(bytes)) throw new Error(`cat-file gave no bytes for ${spec}`);
  return bytes;
}

export type OperatorRepository = {
  /** Real path of the checkout; `tickets/` is directly below. */
  root: string;
  /** Absolute common git folder (of the main checkout, when this one is a linked worktree). */
  gitDir: string;
  objectFormat: "sha1" | "sha256";
  /** Object folders with all alternates: what a sandbox must show for git to read this history. */
  objectFolders: string[];
  /** This checkout's own git folder, index and working files. */
  place: GitPlace;
  head(): Promise<{ branch: string | null; commit: string }>;
  /** Who commits here by the operator's own configuration. */
  identity(): Promise<Person | null>;
  isTracked(path: string): Promise<boolean>;
  /** The commit that a revision names; null when it names none. */
  resolve(revision: string): Promise<string | null>;
  isAncestor(ancestor: string, descendant: string): Promise<boolean>;
  /** Commits in `from..to` that touch one of these paths, newest first. */
  commitsTouching(from: string, to: string, paths: readonly string[]): Promise<string[]>;
  /** Values of the operator's whole configuration (system, user, repository) whose names match. */
  config(pattern: string): Promise<Map<string, string>>;
};

/** The operator's repository. Throws `failed` with what to do when there is none, none here, or no commit. */
export async function openOperatorRepository(projectRoot: string): Promise<OperatorRepository> {
  const root = await realpath(projectRoot);
  const found = await run(operatorEnvironment(), { workTree: root }, [
    "rev-parse",
    "--path-format=absolute",
    "--show-toplevel",
    "--git-dir",
    "--git-common-dir",
    "--show-object-format",
  ]);
  if (found.code !== 0) {
    const isNone = found.stderr.includes("not a git repository");
    throw new NimrodError("failed", `${root}: ${found.stderr.trim().replace(/^fatal: /, "")}`, {
      hint: isNone ? "git init && git add -A && git commit -m 'First commit'" : undefined,
    });
  }
  const [top = "", ownGitDir = "", gitDir = "", format] = found.stdout.split("\n");
  if (top !== root) {
    throw new NimrodError(
      "failed",
      `${root} is a folder inside the repository ${top}; tickets/ must be at its top`,
      {
        hint: `cd ${top} && nimrod init`,
      },
    );
  }
  const place: GitPlace = { gitDir: ownGitDir, workTree: root };
  const resolve = async (revision: string): Promise<string | null> => {
    const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
    const { code, stdout } = await tryGit(place, args);
    return code === 0 ? stdout.trim() : null;
  };
  if ((await resolve("HEAD")) === null) {
    throw new NimrodError("failed", `${root} has no commit yet; a ticket's work starts from one`, {
      hint: "git add -A && git commit -m 'First commit'",
    });
  }

  return {
    root,
    gitDir,
    objectFormat: format === "sha256" ? "sha256" : "sha1",
    objectFolders: await alternatesOf(join(gitDir, "objects")),
    place,
    resolve,
    async head() {
      const commit = (await git(place, ["rev-parse", "--verify", "HEAD^{commit}"])).trim();
      const symbolic = await tryGit(place, ["symbolic-ref", "--quiet", "--short", "HEAD"]);
      return { branch: symbolic.code === 0 ? symbolic.stdout.trim() : null, commit };
    },
    async identity() {
      const values = await readConfig(place, "^user\\.(name|email)$");
      const name = values.get("user.name");
      const email = values.get("user.email");
      return name === undefined || email === undefined ? null : { name, email };
    },
    async isTracked(path) {
      return (await tryGit(place, ["ls-files", "--error-unmatch", "-z", "--", path])).code === 0;
    },
    async isAncestor(ancestor, descendant) {
      const args = ["merge-base", "--is-ancestor", "--end-of-options", ancestor, descendant];
      const result = await tryGit(place, args);
      if (result.code > 1) throw gitFailed(args, result);
      return result.code === 0;
    },
    async commitsTouching(from, to, paths) {
      const args = ["rev-list", "--end-of-options", `${from}..${to}`, "--", ...paths];
      return (await git(place, args)).split("\n").filter((line) => line !== "");
    },
    config: (pattern) => readConfig(place, pattern),
  };
}

/** This folder's own git place, also before the first commit; null where there is no repository with its top here. */
export async function findGitPlace(folder: string): Promise<GitPlace | null> {
  const root = await realpath(folder);
  const found = await run(operatorEnvironment(), { workTree: root }, [
    "rev-parse",
    "--path-format=absolute",
    "--show-toplevel",
    "--git-dir",
  ]);
  const [top, gitDir = ""] = found.stdout.split("\n");
  return found.code === 0 && top === root ? { gitDir, workTree: root } : null;
}

// --- the door ------------------------------------------------------------------------------------

// For the operator's own git folder, whose configuration is not ours. Commands there only read refs and
// objects or move a ref; files are checked out and hashed with Nimrod's git folder, which configures nothing.
const overrides = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.untrackedCache=false",
  "core.attributesFile=/dev/null",
  "core.excludesFile=/dev/null",
  "core.quotePath=false",
  "core.pager=cat",
  "protocol.allow=never",
  "protocol.ext.allow=never",
  "commit.gpgSign=false",
  "tag.gpgSign=false",
  "log.showSignature=false",
  "diff.ignoreSubmodules=all",
  "submodule.recurse=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "advice.detachedHead=false",
];

// simple-git refuses these names wherever they come from; here they only ever switch something off.
const unsafe: NonNullable<SimpleGitOptions["unsafe"]> = {
  allowUnsafeHooksPath: true,
  allowUnsafeFsMonitor: true,
  allowUnsafePager: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeConfigPaths: true,
};

/** A git command that prints nothing for this long is stopped. */
const silenceMs = 300_000;

function pinnedEnvironment(place: GitPlace): Record<string, string> {
  const env: Record<string, string> = {
    ...systemEnvironment(),
    HOME: "/nonexistent",
    GIT_DIR: place.gitDir,
    GIT_WORK_TREE: place.workTree,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
  };
  if (place.indexFile !== undefined) env["GIT_INDEX_FILE"] = place.indexFile;
  if (place.objects !== undefined) {
    env["GIT_OBJECT_DIRECTORY"] = place.objects;
    env["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = join(place.gitDir, "objects");
  }
  if (place.identity !== undefined) {
    const { author, committer } = place.identity;
    env["GIT_AUTHOR_NAME"] = author.name;
    env["GIT_AUTHOR_EMAIL"] = author.email;
    env["GIT_COMMITTER_NAME"] = committer.name;
    env["GIT_COMMITTER_EMAIL"] = committer.email;
  }
  return env;
}

/** For finding the repository and reading configuration as the operator's own git would; neither runs anything. */
function operatorEnvironment(): Record<string, string> {
  return { ...systemEnvironment(), ...inherited(["HOME", "XDG_CONFIG_HOME"]) };
}

function systemEnvironment(): Record<string, string> {
  return {
    ...inherited(["PATH", "TMPDIR", "TZ"]),
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
  };
}

function inherited(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

async function readConfig(place: GitPlace, pattern: string): Promise<Map<string, string>> {
  const env = { ...operatorEnvironment(), GIT_DIR: place.gitDir, GIT_WORK_TREE: place.workTree };
  const { stdout } = await run(env, place, ["config", "--null", "--get-regexp", pattern]);
  return new Map(
    stdout
      .split("\0")
      .filter((entry) => entry !== "")
      .map((entry): [string, string] => {
        const cut = entry.indexOf("\n");
        return cut < 0 ? [entry, "true"] : [entry.slice(0, cut), entry.slice(cut + 1)];
      }),
  );
}

type Whereabouts = Pick<GitPlace, "workTree" | "settings" | "configuresMerge">;

class GitExit extends Error {
  readonly code: number;
  constructor(code: number, stderr: string) {
    super(stderr);
    this.code = code;
  }
}

async function run(
  env: Record<string, string>,
  at: Whereabouts,
  args: readonly string[],
  input?: Input,
): Promise<GitResult> {
  let stdout = "";
  let stderr = "";
  let code = 0;
  const task = await connect(env, at, {
    ...(input === undefined ? {} : { input: () => Buffer.from(input) }),
    errors(error, result) {
      if (error === undefined && result.exitCode === 0) return undefined;
      stdout = Buffer.concat(result.stdOut).toString("utf8");
      stderr = Buffer.concat(result.stdErr).toString("utf8");
      code = result.exitCode;
      return error ?? new GitExit(result.exitCode, stderr);
    },
  });
  try {
    return { code: 0, stdout: await task.raw([...args]), stderr: "" };
  } catch (error) {
    if (code > 0) return { code, stdout, stderr };
    throw new NimrodError(
      "failed",
      `git ${args[0] ?? ""}: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}

async function connect(env: Record<string, string>, at: Whereabouts, more: Partial<SimpleGitOptions> = {}) {
  const { simpleGit } = await import("simple-git"); // 38 ms that a listing must not pay
  const guarded = Object.keys(env).filter((name) => name.startsWith("GIT_"));
  return simpleGit({
    baseDir: at.workTree,
    config: [...overrides, ...(at.settings ?? [])],
    unsafe: at.configuresMerge === true ? { ...unsafe, allowUnsafeMergeDriver: true } : unsafe,
    allowEnvironment: guarded,
    timeout: { block: silenceMs },
    trimmed: false,
    ...more,
  })
    .outputHandler((_command, stdout) => {
      // simple-git 4.0.2 waits another 50 ms after a command that printed nothing; an empty chunk counts as output.
      process.nextTick(() => stdout.emit("data", Buffer.alloc(0)));
    })
    .env(env);
}

function gitFailed(args: readonly string[], { code, stderr }: GitResult): NimrodError {
  return new NimrodError(
    "failed",
    `git ${args[0] ?? ""} ended with ${code}: ${stderr.trim().slice(0, 2_000)}`,
  );
}
