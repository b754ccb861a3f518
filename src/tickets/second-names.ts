import { lstatSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { readNow } from "../platform/read-at-once.ts";
import { maxTicketBytes } from "./fences.ts";
import { readTicket } from "./read.ts";
import { isSameFile, isTicketName, namesIn, ticketFolders } from "./scan.ts";
import type { StoredTicket } from "./ticket.ts";

/**
 * One ticket under two names, in the same bytes: a move that was killed between them leaves that, and a commit of such a
 * folder makes two files of it in the next clone. `path` can go; `kept` is where the ticket belongs.
 */
export type SecondName = { path: string; kept: string };

export async function findSecondNames(root: string): Promise<SecondName[]> {
  const paths = ticketFolders.flatMap(({ path }) =>
    namesIn(join(root, path))
      .filter(isTicketName)
      .map((name) => `${path}/${name}`),
  );
  const files = paths.flatMap((path) => {
    const stat = lstatSync(join(root, path), { throwIfNoEntry: false });
    return stat?.isFile() === true
      ? [{ path, inode: stat.nlink > 1 ? `${stat.dev}:${stat.ino}` : null }]
      : [];
  });
  const groups = [
    ...Map.groupBy(
      files.filter(({ inode }) => inode !== null),
      ({ inode }) => inode,
    ).values(),
    ...Map.groupBy(files, ({ path }) => basename(path)).values(),
  ];
  const found = new Map<string, SecondName>();
  for (const group of groups) {
    const [a, b] = group.map(({ path }) => path);
    if (a === undefined || b === undefined || group.length > 2) continue;
    const second = await decide(root, a, b);
    if (second !== null) found.set(second.path, second);
  }
  return [...found.values()];
}

/** Whether both names still have the same bytes, so that one of them can go without a loss. */
export function isSecondName(root: string, { path, kept }: SecondName): boolean {
  const [a, b] = [path, kept].map((name) => join(root, name)) as [string, string];
  if (isSameFile(a, b)) return true;
  const [one, other] = [readNow(a, maxTicketBytes), readNow(b, maxTicketBytes)];
  return one.kind === "bytes" && other.kind === "bytes" && Buffer.compare(one.bytes, other.bytes) === 0;
}

async function decide(root: string, a: string, b: string): Promise<SecondName | null> {
  if (!isSecondName(root, { path: a, kept: b })) return null;
  const read = readNow(join(root, a), maxTicketBytes);
  if (read.kind !== "bytes") return null;
  const ticket = await readTicket({ path: a, bytes: read.bytes, archived: false });
  if (ticket.kind === "broken") return null;
  const [left, right] = [fitOf(a, ticket.ticket), fitOf(b, ticket.ticket)];
  // Two names as good as each other are somebody's own doing.
  if (left === right) return null;
  return left < right ? { path: a, kept: b } : { path: b, kept: a };
}

/** How well a name is the ticket's: first the folder that its status asks for, then its id. */
function fitOf(path: string, { id, status }: StoredTicket): number {
  const isPlaced = (dirname(path) === "tickets/closed") === (status === "closed");
  const isNamed = basename(path).toLowerCase().startsWith(id.toLowerCase());
  return (isPlaced ? 2 : 0) + (isNamed ? 1 : 0);
}
