import { fence, visible } from "../../evidence/redact.ts";
import type { ActionOutcome, AgentAction } from "../adapter.ts";

export type Exchange = { round: number; actions: AgentAction[]; outcomes: ActionOutcome[] };

/** Bytes of the last round's outcomes, and of all rounds before it, in one prompt. */
const historyBudget = { last: 120_000, earlier: 40_000 };

/**
 * Stdin of the next process in `once` mode: the prompt, what was done so far (one line an action), and the last
 * outcomes in full. What does not fit is left out oldest first, and said. Pure.
 */
export function onceInput(prompt: string, exchanges: Exchange[], budget = historyBudget): string {
  const last = exchanges.at(-1);
  if (last === undefined) return prompt;
  const parts = [prompt.trimEnd()];
  const earlier = exchanges.slice(0, -1);
  if (earlier.length > 0) parts.push(`# What you did so far\n\n${summarizeRounds(earlier, budget.earlier)}`);
  parts.push(`# Outcomes of round ${last.round}\n\n${showOutcomes(last, budget.last)}`);
  parts.push("Answer again in the form given above: more actions, or the result.");
  return `${parts.join("\n\n")}\n`;
}

function summarizeRounds(exchanges: Exchange[], budget: number): string {
  const kept: string[] = [];
  let left = budget;
  for (const { round, actions, outcomes } of exchanges.toReversed()) {
    const lines = outcomes.map(
      (outcome, index) => `round ${round}: ${shortAction(actions[index])} → ${shortOutcome(outcome)}`,
    );
    const text = visible(lines.join("\n"));
    left -= Buffer.byteLength(text) + 1;
    if (left < 0) break;
    kept.unshift(text);
  }
  const missing = exchanges.length - kept.length;
  const said = missing === 0 ? "" : `Nimrod left out the first ${missing} rounds: they did not fit.\n\n`;
  return `${said}${fence(kept.join("\n"))}`;
}

function showOutcomes({ actions, outcomes }: Exchange, budget: number): string {
  const share = Math.floor(budget / Math.max(1, outcomes.length));
  return outcomes
    .map((outcome, index) => {
      const { stdout, stderr } = outcome;
      const head = `${index + 1}. ${visible(shortAction(actions[index]))} → ${visible(shortOutcome(outcome))}`;
      return [head, showOutput("stdout", stdout, share / 2), showOutput("stderr", stderr, share / 2)]
        .filter((part) => part !== "")
        .join("\n\n");
    })
    .join("\n\n");
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

function shortOutcome({ status, tier, exit, truncated, reason }: ActionOutcome): string {
  const facts = [
    `tier ${tier}`,
    exit === undefined ? null : `exit ${exit}`,
    truncated ? "output was cut" : null,
  ];
  const why = reason === undefined ? "" : `: ${clip(reason)}`;
  return `${status} (${facts.filter((fact) => fact !== null).join(", ")})${why}`;
}

function clip(text: string): string {
  const line = text.replace(/\s*\n\s*/g, " ⏎ ");
  return line.length <= 200 ? line : `${line.slice(0, 200).toWellFormed()}…`;
}
