import { readFileSync, statSync } from "node:fs";
import { decodeTicket, maxTicketBytes, splitTicket } from "../../tickets/fences.ts";
import { parseFlat } from "../../tickets/flat-front-matter.ts";
import { isTicketId } from "../../tickets/ticket.ts";

/** Id and title of a ticket whose file name does not tell them; null for whatever is not plainly a ticket. */
export function readTicketHead(path: string): { id: string; title: string } | null {
  try {
    const stats = statSync(path);
    // Opening a named pipe would wait for a writer for ever.
    if (!stats.isFile() || stats.size > maxTicketBytes) return null;
    const decoded = decodeTicket(readFileSync(path));
    if (decoded.kind === "broken") return null;
    const split = splitTicket(decoded.text);
    if (split.kind === "broken") return null;
    const fields = parseFlat(decoded.text.slice(split.yamlStart, split.yamlEnd), 2);
    const text = (key: string) => {
      const value = fields?.get(key)?.value;
      return value?.kind === "scalar" ? (value.text ?? "") : "";
    };
    return isTicketId(text("id")) ? { id: text("id"), title: text("title") } : null;
  } catch {
    return null; // nothing to offer; `list` and `doctor` say what is wrong with the file
  }
}
