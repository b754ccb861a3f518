import { quoteWord } from "../platform/shell-word.ts";
import type { Action } from "./action.ts";

/** One line that says what an action does, for approvals, progress and evidence. Content is named by its size. */
export function describeAction(action: Action): string {
  switch (action.kind) {
    case "run":
      return "argv" in action ? action.argv.map(quoteWord).join(" ") : action.command;
    case "write":
      return `write ${action.path} (${Buffer.byteLength(action.content)} bytes)`;
    case "edit":
      return `edit ${action.path} (${Buffer.byteLength(action.old)} → ${Buffer.byteLength(action.new)} bytes)`;
    case "read":
      return `read ${action.path}${(action.offset ?? 1) > 1 ? ` from line ${action.offset}` : ""}`;
    case "list":
      return `list ${action.path}${globOf(action)}`;
    case "search":
      return `search ${quoteWord(action.pattern)} in ${action.path}${globOf(action)}`;
    case "fetch":
      return `fetch ${action.url}`;
    case "start-agent": {
      const at = action.hosts.length === 0 ? "" : ` (${action.hosts.join(", ")})`;
      return `send ${action.vendor}${at} what its passes need: tickets, files of this repository, output of commands`;
    }
  }
}

function globOf({ glob }: { glob?: string }): string {
  return glob === undefined ? "" : ` (${glob})`;
}
