import { digestOf } from "../../platform/digest.ts";
import type { AgentAdapter, ToolboxSession } from "../adapter.ts";
import { probeAgent } from "../probe.ts";
import type { AgentOptions } from "./agent-options.ts";
import { claudeEvents } from "./claude-events.ts";
import { answerPermission, keptTool } from "./claude-permissions.ts";
import { runCliPass } from "./cli-session.ts";
import type { EnclosedAgent } from "./enclosure.ts";
import { lentTo } from "./endpoints.ts";
import { type ProbedAdapter, removedElseAsked } from "./removed-else-asked.ts";

/** Claude Code, once a pass, without a tool of its own. */

const toolPrefix = "mcp__nimrod__";

/** `--allowedTools` lets Nimrod's tools be called without asking. */
const flags = [
  "-p",
  "--output-format",
  "stream-json",
  "--verbose",
  // Bytes while the model thinks: the difference between working and hanging.
  "--include-partial-messages",
  "--no-session-persistence",
  "--disable-slash-commands",
  "--strict-mcp-config",
  "--setting-sources",
  "",
  "--allowedTools",
  `${toolPrefix}*`,
];

/**
 * `removed`: its own tools are taken away. `asked`: for a version where that does not work: it keeps one that reads,
 * and asks by its control protocol before each use.
 */
export type ClaudeMode = "removed" | "asked";

const byMode: Readonly<Record<ClaudeMode, readonly string[]>> = {
  removed: ["--tools", ""],
  asked: [
    "--tools",
    keptTool,
    "--input-format",
    "stream-json",
    "--permission-prompt-tool",
    "stdio",
    "--settings",
    JSON.stringify({ permissions: { ask: [keptTool] } }),
  ],
};

const quiet = {
  DISABLE_AUTOUPDATER: "1",
  DISABLE_TELEMETRY: "1",
  DISABLE_ERROR_REPORTING: "1",
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
};

/** Everything by which text or files could make it read or remember something by itself. */
const tied = {
  // `@path` in a prompt is otherwise replaced by that file's content, which no gate sees.
  CLAUDE_CODE_DISABLE_FILE_MENTIONS: "1",
  CLAUDE_CODE_DISABLE_CLAUDE_MDS: "1",
  CLAUDE_CODE_DISABLE_AUTO_MEMORY: "1",
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: "1",
  // Else Nimrod's tools are found by a search tool only.
  ENABLE_TOOL_SEARCH: "false",
};

/** Milliseconds. A person may be asked in the middle of a call: Nimrod's clocks end a pass, not these. */
const patient = {
  MCP_TIMEOUT: "60000",
  MCP_TOOL_TIMEOUT: "86400000",
  MCP_TOOL_IDLE_TIMEOUT: "86400000",
  MAX_MCP_OUTPUT_TOKENS: "200000",
  CLAUDE_CODE_MAX_RETRIES: "4",
};

export function createClaudeAdapter(options: AgentOptions): AgentAdapter {
  return removedElseAsked(claudeAdapter(options, "removed"), claudeAdapter(options, "asked"));
}

export function claudeAdapter(options: AgentOptions, mode: ClaudeMode): ProbedAdapter {
  const { name, vendor, model, baseUrl } = options;
  const isNimrods = (tool: string): boolean => tool.startsWith(toolPrefix);
  const kept = mode === "asked" ? [keptTool] : [];
  const identity = digestOf("nimrod/agent/v1", {
    adapter: "claude",
    command: options.command,
    flags: [...flags, ...byMode[mode]],
    model,
    baseUrl,
    environment: { ...quiet, ...tied, ...patient },
  });

  function agent(session: ToolboxSession): EnclosedAgent {
    const [command, ...args] = session.command;
    const servers = { mcpServers: { nimrod: { type: "stdio", command, args } } };
    return {
      command: [
        ...options.command,
        ...flags,
        ...byMode[mode],
        "--mcp-config",
        JSON.stringify(servers),
        ...(model === null ? [] : ["--model", model]),
      ],
      readable: session.readable,
      env: { ...quiet, ...tied, ...patient, ...(baseUrl === null ? {} : { ANTHROPIC_BASE_URL: baseUrl }) },
      ...lentTo(options),
      startsSlowly: true,
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
        options,
        identity,
        isNimrods,
        harmless: kept,
        // In the folder it starts in, where it would not ask of its own accord.
        ...(mode === "asked" ? { mustAsk: { name: keptTool, input: { file_path: "probe.txt" } } } : {}),
        login: { ANTHROPIC_API_KEY: "probe" },
        create: (other) => claudeAdapter(other, mode),
      }),
    run(request, toolbox) {
      const read = claudeEvents();
      const opening = { type: "user", message: { role: "user", content: request.prompt } };
      return runCliPass({
        request,
        toolbox,
        agent,
        ...(mode === "asked"
          ? { stdin: null, opening: JSON.stringify(opening) }
          : { stdin: request.prompt, opening: null }),
        readEvent: async (line) =>
          (mode === "asked" ? await answerPermission(line, toolbox) : null) ?? read(line),
        mayOffer: (tool) => isNimrods(tool) || kept.includes(tool),
        install: options.row.install,
      });
    },
  };
}
