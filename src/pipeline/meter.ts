import type { PassLimits, Usage } from "../agents/adapter.ts";
import {
  type Charge,
  chargeOf,
  dollars,
  type Prices,
  type Reading,
  read,
  roundUsd,
  type Standing,
  standing,
  unread,
} from "./budget.ts";

/** Counts what one pass uses while it runs, its sub-passes included. All decisions are budget.ts's. */
export type Meter = {
  /** For `PassRequest.usage`. */
  report: (usage: Usage) => "go" | "stop";
  used: () => { usd: number; tokens: number; turns: number };
  /** Why the pass was stopped; null while it may go on. */
  stopped: () => string | null;
  /** What it came to so far: unknown figures as the whole reservation. */
  charge: () => Charge;
  limits: Pick<PassLimits, "usd" | "tokens" | "turns">;
  /**
   * A part of what is left, for a sub-pass: `share` of the whole (0–1), at most what no other part holds. It counts in
   * full while it is open, and as its own charge from `close` on. Null where nothing worth starting is left.
   */
  slice: (share: number) => (Meter & { close: () => Charge }) | null;
};

export type MeterOptions = {
  limits: Meter["limits"];
  /** US dollars set aside for this pass; 0 where nothing leaves the machine. */
  reserved: number;
  prices: Prices;
  /** As configured, where the CLI does not name it. */
  model: string | null;
  /** Told figures whenever they changed, and once that 80 % of a limit are used. */
  tell: (event: { kind: "usage"; tokens: number; usd: number } | { kind: "note"; text: string }) => void;
};

export function openMeter({ limits, reserved, prices, model, tell }: MeterOptions): Meter {
  let own: Reading = { ...unread, model };
  let warned = false;
  let stop: string | null = null;
  const parts: Part[] = [];

  /** As far as it was told: what the limits are compared with. */
  const used = () => ({
    usd: parts.reduce((sum, part) => sum + part.used().usd, own.usd ?? 0),
    tokens: parts.reduce((sum, part) => sum + part.used().tokens, own.tokens),
    turns: own.turns,
  });
  /** With open parts in full: what a further part is cut from, and what is billed. */
  const held = () => parts.reduce((sum, part) => sum + part.held().usd, own.usd ?? 0);

  const look = (): "go" | "stop" => {
    const now = used();
    tell({ kind: "usage", tokens: now.tokens, usd: now.usd });
    const state: Standing = standing(now, limits);
    if (state.kind === "stop") stop ??= state.message;
    if (state.kind !== "go" && !warned) tell({ kind: "note", text: state.message });
    warned ||= state.kind !== "go";
    return stop === null ? "go" : "stop";
  };

  return {
    limits,
    used,
    report(usage) {
      own = read(own, usage, prices);
      return look();
    },
    stopped: () => stop,
    charge() {
      const { usd, known } = chargeOf(own, reserved);
      // The reservation covers the parts; where the pass itself is known, they are added to it one by one.
      return {
        model: own.model,
        usd: roundUsd(Math.max(usd, held())),
        tokens: used().tokens,
        known: known && parts.every((part) => part.held().known),
      };
    },
    slice(share) {
      const part = {
        usd: Math.min(limits.usd * share, limits.usd - held()),
        tokens: Math.floor(Math.min(limits.tokens * share, limits.tokens - used().tokens)),
        turns: limits.turns,
      };
      if (stop !== null || part.tokens <= 0 || (limits.usd > 0 && part.usd <= 0)) return null;
      const inner = openMeter({
        limits: part,
        reserved: reserved === 0 ? 0 : part.usd,
        prices,
        model,
        tell: (event) => (event.kind === "note" ? undefined : void look()),
      });
      let closed: Charge | null = null;
      parts.push({
        used: () => closed ?? inner.used(),
        held: () => closed ?? { ...inner.charge(), usd: Math.max(reserved && part.usd, inner.charge().usd) },
      });
      return {
        ...inner,
        report: (usage) => (inner.report(usage) === "stop" || stop !== null ? "stop" : "go"),
        stopped: () => inner.stopped() ?? stop,
        close() {
          closed ??= inner.charge();
          look();
          return closed;
        },
      };
    },
  };
}

type Part = { used: () => { usd: number; tokens: number }; held: () => Pick<Charge, "usd" | "known"> };

/** For evidence and progress: `≤` where the figure is the reservation. */
export function shownCharge({ usd, known }: Pick<Charge, "usd" | "known">): string {
  return `${known ? "" : "≤ "}${dollars(usd)}`;
}
