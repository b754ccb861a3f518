import { join } from "node:path";
import { leftTemporaries, listFolder } from "../platform/files.ts";
import { isTicketName, ticketFolders } from "./scan.ts";

/** What lies under `tickets/` and is read by nobody. Dot files are their programs' own; folders may hold tickets. */
export type Stray =
  /** Of a Nimrod that was killed while it wrote: the file that it was for is whole. */
  | { kind: "temporary"; path: string }
  | { kind: "file"; path: string }
  | { kind: "folder"; path: string; count: number };

export async function findStrays(root: string): Promise<Stray[]> {
  const strays: Stray[] = [];
  const known = ticketFolders.map(({ path }) => path);
  for (const folder of known) {
    for (const name of await leftTemporaries(join(root, folder))) {
      strays.push({ kind: "temporary", path: `${folder}/${name}` });
    }
    for (const entry of await listFolder(join(root, folder))) {
      const path = `${folder}/${entry.name}`;
      const isRow = /\.md$/i.test(entry.name);
      if (entry.name.startsWith(".") || isRow || known.includes(path)) continue;
      if (!entry.isDirectory()) strays.push({ kind: "file", path });
      else {
        const count = await countMarkdown(join(root, path));
        if (count > 0) strays.push({ kind: "folder", path, count });
      }
    }
  }
  return strays;
}

/** Links are not followed: they may lead anywhere, also in circles. */
async function countMarkdown(folder: string): Promise<number> {
  let count = 0;
  for (const entry of await listFolder(folder)) {
    if (entry.isDirectory()) count += await countMarkdown(join(folder, entry.name));
    else if (isTicketName(entry.name)) count += 1;
  }
  return count;
}
