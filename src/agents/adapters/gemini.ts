import { join } from "node:path";
import { digestOf } from "../../platform/digest.ts";
import type { AgentAdapter, PassRequest, ToolboxSession } from "../adapter.ts";
import { probeAgent } from "../probe.ts";
import type { AgentOptions } from "./agent-options.ts";
import { runCliPass } from "./cli-session.ts";
import type { EnclosedAgent } from "./enclosure.ts";
import { lentTo } from "./endpoints.ts";
import { geminiEvents } from "./gemini-events.ts";

/** Gemini CLI, once a pass, without a tool of its own. */

const toolPrefix = "mcp_nimrod_";

const settingsPath = ".gemini/settings.json";
const policyPath = ".gemini/nimrod-policy.toml";

/**
 * Its policy engine denies every tool but Nimrod's, at the level that no other file can outrank. A tool that is denied
 * without conditions is not offered either. It alone would also take away Nimrod's tools that are named like its own,
 * so the settings below keep its own from being registered at all; each of the two holds without the other.
 */
const policy = `[[rule]]
toolName = "*"
decision = "deny"
priority = 900
denyMessage = "This tool is not there. Use the tools of the MCP server nimrod."

[[rule]]
mcpName = "nimrod"
toolName = "*"
decision = "allow"
priority = 999
`;

const flags = ["--output-format", "stream-json", "--skip-trust", "--allowed-mcp-server-names", "nimrod"];

const environment = {
  GEMINI_TELEMETRY_ENABLED: "false",
  // Else it starts itself a second time, only to be given more memory.
  GEMINI_CLI_NO_RELAUNCH: "true",
  NO_COLOR: "1",
};

/** Everything that could offer a tool, read a file of its own accord, or talk to somebody else. */
const settings = {
  general: {
    enableAutoUpdate: false,
    enableAutoUpdateNotification: false,
    topicUpdateNarration: false,
    checkpointing: { enabled: false },
    plan: { enabled: false },
    // Nimrod tries a pass again by itself, after a longer pause.
    maxAttempts: 2,
  },
  privacy: { usageStatisticsEnabled: false },
  telemetry: { enabled: false },
  // An allow-list in which none of its own tools occurs.
  tools: { core: ["none"], truncateToolOutputThreshold: 0 },
  context: { memoryBoundaryMarkers: [], discoveryMaxDirs: 0, includeDirectoryTree: false },
  skills: { enabled: false },
  hooksConfig: { enabled: false },
  experimental: { enableAgents: false, extensionManagement: false },
  advanced: { ignoreLocalEnv: true, autoConfigureMemory: false },
  mcp: { allowed: ["nimrod"] },
};

/** Longest that one call of Nimrod's tools may take, a person's answer included: a day, in milliseconds. */
const patienceMs = 86_400_000;

export function createGeminiAdapter(options: AgentOptions): AgentAdapter {
  const { name, vendor, model, baseUrl } = options;
  const identity = digestOf("nimrod/agent/v1", {
    adapter: "gemini",
    command: options.command,
    flags,
    settings,
    policy,
    model,
    baseUrl,
    environment,
  });

  function agent(session: ToolboxSession, { home, limits }: PassRequest): EnclosedAgent {
    const [command, ...args] = session.command;
    const login = loginOf(options.operator.env);
    const content = JSON.stringify({
      ...settings,
      security: { auth: { selectedType: login.type }, folderTrust: { enabled: false } },
      model: { maxSessionTurns: limits.turns },
      mcpServers: { nimrod: { command, args, timeout: patienceMs } },
    });
    return {
      command: [
        ...options.command,
        ...flags,
        "--admin-policy",
        join(home, policyPath),
        ...(model === null ? [] : ["--model", model]),
      ],
      readable: session.readable,
      env: {
        ...environment,
        ...login.env,
        ...(baseUrl === null ? {} : { GOOGLE_GEMINI_BASE_URL: baseUrl, GOOGLE_VERTEX_BASE_URL: baseUrl }),
      },
      ...lentTo(options),
      homeFiles: [
        { path: settingsPath, content },
        { path: policyPath, content: policy },
      ],
    };
  }

  return {
    name,
    vendor,
    gate: "full",
    promptProtocol: "toolbox",
    model,
    identity,
    probe: (place) =>
      probeAgent(place, {
        // The default model is chosen by asking another one first, which the probe's server is not.
        options: { ...options, model: model ?? "gemini-2.5-flash" },
        identity,
        isNimrods: (tool) => tool.startsWith(toolPrefix),
        harmless: [],
        login: { GEMINI_API_KEY: "probe" },
        create: createGeminiAdapter,
      }),
    run: (request, toolbox) =>
      runCliPass({
        request,
        toolbox,
        agent: (session) => agent(session, request),
        stdin: request.prompt,
        readEvent: geminiEvents(),
        mayOffer: (tool) => tool.startsWith(toolPrefix),
        install: options.row.install,
      }),
  };
}

/** How it is told to log in, by what the operator has: a key of Google AI Studio, one of Vertex AI, or a login in files. */
function loginOf(env: Record<string, string | undefined>): { type: string; env: Record<string, string> } {
  if (env["GEMINI_API_KEY"] !== undefined) return { type: "gemini-api-key", env: {} };
  if (env["GOOGLE_API_KEY"] !== undefined)
    return { type: "vertex-ai", env: { GOOGLE_GENAI_USE_VERTEXAI: "true" } };
  return { type: "oauth-personal", env: {} };
}
