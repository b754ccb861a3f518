import { readFileSync } from "node:fs";
import { z } from "zod";
import { randomBase36, rfc3339 } from "./clock.ts";
import { createExclusive, readTextIfExists, removeTree } from "./files.ts";

export type LockHolder = {
  pid: number;
  /** What the holder does, for the person who is told that it is taken. */
  owner: string;
  /** RFC 3339. */
  since: string;
};

export type LockAttempt =
  | {
      kind: "acquired";
      /** Still this very lock? To be asked before each write that the lock protects. */
      isHeld(): Promise<boolean>;
      release(): Promise<void>;
    }
  | ({ kind: "held" } & LockHolder);

const schema = z.object({
  version: z.literal(1),
  pid: z.number().int().positive(),
  owner: z.string(),
  since: z.string(),
  boot: z.string(),
  started: z.string(),
  nonce: z.string(),
});
type LockText = z.infer<typeof schema>;

/**
 * Takes a lock file or says who has it; never waits. The folder must exist.
 *
 * A holder is a process with its start time and boot: a reused pid or a restart cannot keep a lock alive,
 * and a dead holder's lock is taken over at once. A holder that was only stopped keeps it.
 */
export async function acquireLock(path: string, options: { owner: string }): Promise<LockAttempt> {
  const mine: LockText = {
    version: 1,
    pid: process.pid,
    owner: options.owner,
    since: rfc3339(new Date()),
    boot: bootId(),
    started: startTime(process.pid) ?? "",
    nonce: randomBase36(16),
  };
  const text = `${JSON.stringify(mine)}\n`;
  for (;;) {
    if (await createExclusive(path, text, { mode: 0o600 })) return acquired(path, text);
    const found = await readTextIfExists(path);
    if (found === null) continue; // released between the two lines
    const holder = parse(found);
    if (holder !== null && isAlive(holder)) return held(holder);
    const blocked = await removeDead(path, options);
    if (blocked !== null) return blocked;
  }
}

/** Who holds the lock now; null when it is free or its holder is dead. */
export async function readLock(path: string): Promise<LockHolder | null> {
  const text = await readTextIfExists(path);
  const holder = text === null ? null : parse(text);
  if (holder === null || !isAlive(holder)) return null;
  return { pid: holder.pid, owner: holder.owner, since: holder.since };
}

/**
 * Takes a dead holder's file away, under a lock of its own: without it, two racers could both see the dead
 * one, and the slower would remove the lock that the faster has just taken. That second lock is broken the
 * same way when its holder died here, so the depth is the number of deaths in this one place.
 */
async function removeDead(path: string, options: { owner: string }): Promise<LockAttempt | null> {
  const breaking = await acquireLock(`${path}.breaking`, options);
  if (breaking.kind === "held") return breaking; // it is about to be theirs
  try {
    const text = await readTextIfExists(path);
    // Gone: another breaker was faster, and what appears here next is alive.
    if (text === null) return null;
    const holder = parse(text);
    if (holder !== null && isAlive(holder)) return held(holder);
    await removeTree(path);
    return null;
  } finally {
    await breaking.release();
  }
}

function acquired(path: string, text: string): LockAttempt {
  const isHeld = async (): Promise<boolean> => (await readTextIfExists(path)) === text;
  return {
    kind: "acquired",
    isHeld,
    async release() {
      if (await isHeld()) await removeTree(path);
    },
  };
}

function held({ pid, owner, since }: LockText): LockAttempt {
  return { kind: "held", pid, owner, since };
}

/** Null for what no Nimrod wrote: lock files appear whole, so such a file protects nobody. */
function parse(text: string): LockText | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null; // reported as free; the taker replaces it
  }
}

function isAlive(holder: LockText): boolean {
  if (holder.boot !== bootId()) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const started = startTime(holder.pid);
  return started === null || holder.started === "" || started === holder.started;
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return ""; // no /proc: pids alone decide
  }
}

/** Clock ticks since boot at which the process began; null where the system does not tell. */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The program's name is in parentheses and may hold spaces and parentheses: count from the last one.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie has ended: it holds nothing any more.
    if (fields[0] === "Z") return "ended";
    return fields[19] ?? null;
  } catch {
    return null;
  }
}
