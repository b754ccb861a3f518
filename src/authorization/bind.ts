import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { digestOf, sha256 } from "../platform/digest.ts";
import { readFileBounded } from "../platform/files.ts";
import type { Action } from "./action.ts";
import { parseCommand } from "./parse-command.ts";

/** Everything that an approval of one action is bound to. Changing any field by one byte voids the approval. */
export type BoundAction = {
  action: Action;
  executables: { path: string; sha256: string }[];
  cwd: string;
  /** Names and digests of the environment's values. */
  env: Record<string, string>;
  inputs: { path: string; sha256: string }[];
  target: string;
  plan: string | null;
  policy: string;
  ticketText: string;
};

export type BindFacts = {
  worktree: string;
  env: Record<string, string>;
  plan: string | null;
  policy: string;
  ticketText: string;
  /** Inputs that the plan declares beyond the files named in argv. */
  declaredInputs?: string[];
  /** Content that an earlier step of the same plan will have written, by path relative to the worktree. */
  promised?: ReadonlyMap<string, string>;
};

/** Inputs larger than this are bound by size and time instead of being read. */
const hashedInputBytes = 64 * 1024 * 1024;

export function boundDigest(bound: BoundAction): string {
  return digestOf("nimrod/action/v1", bound);
}

/** Resolves and hashes what the action names. Called when approval is asked and again just before the start. */
export async function bindAction(action: Action, facts: BindFacts): Promise<BoundAction> {
  const cwd = action.kind === "run" ? resolve(facts.worktree, action.cwd ?? ".") : facts.worktree;
  const words = wordsOf(action);
  const executables: BoundAction["executables"] = [];
  for (const name of new Set(words.commands)) {
    const path = await findExecutable(name, cwd, facts.env["PATH"] ?? "");
    if (path) executables.push({ path, sha256: (await fileDigest(path)) ?? "unreadable" });
  }
  const inputs = new Map<string, string>();
  for (const word of [...words.operands, ...(facts.declaredInputs ?? [])]) {
    const digest = await inputDigest(word, cwd, facts);
    if (digest) inputs.set(word, digest);
  }
  return {
    action,
    executables,
    cwd: await realpath(cwd).catch(() => cwd),
    env: Object.fromEntries(Object.entries(facts.env).map(([name, value]) => [name, sha256(value)])),
    inputs: [...inputs]
      .map(([path, digest]) => ({ path, sha256: digest }))
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
    target: ("target" in action && action.target) || "worktree",
    plan: facts.plan,
    policy: facts.policy,
    ticketText: facts.ticketText,
  };
}

function wordsOf(action: Action): { commands: string[]; operands: string[] } {
  switch (action.kind) {
    case "run": {
      if ("argv" in action) return { commands: action.argv.slice(0, 1), operands: action.argv.slice(1) };
      const parsed = parseCommand(action.command);
      // Text that does not parse is bound by itself alone, and runs under bash.
      if (parsed.kind === "unparsed") return { commands: ["bash"], operands: [] };
      // Values, not spellings: a quoted name is the same file. What is known only at run time names nothing here.
      const words = parsed.commands.map((command) => command.words.flatMap((word) => word.value ?? []));
      const read = parsed.commands.flatMap((command) =>
        command.redirects.flatMap((each) => (each.kind === "read" ? (each.target.value ?? []) : [])),
      );
      return {
        commands: ["bash", ...words.flatMap((each) => each.slice(0, 1))],
        operands: [...words.flatMap((each) => each.slice(1)), ...read],
      };
    }
    case "write":
    case "edit":
    case "read":
    case "list":
    case "search":
      return { commands: [], operands: [action.path] };
    case "fetch":
    case "start-agent":
      return { commands: [], operands: [] };
  }
}

async function inputDigest(word: string, cwd: string, facts: BindFacts): Promise<string | null> {
  for (const name of namesIn(word)) {
    const path = isAbsolute(name) ? name : join(cwd, name);
    const promised = facts.promised?.get(
      path.startsWith(`${facts.worktree}/`) ? path.slice(facts.worktree.length + 1) : path,
    );
    const digest = promised === undefined ? await fileDigest(path) : sha256(promised);
    if (digest !== null) return digest;
  }
  return null;
}

/** `--config=x`, `-fx`, `if=x` and `@x` name a file as much as `x` does. */
function namesIn(word: string): string[] {
  const value = word.slice(word.indexOf("=") + 1);
  const names = word.startsWith("-") ? [value, word.slice(2)] : [word, value];
  return [...names, ...names.map((name) => name.replace(/^@/, ""))].filter(
    (name) => name !== "" && !name.includes("\0"),
  );
}

async function fileDigest(path: string): Promise<string | null> {
  const facts = await stat(path).catch(() => null);
  if (!facts?.isFile()) return null;
  if (facts.size > hashedInputBytes) return `large:${facts.size}:${facts.mtimeMs}`;
  return sha256(await readFileBounded(path, { maxBytes: hashedInputBytes }));
}

async function findExecutable(name: string, cwd: string, path: string): Promise<string | null> {
  const candidates = name.includes("/")
    ? [resolve(cwd, name)]
    : path
        .split(":")
        .filter(Boolean)
        .map((folder) => join(folder, name));
  for (const candidate of candidates) {
    const runnable = await access(candidate, constants.X_OK)
      .then(() => true)
      .catch(() => false);
    if (runnable && (await stat(candidate)).isFile()) return realpath(candidate);
  }
  return null;
}
