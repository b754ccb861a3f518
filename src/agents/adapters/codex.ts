import { existsSync } from "node:fs";
import { join } from "node:path";
import { NimrodError } from "../../errors.ts";
import { digestOf } from "../../platform/digest.ts";
import { ensureFolder, writeAtomic } from "../../platform/files.ts";
import type { AgentAdapter, PassRequest, ToolboxSession } from "../adapter.ts";
import { executableOf, probeAgent } from "../probe.ts";
import type { AgentOptions } from "./agent-options.ts";
import { runCliPass } from "./cli-session.ts";
import { appServerTalk } from "./codex-app-server.ts";
import { configOf, keyOf } from "./codex-config.ts";
import { codexEvents } from "./codex-events.ts";
import { clearedFields, withoutOwnTools } from "./codex-models.ts";
import { type EnclosedAgent, printedBy } from "./enclosure.ts";
import { lentTo } from "./endpoints.ts";
import { type ProbedAdapter, removedElseAsked } from "./removed-else-asked.ts";

/** Codex, once a pass, with a configuration of its own in a fresh home. */

/** Whatever it can do by itself, fetch at its start, or read from the folder it starts in. */
const disabled = [
  "shell_tool",
  "unified_exec",
  "shell_snapshot",
  "multi_agent",
  "goals",
  "sleep_tool",
  "view_image",
  "code_mode_host",
  "image_generation",
  "browser_use",
  "computer_use",
  "in_app_browser",
  "apps",
  "plugins",
  "remote_plugin",
  "hooks",
  "memories",
  "skill_search",
  "skill_mcp_dependency_install",
  "tool_suggest",
  "workspace_dependencies",
  "worktrees",
];

/**
 * `removed`: its own tools are taken away. `asked`: for a version where that does not work: it keeps its shell, is
 * started as an app server, and asks before each command.
 */
export type CodexMode = "removed" | "asked";

const off = (features: readonly string[]): string[] => features.flatMap((feature) => ["--disable", feature]);
const byMode: Readonly<Record<CodexMode, readonly string[]>> = {
  removed: [
    "exec",
    "--json",
    "--skip-git-repo-check",
    "--ephemeral",
    "--ignore-rules",
    "-s",
    "read-only",
    ...off(disabled),
  ],
  asked: ["app-server", ...off(disabled.filter((feature) => feature !== "shell_tool"))],
};
/** Under the names of the two ways in which tools are offered; the second types into what the first was let to start. */
const shell = ["exec_command", "write_stdin"].flatMap((name) => [name, `functions.${name}`]);

/** They read what MCP servers offer, and Nimrod's offers nothing; nobody is there to answer a question. */
const harmless = [
  "functions.list_mcp_resources",
  "functions.list_mcp_resource_templates",
  "functions.read_mcp_resource",
  "functions.request_user_input",
  "list_mcp_resources",
  "list_mcp_resource_templates",
  "read_mcp_resource",
  "request_user_input",
];

export function createCodexAdapter(options: AgentOptions): AgentAdapter {
  return removedElseAsked(codexAdapter(options, "removed"), codexAdapter(options, "asked"));
}

export function codexAdapter(options: AgentOptions, mode: CodexMode): ProbedAdapter {
  const { name, vendor, model } = options;
  const identity = digestOf("nimrod/agent/v1", {
    adapter: "codex",
    command: options.command,
    flags: byMode[mode],
    config: configOf(options, { command: ["toolbox"], models: "/models.json" }),
  });
  /** Where it is kept what this executable printed, once somebody probed. */
  let cache: string | null = null;

  function agent(models: string, session: ToolboxSession): EnclosedAgent {
    const config = configOf(options, { command: session.command, models });
    const words = mode === "asked" ? [] : [...(model === null ? [] : ["-m", model]), "-"];
    return {
      command: [...options.command, ...byMode[mode], ...words],
      readable: [...session.readable, models],
      env: keyOf(options),
      ...lentTo(options),
      startsSlowly: true,
      homeFiles: [{ path: ".codex/config.toml", content: config }],
    };
  }

  return {
    name,
    vendor,
    gate: "full",
    promptProtocol: "toolbox",
    model,
    identity,
    probe(place) {
      cache = place.cache;
      return probeAgent(place, {
        options,
        identity,
        isNimrods: (tool) => tool.startsWith("mcp__nimrod"),
        harmless: mode === "asked" ? [...harmless, ...shell] : harmless,
        // One that it calls known to be safe: it has to ask all the same.
        ...(mode === "asked" ? { mustAsk: { name: "exec_command", input: { cmd: "ls" } } } : {}),
        login: { OPENAI_API_KEY: "probe" },
        create: (other) => codexAdapter(other, mode),
      });
    },
    async run(request, toolbox) {
      const models = await modelsFile(options, request, {
        cache,
        shell: mode === "asked" ? "unified_exec" : null,
      });
      const talk = mode === "asked" ? appServerTalk(request, toolbox, model) : null;
      return runCliPass({
        request,
        toolbox,
        agent: (session) => agent(models, session),
        stdin: talk === null ? request.prompt : null,
        opening: talk?.opening ?? null,
        readEvent: talk?.readEvent ?? codexEvents(model),
        mayOffer: () => true, // it does not say at its start: the probe looked
        install: options.row.install,
      });
    },
  };
}

/** The list of models that this executable is given back: made once where there is a cache, else for this pass. */
async function modelsFile(
  options: AgentOptions,
  request: PassRequest,
  { cache, shell }: { cache: string | null; shell: "unified_exec" | null },
): Promise<string> {
  const executable = executableOf(options);
  const key = digestOf("nimrod/codex-models/v2", { executable, cleared: clearedFields(shell) });
  const name = `codex-models-${key.replace(/[^0-9a-f]/g, "").slice(0, 32)}.json`;
  const folder = executable === null ? null : cache;
  const file = join(folder ?? request.tmp, name);
  if (existsSync(file)) return file;
  const about = { command: [...options.command, "debug", "models"], operator: options.operator };
  const limits = { timeoutMs: 20_000, maxOutputBytes: 16 * 1024 * 1024 };
  const list = withoutOwnTools(await printedBy(request, about, limits), shell);
  if (list === null)
    throw new NimrodError(
      "failed",
      `${options.name} does not print its models, so its own tools cannot be removed`,
      { hint: options.row.install },
    );
  if (folder !== null) await ensureFolder(folder, { mode: 0o700 });
  await writeAtomic(file, list);
  return file;
}
