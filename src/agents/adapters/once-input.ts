import { fence, visible } from "../../evidence/redact.ts";
import type { ActionOutcome, AgentAction } from "../adapter.ts";

export type Exchange =
  | { kind: "acted"; round: number; actions: AgentAction[]; outcomes: ActionOutcome[] }
  /** An answer that could not be read. Nothing of it was done. */
  | { kind: "misread"; round: number; text: string; problems: string[] };

/** Bytes in one prompt: of rounds that are told in full, and of older ones that are told in a line an action. */
const historyBudget = { full: 120_000, short: 40_000 };
/** Of an answer that could not be read: enough to see what was wrong with it. */
const misreadBytes = 8_000;

/**
 * Stdin of the next process in `once` mode, which remembers nothing: the prompt and the rounds so far. The newest are
 * told in full, as many as fit; older ones in a line an action; what still does not fit is left out oldest first, and
 * said. The last round is always there, the middle of its output cut where it has to be. Pure.
 */
export function onceInput(prompt: string, exchanges: readonly Exchange[], budget = historyBudget): string {
  const last = exchanges.at(-1);
  if (last === undefined) return prompt;
  const full = [tellRound(last, budget.full)];
  let left = budget.full - Buffer.byteLength(full[0] ?? "");
  let oldest = exchanges.length - 1;
  for (; oldest > 0; oldest -= 1) {
    const round = exchanges[oldest - 1];
    const text = round === undefined ? "" : tellRound(round, Number.POSITIVE_INFINITY);
    left -= Buffer.byteLength(text);
    if (left < 0) break;
    full.unshift(text);
  }
  const earlier = exchanges.slice(0, oldest);
  return `${[
    prompt.trimEnd(),
    ...(earlier.length > 0 ? [`# What you did so far\n\n${summarizeRounds(earlier, budget.short)}`] : []),
    ...full,
    last.kind === "misread"
      ? "Repair exactly this and answer again in the form given above."
      : "Answer again in the form given above: more actions, or the result.",
  ].join("\n\n")}\n`;
}

function tellRound(exchange: Exchange, budget: number): string {
  return exchange.kind === "acted"
    ? `# Outcomes of round ${exchange.round}\n\n${showOutcomes(exchange, budget)}`
    : `# Your answer of round ${exchange.round} could not be read\n\n${showMisread(exchange, budget)}`;
}

function showMisread({ text, problems }: Extract<Exchange, { kind: "misread" }>, budget: number): string {
  const said = showOutput("You wrote", text, Math.min(budget, misreadBytes));
  const wrong = `Nothing of it was done. What is wrong with it:\n${fence(problems.map(visible).join("\n"))}`;
  return [said, wrong].filter((part) => part !== "").join("\n\n");
}

function summarizeRounds(exchanges: readonly Exchange[], budget: number): string {
  const kept: string[] = [];
  let left = budget;
  for (const exchange of exchanges.toReversed()) {
    const text = visible(shortRound(exchange).join("\n"));
    left -= Buffer.byteLength(text) + 1;
    if (left < 0) break;
    kept.unshift(text);
  }
  const missing = exchanges.length - kept.length;
  const outputs = "Nimrod left out what these actions wrote";
  const rounds = missing === 0 ? "" : `, and the first ${missing} rounds altogether`;
  const said = `${outputs}${rounds}: it did not fit. Read again what you need.`;
  return kept.length === 0 ? said : `${said}\n\n${fence(kept.join("\n"))}`;
}

function shortRound(exchange: Exchange): string[] {
  if (exchange.kind === "misread") return [`round ${exchange.round}: an answer that could not be read`];
  const { round, actions, outcomes } = exchange;
  return outcomes.map(
    (each, index) => `round ${round}: ${shortAction(actions[index])} → ${shortOutcome(each)}`,
  );
}

function showOutcomes({ actions, outcomes }: Extract<Exchange, { kind: "acted" }>, budget: number): string {
  const texts = outcomes.flatMap(({ stdout = "", stderr = "" }) => [stdout, stderr]);
  const share = fairShare(
    texts.map((text) => Buffer.byteLength(text)),
    budget,
  );
  return outcomes
    .map((outcome, index) => {
      const { stdout, stderr } = outcome;
      const head = `${index + 1}. ${visible(shortAction(actions[index]))} → ${visible(shortOutcome(outcome))}`;
      return [head, showOutput("stdout", stdout, share), showOutput("stderr", stderr, share)]
        .filter((part) => part !== "")
        .join("\n\n");
    })
    .join("\n\n");
}

/** The most bytes that each may have so that all fit: what the short ones leave is for the long ones. */
function fairShare(sizes: readonly number[], budget: number): number {
  let left = budget;
  for (const [index, size] of sizes.toSorted((a, b) => a - b).entries()) {
    const share = Math.floor(left / (sizes.length - index));
    if (size > share) return share;
    left -= size;
  }
  return budget;
}

/** Head and tail of what is too long: errors stand at the end, the subject at the beginning. */
function showOutput(name: string, text: string | undefined, share: number): string {
  if (text === undefined || text === "") return "";
  const shown = visible(text);
  const bytes = Buffer.from(shown);
  if (bytes.length <= share) return `${name}:\n${fence(shown)}`;
  const half = Math.floor(share / 2);
  const head = bytes.subarray(0, half).toString();
  const tail = bytes.subarray(bytes.length - half).toString();
  return `${name} (${bytes.length - 2 * half} bytes in the middle left out by Nimrod):\n${fence(`${head}\n[…]\n${tail}`)}`;
}

function shortAction(action: AgentAction | undefined): string {
  if (action === undefined) return "?";
  switch (action.kind) {
    case "run":
      return `run ${clip("argv" in action ? JSON.stringify(action.argv) : action.command)}`;
    case "ask":
      return `ask ${action.questions.map(({ id }) => id).join(", ")}`;
    case "search":
      return `search ${clip(action.pattern)}`;
    case "fetch":
      return `fetch ${clip(action.url)}`;
    case "delegate":
      return `delegate ${clip(action.question)}`;
    default:
      return `${action.kind} ${clip(action.path)}`;
  }
}

function shortOutcome({ status, tier, exit, truncated, lines, reason }: ActionOutcome): string {
  const facts = [
    `tier ${tier}`,
    exit === undefined ? null : `exit ${exit}`,
    lines === undefined ? null : `lines ${lines.from} to ${lines.to} of ${lines.of}`,
    truncated ? "output was cut" : null,
  ];
  const why = reason === undefined ? "" : `: ${clip(reason)}`;
  return `${status} (${facts.filter((fact) => fact !== null).join(", ")})${why}`;
}

function clip(text: string): string {
  const line = text.replace(/\s*\n\s*/g, " ⏎ ");
  return line.length <= 200 ? line : `${line.slice(0, 200).toWellFormed()}…`;
}
