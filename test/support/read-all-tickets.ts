import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseBody, ticketTextDigest } from "../../src/tickets/body.ts";
import { readTicket } from "../../src/tickets/read.ts";

/**
 * A process of its own that reads every file of a folder as a ticket, one after the other, so that the memory is the
 * reader's and not a test runner's. What it found is a line of JSON each in RESULTS, what it cost is on stdout.
 * `node read-all-tickets.ts FOLDER RESULTS`
 */

const [folder = "", results = ""] = process.argv.slice(2);
const milliseconds: number[] = [];
let lines: string[] = [];
for (const name of readdirSync(folder)) {
  const bytes = readFileSync(join(folder, name));
  const began = process.cpuUsage();
  const read = await readTicket({ path: name, bytes, archived: false });
  const body = read.kind === "ticket" ? await parseBody(read.ticket.text) : null;
  if (read.kind === "ticket") ticketTextDigest(read.ticket, read.ticket.text);
  // Of the processor: the machine may be busy with other things.
  const { user, system } = process.cpuUsage(began);
  milliseconds.push((user + system) / 1000);
  lines.push(JSON.stringify({ name, read, body }));
  if (lines.length === 100) write();
}
write();
milliseconds.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    p99: milliseconds[Math.floor(milliseconds.length * 0.99)],
    slowest: milliseconds.at(-1),
    peakMB: process.resourceUsage().maxRSS / 1024,
    prototype: Object.getOwnPropertyNames(Object.prototype).sort(),
    ran: Object.hasOwn(globalThis, "ran"),
  }),
);

function write(): void {
  appendFileSync(results, lines.map((line) => `${line}\n`).join(""));
  lines = [];
}
