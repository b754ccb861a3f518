import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  type ExecLimits,
  type ExecOutcome,
  exec,
  type ProcessRequest,
  startWaiting,
  type WaitingProcess,
} from "../platform/exec.ts";
import { ensureFolder } from "../platform/files.ts";
import { throughEnv, wrapCommand } from "../workspace/sandbox.ts";
import type { LookingSandbox, Place } from "./place.ts";

/**
 * Where what only looks is run: a fresh sandbox each time, the worktree read-only, no network. Making one takes longer
 * than most looks do (18 of 27 ms), so after each the next is made, while the agent thinks about the answer.
 */
export function openLookingSandbox(place: Place): LookingSandbox {
  const readOnly = { ...place, writable: false };
  let spare: WaitingProcess | null = null;
  let isOpen = place.sandbox.kind !== "none";
  let preparing: Promise<void> = Promise.resolve();

  const take = (): WaitingProcess | null => {
    const taken = spare;
    spare = null;
    return taken?.isThere() ? taken : null;
  };

  const prepare = async (): Promise<void> => {
    await setImmediate(); // starting it takes a while: the answer goes out first
    if (!isOpen) return;
    const request = await enclosed(readOnly, waitForWords, place.root);
    if (isOpen) spare ??= startWaiting(request);
  };

  return {
    async exec(argv, cwd, limits) {
      const words = [cwd, ...throughEnv(argv[0] ?? ""), ...argv.slice(1)];
      // What cannot be started at all is refused by `exec`, in its words.
      const isSound = (await isFolder(cwd)) && !words.some((word) => word.includes("\0"));
      await preparing;
      const made = isSound ? take() : null;
      try {
        return made === null
          ? await exec({ ...(await enclosed(readOnly, argv, cwd)), ...limits })
          : await made.go(words.map((word) => `${word}\0`).join(""), limits);
      } finally {
        // A worktree that is gone is for the next look to tell; this one has its answer.
        preparing = prepare().catch(() => undefined);
      }
    },
    async close() {
      isOpen = false;
      await preparing;
      await take()?.dismiss();
    },
  };
}

async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isDirectory() ?? false;
}

/** bash that waits for NUL-separated words on stdin, the folder and then argv, and becomes that. Without any it ends. */
const waitForWords = [
  "bash",
  "--noprofile",
  "--norc",
  "-c",
  `mapfile -d '' -t words; [ \${#words[@]} -gt 1 ] && cd -- "\${words[0]}" && exec -- "\${words[@]:1}" </dev/null`,
];

/** What only looks, in the pass's own sandbox where it has one at the ready. */
export async function look(
  place: Place,
  argv: readonly string[],
  cwd: string,
  limits: ExecLimits,
): Promise<ExecOutcome> {
  if (place.looking !== undefined) return place.looking.exec(argv, cwd, limits);
  return exec({ ...(await enclosed({ ...place, writable: false }, argv, cwd)), ...limits });
}

/** The process that runs this argv in the place's sandbox. */
export async function enclosed(
  place: Place,
  [file = "", ...args]: readonly string[],
  cwd: string,
  network = false,
): Promise<ProcessRequest> {
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
    network,
    mounts: place.mounts.map(({ from, to }) => ({ from, to: join(place.root, to) })),
  });
  return { ...wrapped, cwd };
}
