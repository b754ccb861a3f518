import * as z from "zod/mini";
import type { Segment } from "../evidence/segment.ts";
import { listFolder, readTextIfExists } from "../platform/files.ts";
import { passesFolder, transcriptFile } from "./pass-folder.ts";
import { transcriptBytes } from "./pass-transcript.ts";
import type { Ports } from "./ports.ts";

/** What one pass and its agent said to each other, as it was redacted when it was written. */
export type Transcript = {
  pass: string;
  /** Step of the pass; null where evidence does not know it, as of a sub-pass. */
  step: string | null;
  lines: { direction: "in" | "out" | "err"; text: string }[];
};

const lineSchema = z.strictObject({ direction: z.enum(["in", "out", "err"]), text: z.string() });

/** Of the passes of one run, in the order in which they began. A line that a kill cut is left out. */
export async function readTranscripts(
  place: Pick<Ports, "stateFolder">,
  { ticket, run, segments }: { ticket: string; run: string; segments: readonly Segment[] },
): Promise<Transcript[]> {
  const steps = new Map(segments.filter((each) => each.run === run).map((each) => [ulidOf(each), each.pass]));
  const transcripts: Transcript[] = [];
  // Triage comes before the run that adopts it: its folder has a run of its own, and evidence has its pass.
  for (const folder of await listFolder(passesFolder(place, ticket, ""))) {
    for (const { name: pass } of await listFolder(passesFolder(place, ticket, folder.name))) {
      if (folder.name !== run && !steps.has(pass)) continue;
      const file = transcriptFile(place, { ticket, run: folder.name, pass });
      const text = await readTextIfExists(file, transcriptBytes + 65_536);
      if (text === null) continue;
      const lines = text.split("\n").slice(0, -1);
      transcripts.push({ pass, step: steps.get(pass) ?? null, lines: lines.flatMap(parseLine) });
    }
  }
  return transcripts.sort((a, b) => (a.pass < b.pass ? -1 : 1));
}

function parseLine(line: string): Transcript["lines"] {
  try {
    return [lineSchema.parse(JSON.parse(line))];
  } catch {
    return []; // half a line: the run was killed while it was written
  }
}

function ulidOf({ path }: Segment): string {
  return path.slice(path.lastIndexOf("/") + 1).slice(0, 26);
}
