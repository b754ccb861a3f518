import type { AgentAdapter, PassLimits, Usage } from "../agents/adapter.ts";

/**
 * What a pass may cost, reserved before it and settled after it. Figures come from the CLI that spends the money, so
 * they are believed upwards only: what is not told, or cannot be true, counts as the whole reservation.
 */

/** US dollars for a million tokens. */
type Price = { input: number; cached: number; output: number };
/** By the beginning of a model's name; the longest that fits counts. */
export type Prices = Readonly<Record<string, Price>>;

/** What a run has used so far. US dollars, and tokens in and out together. */
export type Spent = {
  usd: number;
  tokens: number;
  /** Passes that count as their reservation, because nobody knows what they cost. */
  unknown: number;
  /** Reserved by passes that have not been settled: the one that is running, or was killed. */
  reserved: number;
};

export const nothingSpent: Spent = { usd: 0, tokens: 0, unknown: 0, reserved: 0 };

/** What the ticket's limit is compared with. */
export function countedUsd(spent: Spent): number {
  return roundUsd(spent.usd + spent.reserved);
}

export function addReservation(spent: Spent, usd: number): Spent {
  return { ...spent, reserved: roundUsd(spent.reserved + usd) };
}

export function addCharge(spent: Spent, charge: Charge & { reserved: number }): Spent {
  return {
    usd: roundUsd(spent.usd + charge.usd),
    tokens: spent.tokens + charge.tokens,
    unknown: spent.unknown + (charge.known ? 0 : 1),
    reserved: Math.max(0, roundUsd(spent.reserved - charge.reserved)),
  };
}

type BudgetLimits = Pick<PassLimits, "usd" | "tokens" | "turns">;

export type Reservation = { kind: "reserved"; usd: number } | { kind: "refused"; message: string };

/** A pass whose content goes to a vendor may cost all of `limits.usd`; one that stays on the machine costs nothing. */
export function reserve(
  agent: Pick<AgentAdapter, "vendor" | "free">,
  limits: Pick<BudgetLimits, "usd"> & { ticketUsd: number },
  spent: Spent,
): Reservation {
  const usd = agent.vendor === null || agent.free === true ? 0 : limits.usd;
  const counted = countedUsd(spent);
  if (usd === 0 || roundUsd(counted + usd) <= limits.ticketUsd) return { kind: "reserved", usd };
  const assumed =
    spent.unknown > 0 ? `, ${spent.unknown} of its passes counted as ${dollars(limits.usd)} each` : "";
  return {
    kind: "refused",
    message:
      `this run counts as ${dollars(counted)} of ${dollars(limits.ticketUsd)}${assumed}, and a pass may take ` +
      `${dollars(usd)}: raise limits.ticketUsd, or lower limits.usd`,
  };
}

/** What a pass came to. `known` is false where the reservation stands in for figures that are missing or impossible. */
export type Charge = { usd: number; tokens: number; known: boolean; model: string | null };

export type Reading = {
  model: string | null;
  /** The most that was reported or priced; null until something that can be true was. */
  usd: number | null;
  /** The most that the CLI itself said, in US dollars. */
  told: number;
  tokens: number;
  turns: number;
  /** A figure was negative, no number, or went down: then nothing that it says lowers the bill. */
  doubted: boolean;
};

export const unread: Reading = { model: null, usd: null, told: 0, tokens: 0, turns: 0, doubted: false };

/** Takes in one report: maxima, so that no order of reports makes a pass cheaper. */
export function read(before: Reading, usage: Usage, prices: Prices): Reading {
  const { inputTokens, cachedTokens, outputTokens, turns } = usage;
  const model = usage.model ?? before.model;
  const figures = [inputTokens, cachedTokens, outputTokens, turns, usage.usd ?? 0];
  const tokens = amount(inputTokens) + amount(outputTokens);
  const told = amount(usage.usd ?? 0);
  const usd = told > 0 ? told : priced({ ...usage, model }, prices);
  return {
    model,
    usd: usd === null ? before.usd : Math.max(before.usd ?? 0, usd),
    told: Math.max(before.told, told),
    tokens: Math.max(before.tokens, tokens),
    turns: Math.max(before.turns, amount(turns)),
    doubted:
      before.doubted ||
      !figures.every((figure) => figure === 0 || amount(figure) > 0) ||
      (tokens > 0 && tokens < before.tokens) ||
      (usage.usd !== null && told < before.told),
  };
}

/** By the price table; null where the model is not in it or no tokens were told. */
function priced(usage: Usage, prices: Prices): number | null {
  const { model } = usage;
  const input = amount(usage.inputTokens);
  const output = amount(usage.outputTokens);
  if (model === null || input + output === 0) return null;
  const prefix = Object.keys(prices)
    .filter((each) => model.startsWith(each))
    .sort((a, b) => b.length - a.length)[0];
  const price = prefix === undefined ? undefined : prices[prefix];
  if (price === undefined) return null;
  const cached = Math.min(amount(usage.cachedTokens), input);
  return ((input - cached) * price.input + cached * price.cached + output * price.output) / 1_000_000;
}

/** What the pass is billed with, now or at its end. */
export function chargeOf(reading: Reading, reserved: number): Charge {
  const known = reading.usd !== null && !reading.doubted;
  // Where nothing was reserved, nothing leaves the machine, and no figure is missing.
  const usd = known || reserved === 0 ? (reading.usd ?? 0) : Math.max(reserved, reading.usd ?? 0);
  return { usd: roundUsd(usd), tokens: reading.tokens, known: known || reserved === 0, model: reading.model };
}

export type Standing = { kind: "go" } | { kind: "warn" | "stop"; message: string };

/** At 80 % of a limit a warning, at 100 % the end. The last turn that is allowed may still bring the result. */
export function standing(
  used: { usd: number; tokens: number; turns: number },
  limits: BudgetLimits,
): Standing {
  const of = [
    {
      share: share(used.usd, limits.usd),
      key: "usd",
      text: `${dollars(used.usd)} of ${dollars(limits.usd)}`,
    },
    {
      share: share(used.tokens, limits.tokens),
      key: "tokens",
      text: `${used.tokens} of ${limits.tokens} tokens`,
    },
    { share: used.turns / (limits.turns + 1), key: "turns", text: `${used.turns} of ${limits.turns} turns` },
  ].sort((a, b) => b.share - a.share)[0];
  if (of === undefined || of.share < warnAt) return { kind: "go" };
  const message = `${of.text} of this pass are used`;
  if (of.share < 1) return { kind: "warn", message };
  return { kind: "stop", message: `${message}: raise limits.${of.key} if that is not enough` };
}

const warnAt = 0.8;

function share(used: number, limit: number): number {
  return used <= 0 ? 0 : used / limit;
}

export function dollars(usd: number): string {
  return `US$ ${usd.toFixed(usd > 0 && usd < 0.1 ? 4 : 2)}`;
}

/** A figure as far as it can be true: no pass has ever used a billion of anything. */
function amount(figure: number): number {
  return figure > 0 && figure <= 1e9 ? figure : 0;
}

/** Millionths of a dollar: sums of floats must not drift over a long run. */
export function roundUsd(usd: number): number {
  return Math.round(usd * 1e6) / 1e6;
}
