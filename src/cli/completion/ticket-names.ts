import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Candidate } from "./candidates.ts";

/**
 * Ids and titles for completion, from file names alone: `nim-7k3f9q-renew-the-certificate.md` says both. Reading ten
 * thousand files would take longer than a person waits for a tab.
 */

/** Files that are named otherwise are opened, the first so many of them. */
const mostOpened = 300;

/**
 * @param folders relative to the root, those that are not there left out.
 * @param typed what it has to fit; matchIds looks closer.
 */
export async function readTicketNames(
  root: string,
  folders: readonly string[],
  { idPrefix, typed }: { idPrefix: string; typed: string },
): Promise<Candidate[]> {
  const names: Candidate[] = [];
  const others: string[] = [];
  const wanted = typed.toLowerCase();
  for (const folder of folders) {
    for (const name of namesIn(join(root, folder))) {
      const isOwn = name.startsWith(idPrefix) && name.charCodeAt(idPrefix.length) === dash;
      if (isOwn && !(name.startsWith(wanted) || name.startsWith(wanted, idPrefix.length + 1))) continue;
      if (!name.endsWith(".md")) continue;
      const found = (isOwn ? ownName(name, idPrefix) : null) ?? foreignName(name);
      if (found !== null) names.push(found);
      else if (!name.startsWith(".")) others.push(join(root, folder, name));
    }
  }
  if (others.length > 0) {
    const { readTicketHead } = await import("./ticket-head.ts");
    for (const path of others.slice(0, mostOpened)) {
      const head = readTicketHead(path);
      if (head !== null) names.push({ value: head.id, about: head.title });
    }
  }
  // In no order: each shell sorts what it shows.
  return names;
}

/** Six characters of base 36 behind the prefix, then the title's words. By hand: this runs ten thousand times a tab. */
function ownName(name: string, idPrefix: string): Candidate | null {
  const end = idPrefix.length + 1 + 6;
  for (let i = idPrefix.length + 1; i < end; i += 1) {
    const code = name.charCodeAt(i);
    if (!((code >= 48 && code <= 57) || (code >= 97 && code <= 122))) return null;
  }
  const value = name.slice(0, end);
  if (name.length === end + ".md".length) return { value, about: "" };
  return name.charCodeAt(end) === dash ? { value, about: name.slice(end + 1, -".md".length) } : null;
}

const dash = 45;

/** `task-12 - Renew the certificate.md`, as Backlog.md names them. */
function foreignName(name: string): Candidate | null {
  const match = /^([A-Za-z]{1,20}-\d{1,9}(?:\.\d{1,9}){0,5}) - (.+)\.md$/.exec(name);
  return match?.[1] === undefined ? null : { value: match[1], about: match[2] ?? "" };
}

/**
 * What fits the typed beginning: whole ids, or, for somebody who types the random part of an id, that part: a shell
 * offers only what begins like the word.
 */
export function matchIds(names: readonly Candidate[], typed: string): Candidate[] {
  if (typed === "") return [...names];
  const wanted = typed.toLowerCase();
  const plain = names.filter(({ value }) => value.startsWith(typed));
  if (plain.length > 0) return plain;
  const whole = names.filter(({ value }) => value.toLowerCase().startsWith(wanted));
  // As it was typed: shells compare letter by letter, and Nimrod does not mind.
  if (whole.length > 0) return whole.map((one) => ({ ...one, value: typed + one.value.slice(typed.length) }));
  return names.flatMap(({ value, about }) => {
    const part = value.slice(value.indexOf("-") + 1);
    return part.toLowerCase().startsWith(wanted) ? [{ value: typed + part.slice(typed.length), about }] : [];
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // a folder that is not there holds no tickets
  }
}
