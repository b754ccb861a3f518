import { dirname, join } from "node:path";
import { digestOf } from "../../platform/digest.ts";
import type { AgentAdapter } from "../adapter.ts";
import { packageRoot, runsFromSource } from "../package-root.ts";
import type { HostEnv } from "./agent-process.ts";
import { converse } from "./conversation.ts";
import { speakLines } from "./plain.ts";

/**
 * The embedded agent: no model, no key, no network. A subprocess like any other, in the stream form of
 * `nimrod-pass/1`; in place of prose its prompt is the pass's input as JSON.
 */
export function createBuiltinAdapter(options: { hostEnv?: HostEnv } = {}): AgentAdapter {
  return {
    name: "builtin",
    vendor: null,
    gate: "full",
    identity: digestOf("nimrod/agent/v1", { adapter: "builtin" }),
    run(request, toolbox) {
      const { file, readable } = builtinProgram();
      const agent = { command: [process.execPath, file], readable, hostEnv: options.hostEnv ?? process.env };
      const speaker = speakLines(request, agent, JSON.stringify(request.input));
      return converse({ request, toolbox, mode: "stream", speaker });
    },
  };
}

/** The bundle's own entry; from source, the file itself. package.json tells Node that both are modules. */
function builtinProgram(): { file: string; readable: string[] } {
  const root = packageRoot();
  const file = runsFromSource()
    ? join(root, "src/agents/adapters/builtin/main.ts")
    : join(root, "dist/builtin.js");
  const folder = runsFromSource() ? join(root, "src") : dirname(file);
  return { file, readable: [folder, join(root, "package.json")] };
}
