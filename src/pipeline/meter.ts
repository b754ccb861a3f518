import type { PassLimits, Usage } from "../agents/adapter.ts";
import {
  type Charge,
  chargeOf,
  dollars,
  type Prices,
  type Reading,
  read,
  type Standing,
  standing,
  unread,
} from "./budget.ts";

/** Counts what one pass uses while it runs, its sub-passes included. All decisions are budget.ts's. */
export type Meter = {
  /** For `PassRequest.usage`. */
  report: (usage: Usage) => "go" | "stop";
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
  const parts: (() => Pick<Charge, "usd" | "tokens" | "known">)[] = [];

  const used = () => {
    const held = parts.map((part) => part());
    return {
      usd: held.reduce((sum, part) => sum + part.usd, own.usd ?? 0),
      tokens: held.reduce((sum, part) => sum + part.tokens, own.tokens),
      turns: own.turns,
      known: held.every((part) => part.known),
    };
  };

  const look = (): "go" | "stop" => {
    const now = used();
    tell({ kind: "usage", tokens: now.tokens, usd: now.usd });
    const state: Standing = standing(now, limits);
    if (state.kind === "stop") stop ??= state.message;
    if (state.kind !== "go" && !warned) tell({ kind: "note", text: state.message });
    warned ||= state.kind !== "go";
    return stop === null ? "go" : "stop";
  };

  const meter: Meter = {
    limits,
    report(usage) {
      own = read(own, usage, prices);
      return look();
    },
    stopped: () => stop,
    charge() {
      const charge = chargeOf(own, reserved);
      // The whole reservation covers the parts; beyond it they are counted one by one.
      const held = used();
      return {
        ...charge,
        usd: Math.max(charge.usd, held.usd),
        tokens: held.tokens,
        known: charge.known && held.known,
      };
    },
    slice(share) {
      const now = used();
      const part = {
        usd: Math.min(limits.usd * share, limits.usd - now.usd),
        tokens: Math.floor(Math.min(limits.tokens * share, limits.tokens - now.tokens)),
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
      parts.push(() => {
        if (closed !== null) return closed;
        const sofar = inner.charge();
        return reserved === 0 ? sofar : { ...sofar, usd: Math.max(part.usd, sofar.usd) };
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
  return meter;
}

/** For evidence and progress: `≤` where the figure is the reservation. */
export function shownCharge({ usd, known }: Pick<Charge, "usd" | "known">): string {
  return `${known ? "" : "≤ "}${dollars(usd)}`;
}
