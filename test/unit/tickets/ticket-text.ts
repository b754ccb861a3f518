import { type ReadResult, readTicket } from "../../../src/tickets/read.ts";
import type { BrokenTicket, StoredTicket } from "../../../src/tickets/ticket.ts";

const path = "tickets/active/nim-000001-a.md";

/** A ticket file from the lines of its front matter and its body. */
export function ticketText(lines: readonly string[] = [], body = ""): string {
  // Each key keeps its line, 2 to 4, also where the test gives its value.
  const given = [...lines];
  const own = (key: string, value: string) => {
    const at = given.findIndex((line) => line.startsWith(`${key}:`));
    return at === -1 || given[at + 1]?.startsWith(" ")
      ? at === -1
        ? [`${key}: ${value}`]
        : []
      : given.splice(at, 1);
  };
  const all = [...own("id", "nim-000001"), ...own("title", "A"), ...own("status", "open"), ...given];
  return `---\n${all.join("\n")}\n---\n${body}`;
}

export function read(content: string | Uint8Array): Promise<ReadResult> {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return readTicket({ path, bytes, archived: false });
}

export async function readGood(content: string | Uint8Array): Promise<StoredTicket> {
  const result = await read(content);
  if (result.kind === "broken") throw new Error(`broken: ${JSON.stringify(result.problems)}`);
  return result.ticket;
}

export async function readBroken(content: string | Uint8Array): Promise<BrokenTicket[]> {
  const result = await read(content);
  if (result.kind === "ticket") throw new Error(`readable: ${JSON.stringify(result.ticket)}`);
  return result.problems;
}
