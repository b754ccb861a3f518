import { join } from "node:path";
import type { Ports } from "./ports.ts";

/** Above the folders of all passes of one run: a process whose TMPDIR is below it belongs to that run. */
export function passesFolder(ports: Pick<Ports, "stateFolder">, ticket: string, run: string): string {
  return join(ports.stateFolder, "passes", ticket, run);
}

/** What one pass and its agent said to each other; it outlives the pass's other folders. */
export function transcriptFile(
  ports: Pick<Ports, "stateFolder">,
  { ticket, run, pass }: { ticket: string; run: string; pass: string },
): string {
  return join(passesFolder(ports, ticket, run), pass, "transcript.log");
}
