import type { AgentAction, Toolbox } from "../agents/adapter.ts";
import { type Action, type Decision, doneAs } from "../authorization/action.ts";
import type { Gate } from "../authorization/gate.ts";
import { parseCommand } from "../authorization/parse-command.ts";
import { staticArgv } from "../authorization/parsed-command.ts";

/**
 * For agents whose own tools cannot be taken away and ask first. Agents propose, Nimrod performs: what such a tool may
 * do by itself is to look at the worktree. Everything else is refused with the name of the tool that is judged.
 */

const toolFor: Record<AgentAction["kind"], string> = {
  run: "run",
  read: "read_file",
  write: "write_file",
  edit: "edit_file",
  list: "list_files",
  search: "search",
  fetch: "fetch",
  ask: "ask_operator",
  delegate: "delegate",
};

export function judgeWith(gate: Gate): NonNullable<Toolbox["judge"]> {
  return async (asked) => {
    const instead = `use the tool ${toolFor[asked.kind]} of the MCP server nimrod`;
    if (asked.kind === "ask" || asked.kind === "delegate") return { allowed: false, reason: instead };
    const action: Action = asked.kind === "search" ? { ...asked, path: asked.path ?? "." } : asked;
    const allows = (judged: Decision): boolean => onlyLooks(judged) && isPlain(action);
    const decision = await gate.judge(action, allows);
    if (allows(decision)) return { allowed: true, reason: decision.reason };
    const why =
      decision.tier === "none" ? "only the worktree is looked at by an agent itself" : decision.reason;
    return { allowed: false, reason: `${why}; ${instead}` };
  };
}

/** Inside the agent's sandbox there is more than the worktree: its home, with what it logged in with. */
function onlyLooks(decision: Decision): boolean {
  return (
    doneAs(decision) === "none" &&
    decision.effects.every(({ kind, scope }) => kind === "read" && (scope === "worktree" || scope === "repo"))
  );
}

/**
 * Its shell also has the variables that it logs in with: nothing may be put in place of a word. The words of a shell
 * inside of the command (`bash -lc '…'`, which is how codex sends all of them) are one word of it.
 */
function isPlain(action: Action): boolean {
  if (action.kind !== "run") return true;
  const words = "argv" in action ? action.argv : staticArgv(parseCommand(action.command));
  return words?.every((word) => !/[$`]/.test(word) && !pager.test(word)) ?? false;
}

/** Waits for keys, and `!` is one that starts a shell: codex can type into what it was let to start. */
const pager = /(?:^|[\s;|&(/])(?:z?less|z?more|most|man|bat|batcat|help)(?:$|[\s;|&)])/;
