import { gistOf } from "../../agents/gist.ts";
import { NimrodError } from "../../errors.ts";
import { readSegments } from "../../evidence/ledger.ts";
import { visible } from "../../evidence/redact.ts";
import { readLatestRun } from "../../pipeline/journal.ts";
import { readTranscripts, type Transcript } from "../../pipeline/read-transcripts.ts";
import type { StoredTicket } from "../../tickets/ticket.ts";
import type { Context, Project } from "../context.ts";

/** Characters of one line of talk, and lines of one pass, that are printed: the file has the rest. */
const mostCharacters = 20_000;
const mostLines = 500;

const arrows = {
  in: "→ to the agent",
  out: "← from the agent",
  err: "! on stderr",
  says: "← it says",
  calls: "← it calls",
  hears: "→ it hears",
  ends: "← it ends",
} as const;

/** `show ID --transcript`: what the passes of the newest run and their agents said to each other, redacted. */
export async function showTranscript(
  { output }: Context,
  { root, stateFolder }: Project,
  ticket: StoredTicket,
  step: string | undefined,
): Promise<number> {
  const latest = await readLatestRun(stateFolder, ticket.id);
  const { segments } = await readSegments(root, ticket.id);
  const run = latest?.run ?? "";
  const all = latest ? await readTranscripts({ stateFolder }, { ticket: ticket.id, run, segments }) : [];
  const steps = [...new Set(all.flatMap((each) => each.step ?? []))];
  const shown = step === undefined ? all : all.filter((each) => each.step === step);
  if (step !== undefined && shown.length === 0)
    throw new NimrodError("usage", `the newest run of ${ticket.id} has no transcript of "${step}"`, {
      lines: steps,
    });
  output.document("transcript", { ticket: ticket.id, run: latest?.run ?? null, passes: shown.map(bounded) });
  if (shown.length === 0) output.line(`No pass of ${ticket.id} has said anything on this machine.`);
  for (const { pass, step: of, lines, more } of shown.map(bounded)) {
    output.line({ text: `${of ?? "sub-pass"}  ${pass}`, style: "bold" });
    let leftOut = 0;
    for (const { direction, text } of lines) {
      const gist = direction === "out" ? gistOf(text) : null;
      if (gist?.length === 0) leftOut += 1;
      for (const said of gist ?? [{ kind: direction, text }]) {
        output.line({ text: `  ${arrows[said.kind]}`, style: "dim" });
        output.line(cut(visible(said.text)).replaceAll(/^/gm, "    "));
      }
    }
    const rest = [
      leftOut > 0 ? `${leftOut} lines of bookkeeping left out` : "",
      more > 0 ? `${more} more lines` : "",
    ].filter((text) => text !== "");
    if (rest.length > 0) output.line({ text: `  ${rest.join(", ")}: --json has them`, style: "dim" });
  }
  return 0;
}

function bounded({ lines, ...pass }: Transcript): Transcript & { more: number } {
  return {
    ...pass,
    lines: lines.slice(0, mostLines).map(({ direction, text }) => ({ direction, text: cut(text) })),
    more: Math.max(0, lines.length - mostLines),
  };
}

function cut(text: string): string {
  const rest = text.length - mostCharacters;
  return rest <= 0 ? text : `${text.slice(0, mostCharacters).toWellFormed()}… and ${rest} more characters`;
}
