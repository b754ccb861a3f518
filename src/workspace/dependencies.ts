import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { systemClock, ulid } from "../platform/clock.ts";
import { digestOf } from "../platform/digest.ts";
import { ensureFolder, readTextIfExists, removeTree, replaceWith, writeAtomic } from "../platform/files.ts";
import { cleanCheckout } from "./checkout.ts";
import { git } from "./repository.ts";
import { type Mount, type Sandbox, wrapCommand } from "./sandbox.ts";
import { listTree, splitNul, withTemporaryIndex } from "./trees.ts";
import type { Workspace } from "./worktree.ts";

export type Dependencies =
  | { kind: "none" }
  /** `to` is relative to the checkout; its folder must exist there (`ensureMountPoints`). */
  | { kind: "ready"; mounts: Mount[]; digest: string; cached: boolean }
  | { kind: "failed"; command: string; reason: string; output: string };

/** Files that decide which dependencies a set-up installs; in any folder. */
const lockfiles = new Set([
  "package.json",
  "package-lock.json",
  "npm-shrinkwrap.json",
  "yarn.lock",
  "pnpm-lock.yaml",
  "bun.lock",
  "bun.lockb",
  ".npmrc",
  "requirements.txt",
  "requirements-dev.txt",
  "pyproject.toml",
  "poetry.lock",
  "uv.lock",
  "Pipfile.lock",
  "Cargo.lock",
  "go.mod",
  "go.sum",
  "Gemfile.lock",
  "composer.lock",
  "mix.lock",
]);

const readySchema = z.object({ version: z.literal(1), folders: z.array(z.string()) });

/** 20 minutes for one set-up command: a cold install of a large project over a slow line. */
const commandMs = 20 * 60_000;

/** Whether a file decides which dependencies a set-up installs. */
export function isLockfile(path: string): boolean {
  return lockfiles.has(basename(path));
}

/**
 * Runs the trusted set-up commands once for each state of the lockfiles, in a clean checkout with network,
 * and keeps the folders they made that git does not track. Those are shown read-only to passes and
 * verification, which have no network and install nothing.
 */
export async function prepareDependencies(options: {
  workspace: Pick<Workspace, "base" | "objectFolders" | "place">;
  commit: string;
  /** Shell lines, already trusted. */
  setup: readonly string[];
  cacheFolder: string;
  sandbox: Sandbox;
  /** The environment of the commands, built from an allow-list. */
  env: Record<string, string>;
  signal?: AbortSignal;
}): Promise<Dependencies> {
  const { workspace, commit, setup, cacheFolder } = options;
  if (setup.length === 0) return { kind: "none" };
  const files = [...(await listTree(workspace.place, commit))]
    .filter(([path]) => lockfiles.has(basename(path)))
    .map(([path, { oid }]) => [path, oid]);
  const machine = [process.platform, process.arch, process.version];
  const digest = digestOf("nimrod/dependencies/v1", { setup: [...setup], files, machine });
  const kept = join(cacheFolder, digest);
  const ready = await readReady(kept);
  if (ready !== null) return { kind: "ready", mounts: ready, digest, cached: true };

  const building = join(cacheFolder, `building-${ulid(systemClock)}`);
  try {
    const failure = await install(options, building);
    if (failure !== null) return failure;
    await keepUntracked(options, { building, kept });
  } finally {
    await removeTree(building);
  }
  return { kind: "ready", mounts: (await readReady(kept)) ?? [], digest, cached: false };
}

/** Makes the empty folders that the mounts go to. In a worktree git does not see them. */
export async function ensureMountPoints(root: string, mounts: readonly Mount[]): Promise<void> {
  for (const { to } of mounts) await ensureFolder(join(root, to));
}

type Options = Parameters<typeof prepareDependencies>[0];

async function install(options: Options, building: string): Promise<Dependencies | null> {
  const home = join(building, "home");
  await ensureFolder(home, { mode: 0o700 });
  const folder = join(building, "checkout");
  const { path, objectFolders } = await cleanCheckout({ ...options, folder });
  const { exec } = await import("../platform/exec.ts");
  for (const command of options.setup) {
    const wrapped = wrapCommand(options.sandbox, {
      file: "bash",
      args: ["--noprofile", "--norc", "-c", command],
      cwd: path,
      env: options.env,
      writable: [path],
      readable: objectFolders,
      home,
      network: true,
    });
    const outcome = await exec({
      ...wrapped,
      cwd: path,
      timeoutMs: commandMs,
      maxOutputBytes: 64 * 1024,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    if (outcome.kind === "missing") return { kind: "failed", command, reason: outcome.message, output: "" };
    if (outcome.kind !== "exited" || outcome.code !== 0) {
      const reason = outcome.kind === "exited" ? `exit ${outcome.code}` : outcome.kind;
      return { kind: "failed", command, reason, output: `${outcome.stdout.text}${outcome.stderr.text}` };
    }
  }
  return null;
}

async function keepUntracked(
  { workspace, commit }: Options,
  { building, kept }: { building: string; kept: string },
): Promise<void> {
  const checkout = join(building, "checkout");
  // Asked with Nimrod's git folder: an install script may have rewritten the checkout's own.
  const made = await withTemporaryIndex({ ...workspace.place, workTree: checkout }, async (place) => {
    await git(place, ["read-tree", "--end-of-options", commit]);
    return splitNul(await git(place, ["ls-files", "-z", "--others", "--directory", "--no-empty-directory"]));
  });
  const folders = made.filter((path) => path.endsWith("/")).map((path) => path.slice(0, -1));
  const fresh = join(building, "kept");
  for (const path of folders) await replaceWith(join(checkout, path), join(fresh, "tree", path));
  await ensureFolder(fresh);
  await writeAtomic(join(fresh, "ready.json"), `${JSON.stringify({ version: 1, folders }, null, 2)}\n`);
  // Whole or not at all; whoever was first wins, both made the same.
  if (!existsSync(kept)) await replaceWith(fresh, kept);
}

async function readReady(kept: string): Promise<Mount[] | null> {
  const text = await readTextIfExists(join(kept, "ready.json"));
  if (text === null) return null;
  const { folders } = readySchema.parse(JSON.parse(text));
  return folders.map((path) => ({ from: join(kept, "tree", path), to: path }));
}
