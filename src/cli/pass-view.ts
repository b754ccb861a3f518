import { visible } from "../evidence/redact.ts";
import type { Progress } from "../pipeline/ports.ts";
import type { Part } from "./output.ts";
import { fitText, textWidth } from "./text-width.ts";

/** What a person may know of the pass that is running, folded from its events. Pure; times are milliseconds. */
export type PassView = {
  pass: Extract<Progress, { kind: "pass" }>;
  startedMs: number;
  /** When the agent gave its last sign of life, or Nimrod its last answer. */
  lastSignMs: number;
  /** The action that Nimrod performs now, or asks a person about; null while the agent thinks. */
  doing: { what: string; tier: string; asked: boolean; sinceMs: number } | null;
  reads: number;
  tokens: number;
  usd: number;
};

/** The view after one more event; null where no pass has begun. */
export function follow(view: PassView | null, event: Progress, nowMs: number): PassView | null {
  if (event.kind === "pass") {
    const fresh = { startedMs: nowMs, lastSignMs: nowMs, doing: null, reads: 0, tokens: 0, usd: 0 };
    return { pass: event, ...fresh };
  }
  if (view === null) return null;
  switch (event.kind) {
    case "doing": {
      const { what, tier, asked = false } = event;
      return { ...afterAsking(view, nowMs), doing: { what, tier, asked, sinceMs: nowMs }, lastSignMs: nowMs };
    }
    case "action": {
      const reads = view.reads + (isRead(event) ? 1 : 0);
      return { ...afterAsking(view, nowMs), doing: null, lastSignMs: nowMs, reads };
    }
    case "heard":
      return { ...view, lastSignMs: nowMs };
    case "usage":
      return { ...view, tokens: event.tokens, usd: event.usd, lastSignMs: nowMs };
    default:
      return view;
  }
}

/** A person was asked meanwhile: that time is neither silence nor work. */
export function withoutPause(view: PassView, pausedMs: number): PassView {
  return {
    ...view,
    startedMs: view.startedMs + pausedMs,
    lastSignMs: view.lastSignMs + pausedMs,
    doing: view.doing && { ...view.doing, sinceMs: view.doing.sinceMs + pausedMs },
  };
}

function afterAsking(view: PassView, nowMs: number): PassView {
  return view.doing?.asked ? withoutPause(view, nowMs - view.doing.sinceMs) : view;
}

/** Looking is only counted: a line for each file would bury the actions that matter. */
export function isRead(event: Extract<Progress, { kind: "action" }>): boolean {
  return event.tier === "none" && event.status !== "denied" && !/^(write|edit) /.test(event.what);
}

const tierStyle = { none: "green", brief: "cyan", explicit: "yellow", deny: "red" } as const;

export function styleOf(tier: string): "green" | "cyan" | "yellow" | "red" {
  return Object.hasOwn(tierStyle, tier) ? tierStyle[tier as keyof typeof tierStyle] : "red";
}

/** The bottom line, at most `width` columns: the figures first, the action gets what is left. */
export function statusLine(view: PassView, nowMs: number, width: number): Part[] {
  const figures = ` · ${standingOf(view, nowMs).join(" · ")}`;
  const room = Math.max(0, width - textWidth(figures) - 2);
  const { doing } = view;
  if (doing === null) return [fitText(`  ${fitText("thinking", room)}${figures}`, width)];
  const tier = room > textWidth(doing.tier) + 10 ? doing.tier : "";
  // What would be shown as an escape takes more columns than it has characters.
  const line = visible(doing.what).replaceAll(/\s+/g, " ");
  const what = fitText(line, Math.max(0, room - textWidth(tier) - (tier === "" ? 0 : 2)));
  const head = `  ${what}`;
  if (tier === "") return [fitText(`${head}${figures}`, width)];
  return [
    `${head}  `,
    { text: tier, style: styleOf(doing.tier) },
    fitText(figures, width - textWidth(`${head}  ${tier}`)),
  ];
}

/** Tokens, money, silence and time, each beside its limit. What an agent does not tell is left out. */
export function standingOf(view: PassView, nowMs: number): string[] {
  const { doing } = view;
  const { limits } = view.pass;
  const silent = seconds(nowMs - view.lastSignMs);
  // The time for which a person is waited for does not count.
  const wallMs = (doing?.asked ? doing.sinceMs : nowMs) - view.startedMs;
  return [
    ...used(view, limits.usd),
    doing === null
      ? `silent ${silent} s (limit ${limits.idleSeconds})`
      : `${doing.asked ? "asked" : "working"} ${seconds(nowMs - doing.sinceMs)} s`,
    `wall ${clock(wallMs)} (limit ${clock(limits.wallSeconds * 1000)})`,
  ];
}

export function used(view: Pick<PassView, "tokens" | "usd">, limit: number | null): string[] {
  return [
    ...(view.tokens > 0 ? [`tokens ${thousands(view.tokens)}`] : []),
    ...(view.usd > 0 ? [`${money(view.usd)}${limit === null ? "" : ` of ${money(limit)}`}`] : []),
  ];
}

/** A cheap pass is not shown as a free one. */
function money(usd: number): string {
  return `$${usd.toFixed(usd > 0 && usd < 0.1 ? 4 : 2)}`;
}

function thousands(count: number): string {
  if (count < 1000) return `${count}`;
  return count < 1_000_000 ? `${Math.round(count / 1000)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}

function seconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1000));
}

/** `48s`, `1m04`, `30m`. */
function clock(ms: number): string {
  const whole = seconds(ms);
  if (whole < 60) return `${whole}s`;
  const rest = whole % 60;
  return `${Math.floor(whole / 60)}m${rest === 0 ? "" : String(rest).padStart(2, "0")}`;
}
