import { join } from "node:path";
import { ensureFolder } from "../platform/files.ts";
import { acquireLock, readLock } from "../platform/locks.ts";
import type { Ports } from "./ports.ts";
import { claimFile } from "./run-places.ts";

/** A live claim on a ticket, outside the ticket's file: a lock that dies with its process. */

export type Claim =
  | { kind: "claimed"; isHeld: () => Promise<boolean>; release: () => Promise<void> }
  | { kind: "held"; pid: number; owner: string };

export async function claimTicket(
  ports: Pick<Ports, "stateFolder">,
  ticket: string,
  owner: string,
): Promise<Claim> {
  await ensureFolder(join(ports.stateFolder, "claims"), { mode: 0o700 });
  const lock = await acquireLock(claimFile(ports.stateFolder, ticket), { owner });
  if (lock.kind === "held") return { kind: "held", pid: lock.pid, owner: lock.owner };
  return { kind: "claimed", isHeld: () => lock.isHeld(), release: () => lock.release() };
}

/** Who holds the ticket now, or null; a dead process holds nothing. */
export async function claimHolder(
  stateFolder: string,
  ticket: string,
): Promise<{ pid: number; owner: string } | null> {
  return readLock(claimFile(stateFolder, ticket));
}
