import { z } from "zod";

/**
 * Codex takes what tools a model gets from its list of models, not from its flags: most of them are given a JavaScript
 * cell and helpers of their own. So it is given its own list back, with those fields cleared.
 */
const listSchema = z.object({ models: z.array(z.record(z.string(), z.unknown())).min(1) });

const cleared = {
  tool_mode: null,
  multi_agent_version: null,
  shell_type: "disabled",
  apply_patch_tool_type: null,
  experimental_supported_tools: [],
  supports_search_tool: false,
};

/**
 * @param printed what `codex debug models` prints. Null: not a list of models.
 * @param shell the one tool that it keeps where it is asked about each use; null for none.
 */
export function withoutOwnTools(printed: string, shell: "unified_exec" | null = null): string | null {
  const list = listSchema.safeParse(parse(printed)).data;
  const own = clearedFields(shell);
  return list ? JSON.stringify({ models: list.models.map((model) => ({ ...model, ...own })) }) : null;
}

export function clearedFields(shell: "unified_exec" | null): Record<string, unknown> {
  return shell === null ? cleared : { ...cleared, shell_type: shell };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // another version prints something else
  }
}
