import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { NimrodError } from "../errors.ts";
import { listFolder } from "../platform/files.ts";

const folder = ".nimrod/evidence";
// One path component: no separator, no leading dot or dash, nothing a shell or a terminal would act on.
const safeName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const segmentName = /^[0-9A-HJKMNP-TV-Z]{26}-[a-z0-9][a-z0-9.-]{0,63}\.jsonl$/;

/** `.nimrod/evidence/<ticket>`, relative to the project root. Throws `usage` for an id that is no file name. */
export function evidenceFolder(ticket: string): string {
  if (!safeName.test(ticket)) throw new NimrodError("usage", `${JSON.stringify(ticket)} is not a ticket id`);
  return `${folder}/${ticket}`;
}

/** `.nimrod/evidence/<ticket>/<ulid>-<pass>.jsonl`, relative to the project root. */
export function segmentPath(ticket: string, ulid: string, pass: string): string {
  const name = `${ulid}-${pass}.jsonl`;
  if (!isSegmentName(name)) throw new NimrodError("usage", `${JSON.stringify(name)} is not a segment's name`);
  return `${evidenceFolder(ticket)}/${name}`;
}

export function isSegmentName(name: string): boolean {
  return segmentName.test(name);
}

/** Ids of all tickets that have an evidence folder, sorted. */
export async function listEvidenceTickets(root: string): Promise<string[]> {
  const entries = await listFolder(join(root, folder));
  return entries
    .filter((entry) => entry.isDirectory() && safeName.test(entry.name))
    .map((entry) => entry.name);
}

/**
 * Throws `broken` when a part of the path is a link: a repository that arrived by `git pull` must not be able to
 * turn Nimrod's writes somewhere else.
 */
export async function refuseLinkedFolders(root: string, ticket: string): Promise<void> {
  for (const part of [".nimrod", folder, evidenceFolder(ticket)]) {
    const stat = await lstat(join(root, part)).catch(() => null); // not there yet: nothing to refuse
    if (stat !== null && !stat.isDirectory()) {
      throw new NimrodError("broken", `${part} is not a folder; evidence is never written through a link`, {
        where: part,
        hint: `ls -l ${part}`,
      });
    }
  }
}
