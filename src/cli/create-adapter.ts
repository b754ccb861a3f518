import { statSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import type { AgentAdapter } from "../agents/adapter.ts";
import type { AgentOptions } from "../agents/adapters/agent-options.ts";
import { endpointsOf } from "../agents/adapters/endpoints.ts";
import type { CatalogRow } from "../agents/catalog.ts";
import { showDestination } from "../workspace/destinations.ts";
import { type AgentDefinition, vendorOf } from "./choose-agent.ts";
import type { Context } from "./context.ts";
import { programFolders } from "./find-agents.ts";

/** What an adapter is given of this machine. `env.PATH` holds nothing of the repository's. */
export type Operator = {
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  /** The project's root. */
  root: string;
};

export function operatorOf(context: Pick<Context, "env" | "home" | "stateHome">, root: string): Operator {
  const { env, home, stateHome } = context;
  const { PATH } = commandEnvironment(env, [root, stateHome]);
  return { env: { ...env, PATH }, home, root };
}

/** PATH without anything of the repository's, and Nimrod's own Node first; LANG and TZ, and nothing else. */
export function commandEnvironment(
  env: Operator["env"],
  excluded: readonly string[],
): { PATH: string; LANG: string; TZ: string } {
  // The Node that Nimrod runs on may be the repository's own dev dependency; it was chosen by the operator's start.
  const path = new Set([dirname(process.execPath), ...programFolders(env, excluded)]);
  return { PATH: [...path].join(":"), LANG: "C.UTF-8", TZ: env["TZ"] ?? "UTC" };
}

/** The adapter of a chosen agent. Each is loaded when it is first needed: a run with `builtin` loads no other. */
export async function createAdapter(agent: AgentDefinition, operator: Operator): Promise<AgentAdapter> {
  const { env, home, root } = operator;
  switch (agent.kind) {
    case "builtin": {
      const { createBuiltinAdapter } = await import("../agents/adapters/builtin.ts");
      return createBuiltinAdapter({ hostEnv: env });
    }
    case "plain": {
      const { createPlainAdapter } = await import("../agents/adapters/plain.ts");
      return createPlainAdapter({
        name: agent.name,
        command: agent.entry.command.map((word, index) => atRoot(root, word, index)),
        mode: agent.entry.mode,
        vendor: vendorOf(agent),
        vendorNamed: agent.entry.vendor !== null,
        hostEnv: env,
        hosts: agent.entry.hosts,
        baseUrl: agent.entry.baseUrl,
        env: agent.entry.env,
      });
    }
    case "cli": {
      const { row, command, vendor, model, settings } = agent;
      const options: AgentOptions = {
        name: agent.name,
        row,
        command: command.map((word, index) => (index === 0 ? word : atRoot(root, word, index))),
        vendor,
        model,
        ...settings,
        operator: { env: { ...env }, home },
      };
      const hosts = endpointsOf(options).map(showDestination);
      return { ...(await adapters[row.adapter](options)), hosts };
    }
  }
}

const adapters: Record<CatalogRow["adapter"], (options: AgentOptions) => Promise<AgentAdapter>> = {
  claude: async (options) => (await import("../agents/adapters/claude.ts")).createClaudeAdapter(options),
  codex: async (options) => (await import("../agents/adapters/codex.ts")).createCodexAdapter(options),
  gemini: async (options) => (await import("../agents/adapters/gemini.ts")).createGeminiAdapter(options),
  acp: async (options) => (await import("../agents/adapters/acp.ts")).createAcpAdapter(options),
};

/**
 * A pass works in a folder of its own, so a file of the project that a command names is meant from the project's
 * root, where `nimrod trust` hashed it. A bare first word is a program on PATH.
 */
export function atRoot(root: string, word: string, index: number): string {
  if (isAbsolute(word) || (index === 0 && !word.includes("/"))) return word;
  return statSync(join(root, word), { throwIfNoEntry: false })?.isFile() ? join(root, word) : word;
}
