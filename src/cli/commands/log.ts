import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { NimrodError } from "../../errors.ts";
import { readSegments } from "../../evidence/ledger.ts";
import { evidenceFolder } from "../../evidence/place.ts";
import { claimHolder } from "../../pipeline/claims.ts";
import { readLatestRun } from "../../pipeline/journal.ts";
import { journalFolder } from "../../pipeline/run-places.ts";
import { type StoryEntry, tellStory } from "../../pipeline/story.ts";
import type { Context, Project } from "../context.ts";
import { flagOption, type Options } from "../options.ts";
import type { Part } from "../output.ts";
import { styleOf } from "../pass-view.ts";

/** How often a live run's files are looked at; they are read only when they have grown. */
const lookMs = 250;

/** `nimrod log ID`: what the newest run did, in the order in which it happened. Reads files and nothing else. */
export async function log(context: Context, args: readonly string[], options: Options): Promise<number> {
  const { output } = context;
  const follows = flagOption(options, "follow");
  if (follows && output.json)
    throw new NimrodError("usage", "--follow prints lines as they come, --json one document", {
      hint: "nimrod log ID --json",
    });
  const project = await context.project();
  const { id } = await project.findTicket(args[0] ?? "");
  const told = new Set<string>();
  let seen: string | null = null;
  for (;;) {
    // Looked at before the files: what is written between the two looks is not missed.
    const holder = await claimHolder(project.stateFolder, id);
    const size = sizeOf(project, id);
    if (holder !== null && size === seen) {
      await sleep(lookMs);
      continue;
    }
    seen = size;
    const { run, entries } = await readStory(project, id);
    output.document("log", { ticket: id, run, live: holder !== null, entries: entries.map(published) });
    for (const entry of entries.filter(({ key }) => !told.has(key))) {
      told.add(entry.key);
      output.line(...lineOf(entry));
    }
    if (run === null && holder === null)
      output.line(`${id} has not been run yet      next: nimrod run ${id}`);
    if (!follows || holder === null || output.isClosed()) return 0;
  }
}

/** Grows with every line that a run writes; starting over is a change, too. */
function sizeOf({ root, stateFolder }: Project, ticket: string): string {
  const folders = [journalFolder(stateFolder, ticket), join(root, evidenceFolder(ticket))];
  return folders.map(bytesIn).join();
}

function bytesIn(folder: string): number {
  if (!existsSync(folder)) return 0;
  const sizes = readdirSync(folder).map(
    (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size,
  );
  return sizes.reduce((sum: number, size) => sum + (size ?? 0), 0);
}

async function readStory(
  { root, stateFolder }: Project,
  ticket: string,
): Promise<{ run: string | null; entries: StoryEntry[] }> {
  const latest = await readLatestRun(stateFolder, ticket);
  if (latest === null) return { run: null, entries: [] };
  const { segments } = await readSegments(root, ticket);
  return { run: latest.run, entries: tellStory(latest.run, latest.records, segments) };
}

function published({ at, step, what, tier, status }: StoryEntry) {
  return { time: at, step: step || null, what: what || null, tier, status };
}

/** Columns of the longest step and tier; what comes later is not known while a run is followed. */
const stepWidth = 12;
const tierWidth = 9;

function lineOf({ at, step, what, tier, status }: StoryEntry): Part[] {
  return [
    { text: `${at}  `, style: "dim" },
    { text: step.padEnd(stepWidth), style: "bold" },
    tier === null ? " ".repeat(tierWidth) : { text: tier.padEnd(tierWidth), style: styleOf(tier) },
    what === "" ? status : `${what}  ${status}`,
  ];
}
