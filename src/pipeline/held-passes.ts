import { join } from "node:path";
import { ensureFolder, listFolder, removeTree } from "../platform/files.ts";
import { acquireLock, readLock } from "../platform/locks.ts";
import { passesFolder } from "./pass-folder.ts";
import type { Ports } from "./ports.ts";

/**
 * Which passes are at work, outside their own folders. A pass that is killed leaves what its agent logged in with on the
 * disk; from here the next run of any ticket knows of it, and of none that somebody still works in.
 */
type Held = { ticket: string; run: string; pass: string };

/** Of a pass's folder, all but what was said in it. */
const workingParts = ["home", "tmp", "agent"];

const heldFolder = ({ stateFolder }: Pick<Ports, "stateFolder">): string => join(stateFolder, "held-passes");

/** To be called before the pass's folders are made. */
export async function holdPass(ports: Pick<Ports, "stateFolder">, held: Held): Promise<void> {
  await ensureFolder(heldFolder(ports), { mode: 0o700 });
  await acquireLock(lockOf(ports, held), { owner: "nimrod pass" });
}

/** Removes the folders that a pass worked in, and then the word that it does. */
export async function clearPass(ports: Pick<Ports, "stateFolder">, held: Held): Promise<void> {
  const root = join(passesFolder(ports, held.ticket, held.run), held.pass);
  for (const part of workingParts) await removeTree(join(root, part));
  await removeTree(lockOf(ports, held));
}

/** Clears every pass whose Nimrod is dead. */
export async function clearStoppedPasses(ports: Pick<Ports, "stateFolder" | "progress">): Promise<void> {
  for (const { name } of await listFolder(heldFolder(ports))) {
    const [, ticket, run, pass] = /^([^~.][^~]*)~([^~.][^~]*)~([^~.][^~]*)\.lock$/.exec(name) ?? [];
    if (ticket === undefined || run === undefined || pass === undefined) continue;
    if ((await readLock(join(heldFolder(ports), name))) !== null) continue;
    // What cannot be removed is no reason to stop the work of today, and every reason to say so.
    await clearPass(ports, { ticket, run, pass }).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      ports.progress({ kind: "note", text: `a stopped pass of ${ticket} could not be cleared: ${why}` });
    });
  }
}

function lockOf(ports: Pick<Ports, "stateFolder">, { ticket, run, pass }: Held): string {
  return join(heldFolder(ports), `${ticket}~${run}~${pass}.lock`);
}
