import {
  chmodSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import type { Clock } from "../../../src/platform/clock.ts";
import { buildGraph } from "../../../src/tickets/links.ts";
import { type Scan, scanAround, scanTickets } from "../../../src/tickets/scan.ts";
import type { Ticket } from "../../../src/tickets/ticket.ts";
import { type TempProject, tempProject, ticketFile } from "../../support/temp-project.ts";

/** Files a scan has an index of, and what can be done to them without telling anybody. */

const idOf = (n: number) => `nim-${n.toString(36).padStart(6, "0")}`;

/** Ten seconds ahead: to an index taken now, files that were just written are clearly older. */
const ahead: Clock = { now: () => new Date(Date.now() + 10_000) };

export type Indexed = { project: TempProject; place: { file: string; clock: Clock } };

/** More tickets than are read without an index, and one scan that has made it. */
export async function indexedProject(clock = ahead): Promise<Indexed> {
  const files: Record<string, string> = {
    "tickets/README.md": "About this folder.\n",
    "tickets/active/broken.md": "---\nid: nim-broken\nstatus: wip\n---\n",
  };
  for (let n = 0; n < 250; n += 1) {
    const more =
      n > 3 ? `depends_on: [${idOf(n - 1)}, ${idOf(n - 2)}]\nlabels: [a, b${n % 3}]\nassignee: Zoë` : "";
    const title = n % 7 === 0 ? `Zähler ${n} 漢字` : `Ticket ${n}`;
    Object.assign(
      files,
      ticketFile({ id: idOf(n), status: n % 9 === 0 ? "closed" : "open", priority: n % 5, title, more }),
    );
  }
  const project = tempProject({ files, git: false });
  const place = { file: join(project.stateHome, "nimrod", "tickets.index"), clock };
  await scanTickets(project.root, place);
  return { project, place };
}

/** The scan with the index must say what a scan without one says. */
export async function expectTheSame({ project, place }: Indexed, what: string): Promise<void> {
  const [quick, plain] = [await scanTickets(project.root, place), await scanTickets(project.root)];
  if (JSON.stringify(quick) !== JSON.stringify(plain)) expect(quick, what).toEqual(plain);
  for (const word of [idOf(5), idOf(77), "00001", "brok"]) {
    const around = await scanAround(project.root, word, place);
    expect(around.broken, `${what}: broken, around ${word}`).toEqual(plain.broken);
    expect(factsAround(around, word), `${what}: around ${word}`).toEqual(factsAround(plain, word));
  }
}

/** What `show` tells of the tickets that a word names: whole, and with what they are linked. */
function factsAround({ tickets }: Scan, word: string) {
  const graph = buildGraph(tickets);
  const named = tickets.filter(({ id }) => id.includes(word)).toSorted((a, b) => (a.path < b.path ? -1 : 1));
  // Of a word that names many, what they are linked with is not asked for.
  const linked = (ticket: Ticket) => ({
    from: graph.backlinks(ticket.id),
    to: ticket.links.depends_on.map((id) => tickets.find((other) => other.id === id) ?? null),
    blockedBy: graph.blockedBy(ticket),
  });
  return named.map((ticket) => (named.length > 3 ? ticket : { ticket, ...linked(ticket) }));
}

export type Pick = (below: number) => number;
type Edit = (root: string, file: string, pick: Pick) => void;

export const edits: Readonly<Record<string, Edit>> = {
  "in place, of the same size": (_, file) =>
    swap(file, /^priority: \d/m, (found) => `priority: ${found.endsWith("1") ? 3 : 1}`),
  "in place, with its time set back": (_, file) => {
    const { atime, mtime } = statSync(file);
    swap(file, /^status: open$/m, () => "status: blocked");
    utimesSync(file, atime, mtime);
  },
  "replaced by a rename": (_, file) => {
    const { atime, mtime } = statSync(file);
    writeFileSync(`${file}.new`, readFileSync(file, "utf8").replace(/^title: .*/m, "title: Another one"));
    utimesSync(`${file}.new`, atime, mtime);
    renameSync(`${file}.new`, file);
  },
  added: (root, _, pick) => {
    const id = `nim-x${pick(1e9).toString(36)}`;
    writeFileSync(join(root, `tickets/active/${id}.md`), `---\nid: ${id}\ntitle: New\nstatus: open\n---\n`);
  },
  removed: (_, file) => rmSync(file),
  "moved to the other folder": (root, file) => {
    const folder = dirname(file).endsWith("closed") ? "active" : "closed";
    renameSync(file, join(root, "tickets", folder, file.split("/").at(-1) ?? ""));
  },
  "made broken": (_, file) => swap(file, /^status: \w+$/m, () => "status: wip"),
  repaired: (_, file) => swap(file, /^status: wip$/m, () => "status: open"),
  "with another mode": (_, file, pick) => chmodSync(file, pick(2) === 0 ? 0o600 : 0o644),
  "swapped for a link": (root, file) => {
    const elsewhere = join(root, `elsewhere-${file.split("/").at(-1)}`);
    renameSync(file, elsewhere);
    symlinkSync(elsewhere, file);
  },
  "cut off": (_, file, pick) => truncateSync(file, pick(40)),
  "given the id of another": (_, file, pick) => swap(file, /^id: .*$/m, () => `id: ${idOf(pick(250))}`),
  "two files swapped": (root, file, pick) => {
    const other = anyFile(root, pick);
    if (other === file) return;
    renameSync(file, `${file}.tmp`);
    renameSync(other, file);
    renameSync(`${file}.tmp`, other);
  },
};

function swap(file: string, pattern: RegExp, make: (found: string) => string) {
  writeFileSync(file, readFileSync(file, "utf8").replace(pattern, make));
}

export function anyFile(root: string, pick: Pick): string {
  const files = ["active", "closed"].flatMap((folder) =>
    readdirSync(join(root, "tickets", folder), { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
      .map((entry) => join(root, "tickets", folder, entry.name)),
  );
  return files[pick(files.length)] ?? "";
}

/** The same row of numbers for one seed. */
export function seeded(seed: number): Pick {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
