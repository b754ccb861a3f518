import type { AgentAdapter, PassLimits } from "../agents/adapter.ts";
import type { OpenSegment } from "../evidence/ledger.ts";
import { type Charge, countedUsd, dollars, reserve } from "./budget.ts";
import { type Bindings, foldJournal, type StepName } from "./facts.ts";
import type { Journal } from "./journal.ts";
import { type Meter, openMeter } from "./meter.ts";
import type { Ports } from "./ports.ts";

export type PassMoney =
  | { kind: "refused"; message: string }
  | {
      kind: "reserved";
      meter: Meter;
      /** Writes down what the pass came to: into evidence, then into the journal. `failure`: why it failed, if it did. */
      settle: (segment: OpenSegment, failure: string | null) => Promise<void>;
    };

/** Sets money aside before anything is started, so that a kill in the middle counts it as spent. */
export async function reserveFor(
  { ports, journal, now, step }: { ports: Ports; journal: Journal; now: Bindings; step: StepName },
  { agent, pass, limits }: { agent: AgentAdapter; pass: string; limits: PassLimits },
): Promise<PassMoney> {
  const { ticketUsd, prices } = ports.limits;
  const before = foldJournal(journal.records, now).spent;
  const reservation = reserve(agent, { usd: limits.usd, ticketUsd }, before);
  if (reservation.kind === "refused") return reservation;
  const reserved = reservation.usd;
  const counted = countedUsd(before) + reserved;
  if (reserved > 0) {
    await journal.append({ type: "reserved", pass, step, agent: agent.name, usd: reserved });
    if (counted >= 0.8 * ticketUsd) {
      const text = `with this pass the run counts as ${dollars(counted)} of ${dollars(ticketUsd)} (limits.ticketUsd)`;
      ports.progress({ kind: "note", text });
    }
  }
  const meter = openMeter({
    limits: { usd: limits.usd, tokens: limits.tokens, turns: limits.turns },
    reserved,
    prices,
    model: agent.model ?? null,
    tell: ports.progress,
  });
  return {
    kind: "reserved",
    meter,
    async settle(segment, failure) {
      const { usd, tokens, known, model } = billed(meter, failure);
      if (reserved === 0 && usd === 0 && tokens === 0) return;
      if (!known) {
        const text = `${agent.name} told no cost: this pass counts as ${dollars(usd)} of ${dollars(ticketUsd)} (see prices in the configuration)`;
        ports.progress({ kind: "note", text });
      }
      const figures = { reserved, usd, tokens, known, model };
      await segment.append({ type: "note", actor: "nimrod", data: { what: "spent", ...figures } });
      await journal.append({ type: "spent", pass, step, ...figures });
    },
  };
}

/** Whom no login let in was not served: without a single token told, such a pass is the one that is known to be free. */
function billed(meter: Meter, failure: string | null): Charge {
  const charge = meter.charge();
  return failure === "auth" && charge.tokens === 0 ? { ...charge, usd: 0, known: true } : charge;
}
