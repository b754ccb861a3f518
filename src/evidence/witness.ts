import { join } from "node:path";
import { z } from "zod";
import { NimrodError } from "../errors.ts";
import { canonicalJson } from "../platform/digest.ts";
import { cutTornTail, ensureFolder, openAppender, readTextIfExists } from "../platform/files.ts";

/**
 * What this machine has seen sealed, kept outside every repository. It is what notices that somebody rolled the
 * evidence back together with the anchor that would tell.
 */
export type WitnessEntry = {
  /** RFC 3339 UTC. */
  ts: string;
  ticket: string;
  /** Hex hash of a seal line. */
  head: string;
  /** The landing commit, where one carries this head in its trailer. */
  commit?: string | undefined;
};

export type WitnessPlace = {
  /** `$XDG_STATE_HOME/nimrod`. */
  stateHome: string;
  /** Name of the repository's state folder: unique on this machine. */
  repository: string;
};

const maxBytes = 64 * 1024 * 1024;
const lineSchema = z.strictObject({
  v: z.literal(1),
  ts: z.string(),
  repository: z.string(),
  ticket: z.string(),
  head: z.string().regex(/^[0-9a-f]{64}$/),
  commit: z.string().optional(),
});

/** Adds one line. Recording a head twice is harmless. */
export async function recordHead(place: WitnessPlace, entry: WitnessEntry): Promise<void> {
  const path = fileOf(place);
  await ensureFolder(place.stateHome, { mode: 0o700 });
  const file = await openWitness(path);
  try {
    await file.append(canonicalJson({ v: 1, repository: place.repository, ...entry }));
  } finally {
    await file.close();
  }
}

/**
 * The entries of this repository, oldest first, for one ticket or for all. Lines that cannot be read are counted:
 * they may have held a head.
 */
export async function readWitness(
  place: WitnessPlace,
  ticket?: string,
): Promise<{ entries: WitnessEntry[]; unreadableLines: number[] }> {
  const text = (await readTextIfExists(fileOf(place), maxBytes)) ?? "";
  const entries: WitnessEntry[] = [];
  const unreadableLines: number[] = [];
  const lines = text.split("\n");
  lines.pop(); // after the last line feed: nothing, or what a kill left of a line
  for (const [index, line] of lines.entries()) {
    const read = parseLine(line);
    if (read === null) unreadableLines.push(index + 1);
    else if (read.repository === place.repository && (ticket === undefined || read.ticket === ticket)) {
      entries.push({ ts: read.ts, ticket: read.ticket, head: read.head, commit: read.commit });
    }
  }
  return { entries, unreadableLines };
}

function fileOf(place: WitnessPlace): string {
  return join(place.stateHome, "witness.jsonl");
}

async function openWitness(path: string) {
  try {
    return await openAppender(path, { mode: 0o600 });
  } catch (error) {
    if (!(error instanceof NimrodError) || error.code !== "broken") throw error;
    await cutTornTail(path); // a kill in the middle of a line: its segment was sealed, its head is in the anchor
    return await openAppender(path, { mode: 0o600 });
  }
}

function parseLine(line: string): z.infer<typeof lineSchema> | null {
  try {
    const read = lineSchema.safeParse(JSON.parse(line));
    return read.success ? read.data : null;
  } catch {
    return null; // counted by the caller
  }
}
