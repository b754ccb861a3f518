import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { parseBody } from "../../../src/tickets/body.ts";
import { buildGraph } from "../../../src/tickets/links.ts";
import type { ReadResult } from "../../../src/tickets/read.ts";
import { scanTickets } from "../../../src/tickets/scan.ts";
import type { StoredTicket } from "../../../src/tickets/ticket.ts";
import { tempProject } from "../../support/temp-project.ts";
import { mutatedTicket } from "../../support/ticket-mutations.ts";

const count = 10_000;

type Result = { name: string; read: ReadResult; body: Awaited<ReturnType<typeof parseBody>> | null };

test(`${count} mutated files are each a ticket that says what its file says, or a loud row`, {
  timeout: 600_000,
}, async () => {
  const project = tempProject({ git: false });
  const folder = join(project.root, "tickets/active");
  mkdirSync(folder, { recursive: true });
  const names = Array.from({ length: count }, (_, seed) => `m-${seed}.md`);
  for (const [seed, name] of names.entries()) writeFileSync(join(folder, name), mutatedTicket(seed));

  const script = join(import.meta.dirname, "../../support/read-all-tickets.ts");
  const results = join(project.home, "results");
  const cost: unknown = JSON.parse(
    execFileSync(process.execPath, [script, folder, results], { encoding: "utf8", env: project.env }),
  );
  expect(cost).toMatchObject({ ran: false, prototype: Object.getOwnPropertyNames(Object.prototype).sort() });
  const { p99, peakMB } = cost as { p99: number; peakMB: number };
  expect(p99).toBeLessThan(100);
  expect(peakMB).toBeLessThan(200);

  const kinds = { ticket: 0, broken: 0 };
  const wrong: string[] = [];
  for (const line of readFileSync(results, "utf8").trimEnd().split("\n")) {
    const result: Result = JSON.parse(line);
    if (result.name === ".gitkeep") continue;
    kinds[result.read.kind] += 1;
    const bytes = readFileSync(join(folder, result.name));
    for (const what of faults(result, bytes)) wrong.push(`${result.name}: ${what}`);
  }
  expect(wrong).toEqual([]);
  expect(kinds.ticket + kinds.broken).toBe(count);
  // Neither of them is what mutations always lead to.
  expect(Math.min(kinds.ticket, kinds.broken)).toBeGreaterThan(count / 5);

  // The same through the folder: each file has a row, and the tickets among them can be linked.
  const scan = await scanTickets(project.root);
  const rows = new Set([...scan.tickets, ...scan.broken].map(({ path }) => path));
  expect(names.filter((name) => !rows.has(`tickets/active/${name}`))).toEqual([]);
  expect(() => buildGraph(scan.tickets)).not.toThrow();
});

function faults({ read, body }: Result, bytes: Buffer): string[] {
  if (read.kind === "ticket") {
    const found = differences(read.ticket, bytes);
    const boxes = countBoxes(read.ticket.text);
    if (boxes === null || body?.kind !== "body" || boxes === body.body.criteria.length) return found;
    return [...found, `${body.body.criteria.length} of ${boxes} criteria`];
  }
  const lines = bytes.toString("latin1").split("\n").length;
  if (read.problems.length === 0) return ["broken without a reason"];
  return read.problems.flatMap(({ line, found, expected }) => {
    if (!(Number.isInteger(line) && line >= 1 && line <= lines)) return [`line ${line} of ${lines}`];
    return found.trim() === "" || expected.trim() === "" ? ["nothing found or expected"] : [];
  });
}

/** Where the ticket and what another reader of YAML finds in the same front matter differ. */
function differences(ticket: StoredTicket, bytes: Buffer): string[] {
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  const yaml = /^---\r?\n([\s\S]*?)(?:^|\r?\n)---(?:\r?\n|$)/m.exec(text)?.[1] ?? "";
  const said: unknown = parse(`${yaml}\n`, { schema: "failsafe", logLevel: "silent" });
  const fields = new Map(Object.entries(said ?? {}));
  const rows: [string[], string | null | string[]][] = [
    [["id"], ticket.id],
    [["labels", "tags"], ticket.labels],
    [["depends_on", "dependencies", "deps"], ticket.links.depends_on],
    [["related", "links"], ticket.links.related],
  ];
  if (!isNothing(fields.get("title"))) rows.push([["title"], ticket.title]);
  return rows.flatMap(([names, found]) => {
    const value = names.map((name) => fields.get(name)).find((one) => one !== undefined);
    const want = asList(isNothing(value) ? null : value);
    const have = asList(found);
    return want === have ? [] : [`${names[0]} is ${have}; the file says ${want}`];
  });
}

function asList(value: unknown): string {
  const items = Array.isArray(value) ? value : value === null ? [] : [value];
  return JSON.stringify([...new Set(items.map((one) => String(one).trim()))]);
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || ["", "~", "null", "Null", "NULL"].includes(String(value));
}

/** Lines with a box under the one heading, where nothing else could swallow them; null where it is not so simple. */
function countBoxes(text: string): number | null {
  if (/```|~~~|<!--|\t/.test(text.replace(/```yaml[\s\S]*?```/, ""))) return null;
  const [, after, second] = text.replaceAll("\r\n", "\n").split(/^ {0,3}## +Acceptance Criteria *$/m);
  if (after === undefined || second !== undefined) return null;
  const [section = ""] = after.split(/^ {0,3}##? /m);
  return section.split("\n").filter((line) => /^ {0,3}[-*+] \[[ xX~-]\](?: |$)/.test(line)).length;
}
