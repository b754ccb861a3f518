import type { ActionOutcome, AgentAction } from "../../src/agents/adapter.ts";
import { watchForCircles } from "../../src/agents/adapters/stuck.ts";
import { openCallSession, type SessionOptions } from "../../src/toolbox/session.ts";
import { closing, recordingToolbox } from "./pass-request.ts";

/** What a session is opened with in tests: a closer that may do everything, and a toolbox that only records. */
export function sessionOptions(
  given: Partial<SessionOptions> = {},
  perform?: (action: AgentAction, index: number) => Partial<ActionOutcome>,
) {
  const toolbox = recordingToolbox(perform);
  const options: SessionOptions = {
    toolbox,
    role: "closer",
    nonce: "n0nce",
    submit: true,
    capabilities: ["read", "run", "write", "ask", "delegate"],
    maxCalls: 100,
    watch: watchForCircles(),
    ...given,
  };
  return { options, toolbox };
}

export function callSession(
  given: Partial<SessionOptions> = {},
  perform?: (action: AgentAction, index: number) => Partial<ActionOutcome>,
) {
  const { options, toolbox } = sessionOptions(given, perform);
  return { session: openCallSession(options), toolbox };
}

export const goodSubmission = { nonce: "n0nce", result: closing };
