import type { PassLimits } from "../adapter.ts";
import type { AgentOptions } from "./agent-options.ts";

/** What is particular to one agent behind the Agent Client Protocol. Anything it does not say is the protocol's own. */
export type AcpAgent = {
  /** `full` only where its own tools are gone and the probe proves it. */
  gate: "full" | "sandbox";
  /** Offered to the model beside Nimrod's tools, and without any effect. */
  harmless: readonly string[];
  /** How the probe recognizes Nimrod's tools, and what it makes up; null where an agent cannot be sent to its server. */
  probed: { toolPrefix: string; login: Record<string, string>; basePath?: string } | null;
  env: (options: AgentOptions) => Record<string, string>;
  /** `_meta` of `session/new`. */
  sessionMeta: (
    options: AgentOptions,
    limits: Pick<PassLimits, "turns" | "usd">,
  ) => Record<string, unknown> | null;
  /** Whether the model was chosen by `env` or `sessionMeta`; else it is chosen by the protocol's own option. */
  choosesModel: boolean;
};

/** Longest that a call of Nimrod's tools may take, a person's answer included: a day, in milliseconds. */
const patienceMs = 86_400_000;

const generic: AcpAgent = {
  gate: "sandbox",
  harmless: [],
  probed: null,
  env: () => ({}),
  sessionMeta: () => null,
  choosesModel: false,
};

const known: Readonly<Record<string, AcpAgent>> = {
  "claude-agent-acp": {
    gate: "full",
    harmless: ["DeferredToolPlaceholder"],
    probed: { toolPrefix: "mcp__nimrod__", login: { ANTHROPIC_API_KEY: "probe" } },
    env: ({ baseUrl }) => ({
      DISABLE_AUTOUPDATER: "1",
      DISABLE_TELEMETRY: "1",
      DISABLE_ERROR_REPORTING: "1",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      // `@path` in a prompt would otherwise be replaced by that file's content, which no gate sees.
      CLAUDE_CODE_DISABLE_FILE_MENTIONS: "1",
      CLAUDE_CODE_DISABLE_CLAUDE_MDS: "1",
      CLAUDE_CODE_DISABLE_AUTO_MEMORY: "1",
      CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: "1",
      ENABLE_TOOL_SEARCH: "false",
      CLAUDE_CODE_MAX_RETRIES: "4",
      MAX_MCP_OUTPUT_TOKENS: "200000",
      MCP_TIMEOUT: "60000",
      MCP_TOOL_IDLE_TIMEOUT: String(patienceMs),
      MCP_TOOL_TIMEOUT: String(patienceMs),
      ...(baseUrl === null ? {} : { ANTHROPIC_BASE_URL: baseUrl }),
    }),
    sessionMeta: ({ model }, limits) => ({
      claudeCode: {
        options: {
          tools: [],
          settingSources: [],
          strictMcpConfig: true,
          allowedTools: ["mcp__nimrod"],
          allowDangerouslySkipPermissions: false,
          promptSuggestions: false,
          maxTurns: limits.turns,
          maxBudgetUsd: limits.usd,
          ...(model === null ? {} : { model }),
        },
      },
    }),
    choosesModel: true,
  },
  opencode: {
    gate: "full",
    harmless: [],
    probed: { toolPrefix: "nimrod_", login: { OPENAI_API_KEY: "probe" }, basePath: "/v1" },
    env: (options) => ({
      OPENCODE_CONFIG_CONTENT: JSON.stringify(opencodeConfig(options)),
      OPENCODE_DISABLE_PROJECT_CONFIG: "1",
      OPENCODE_DISABLE_CLAUDE_CODE: "1",
      OPENCODE_DISABLE_EXTERNAL_SKILLS: "1",
      OPENCODE_PURE: "1",
      OPENCODE_DISABLE_AUTOUPDATE: "1",
      OPENCODE_DISABLE_MODELS_FETCH: "1",
      OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
      OPENCODE_DISABLE_SHARE: "1",
      // It talks to a server of its own; a model on this machine is reached directly as well.
      NO_PROXY: "127.0.0.1,localhost",
      no_proxy: "127.0.0.1,localhost",
    }),
    sessionMeta: () => null,
    choosesModel: true,
  },
};

/** The row of an agent by its catalog name; one that is not known has hands that only the sandbox ties. */
export function acpAgentOf(options: AgentOptions): AcpAgent {
  return known[options.row.name] ?? generic;
}

/** Of a server of one's own, where the configuration names none. */
const defaultModel = "default";

function opencodeConfig({ model, baseUrl }: AgentOptions): Record<string, unknown> {
  const chosen = baseUrl === null ? model : `local/${model ?? defaultModel}`;
  return {
    tools: { "*": false, "nimrod_*": true },
    permission: { "*": "deny", "nimrod_*": "allow" },
    agent: { title: { disable: true } },
    share: "disabled",
    autoupdate: false,
    snapshot: false,
    lsp: false,
    formatter: false,
    experimental: { mcp_timeout: patienceMs },
    ...(chosen === null ? {} : { model: chosen }),
    ...(baseUrl === null ? {} : { provider: { local: localProvider(baseUrl, model ?? defaultModel) } }),
  };
}

/** A server that speaks OpenAI's chat completions: how local models are served. */
function localProvider(baseURL: string, model: string): Record<string, unknown> {
  return {
    npm: "@ai-sdk/openai-compatible",
    name: "local",
    options: { baseURL, apiKey: "{env:OPENAI_API_KEY}" },
    models: { [model]: { name: model, tool_call: true } },
  };
}
