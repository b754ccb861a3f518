import { basename } from "node:path";
import { type OpenSegment, openSegment } from "../evidence/ledger.ts";
import type { NewRecord } from "../evidence/record.ts";
import type { WitnessPlace } from "../evidence/witness.ts";
import { ulid } from "../platform/clock.ts";
import type { Bindings, RunFacts } from "./facts.ts";
import type { Ports } from "./ports.ts";

/** Where this machine remembers the heads of this repository's evidence. */
export function repositoryWitness(ports: Pick<Ports, "stateHome" | "stateFolder">): WitnessPlace {
  return { stateHome: ports.stateHome, repository: basename(ports.stateFolder) };
}

/** Opens the evidence segment of one pass, or of something that Nimrod does itself between passes. */
export async function openRunSegment(
  ports: Ports,
  facts: Pick<RunFacts, "ticket" | "run" | "base" | "planDigest" | "round">,
  now: Bindings,
  what: { name: string; id?: string; header?: Record<string, unknown> },
): Promise<OpenSegment> {
  return openSegment({
    root: ports.root,
    ticket: facts.ticket,
    run: facts.run,
    pass: what.name,
    ulid: what.id ?? ulid(ports.clock),
    key: ports.sealKey,
    clock: ports.clock,
    redact: ports.redact,
    witness: repositoryWitness(ports),
    header: {
      text: now.ticketText,
      policy: now.policy,
      base: facts.base,
      plan: facts.planDigest,
      round: facts.round,
      version: ports.version,
      sandbox: ports.sandbox.kind,
      ...what.header,
    },
  });
}

/** Collects records while it is not yet known which ticket they belong to: triage runs before the claim. */
export function bufferSegment(): OpenSegment & { records: NewRecord[] } {
  const records: NewRecord[] = [];
  return {
    path: "",
    records,
    async append(record) {
      records.push(record);
    },
    async seal() {
      return { head: "", count: records.length };
    },
  };
}
