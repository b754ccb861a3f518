import type { PassRequest, Toolbox } from "../agents/adapter.ts";
import { watchForCircles } from "../agents/adapters/stuck.ts";
import type { PassInput } from "../agents/pass-input.ts";
import type { Capability } from "../agents/role-file.ts";
import { openToolboxSession } from "../toolbox/server.ts";
import { contradictionIn } from "./contradictions.ts";

/** A turn of a model may hold several calls; more than this a turn, on the average of a pass, is none of them working. */
const callsOfOneTurn = 20;

/** Opens the MCP side of one pass's toolbox, with what this pass knows of its role and its input. */
export function mcpSessions(pass: {
  toolbox: Toolbox;
  input: PassInput;
  nonce: string;
  capabilities: readonly Capability[];
  turns: number;
  signal: AbortSignal;
}): PassRequest["openSession"] {
  const { toolbox, input, nonce, capabilities, signal } = pass;
  return ({ submit }) =>
    openToolboxSession({
      toolbox,
      role: input.role,
      nonce,
      submit,
      capabilities,
      maxCalls: pass.turns * callsOfOneTurn,
      watch: watchForCircles(),
      check: (result) => contradictionIn(input, result),
      signal,
    });
}
