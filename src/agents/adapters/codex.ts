import { existsSync } from "node:fs";
import { join } from "node:path";
import { NimrodError } from "../../errors.ts";
import { digestOf } from "../../platform/digest.ts";
import { exec } from "../../platform/exec.ts";
import { ensureFolder, readTextIfExists, writeAtomic } from "../../platform/files.ts";
import type { AgentAdapter, PassRequest, ToolboxSession } from "../adapter.ts";
import { executableOf, probeAgent } from "../probe.ts";
import type { AgentOptions } from "./agent-options.ts";
import { runCliPass } from "./cli-session.ts";
import { codexEvents } from "./codex-events.ts";
import { withoutOwnTools } from "./codex-models.ts";
import { type EnclosedAgent, openEnclosure } from "./enclosure.ts";
import { endpointsOf } from "./endpoints.ts";

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
const flags = [
  "exec",
  "--json",
  "--skip-git-repo-check",
  "--ephemeral",
  "--ignore-rules",
  "-s",
  "read-only",
  ...disabled.flatMap((feature) => ["--disable", feature]),
];

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
  const { name, vendor, model } = options;
  const identity = digestOf("nimrod/agent/v1", {
    adapter: "codex",
    command: options.command,
    flags,
    config: configOf(options, { command: ["toolbox"], home: "/home" }),
  });
  /** Where it is kept what this executable printed, once somebody probed. */
  let cache: string | null = null;

  function agent(request: PassRequest, list: string, session: ToolboxSession): EnclosedAgent {
    const config = configOf(options, { command: session.command, home: request.home });
    return {
      command: [...options.command, ...flags, ...(model === null ? [] : ["-m", model]), "-"],
      readable: session.readable,
      env: keyOf(options),
      login: options.row.login,
      passEnv: options.env,
      endpoints: endpointsOf(options),
      homeFiles: [
        { path: ".codex/config.toml", content: config },
        { path: modelsFile, content: list },
      ],
      operator: options.operator,
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
        harmless,
        login: { OPENAI_API_KEY: "probe" },
        create: createCodexAdapter,
      });
    },
    async run(request, toolbox) {
      const list = await keptModels(options, request, cache);
      return runCliPass({
        request,
        toolbox,
        agent: (session) => agent(request, list, session),
        stdin: request.prompt,
        readEvent: codexEvents(model),
        mayOffer: () => true, // it does not say at its start: the probe looked
        install: options.row.install,
      });
    },
  };
}

const modelsFile = ".codex/models.json";

function configOf(
  { baseUrl, operator, row }: AgentOptions,
  { command, home }: { command: readonly string[]; home: string },
): string {
  const [file = "", ...args] = command;
  const key = row.login.env.find((variable) => operator.env[variable] !== undefined);
  const provider =
    baseUrl === null
      ? []
      : [
          "[model_providers.nimrod]",
          'name = "nimrod"',
          `base_url = ${toml(baseUrl)}`,
          'wire_api = "responses"',
          "request_max_retries = 2",
          "stream_max_retries = 4",
          ...(key === undefined ? [] : [`env_key = ${toml(key)}`]),
        ];
  return [
    ...(baseUrl === null ? [] : ['model_provider = "nimrod"']),
    `model_catalog_json = ${toml(`${home}/${modelsFile}`)}`,
    "check_for_update_on_startup = false",
    'web_search = "disabled"',
    // Instruction files reach the model as untrusted text in the prompt, and no other way.
    "project_doc_max_bytes = 0",
    "[analytics]",
    "enabled = false",
    ...provider,
    "[mcp_servers.nimrod]",
    `command = ${toml(file)}`,
    `args = [${args.map(toml).join(", ")}]`,
    'default_tools_approval_mode = "approve"',
    // A person may be asked in the middle of a call: Nimrod's clocks end a pass, not these.
    "startup_timeout_sec = 60",
    // Else the model is asked without its tools when they take longer than a moment to appear.
    "required = true",
    "tool_timeout_sec = 86400",
    "",
  ].join("\n");
}

/** A basic string of TOML: JSON's escapes are among its own. */
function toml(text: string): string {
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}

/**
 * Codex asks for a key by another name than the one that everybody has. A login of its own comes first: whoever pays
 * by subscription has not agreed to pay by token.
 */
function keyOf({ operator: { env, home } }: AgentOptions): Record<string, string> {
  const key = env["OPENAI_API_KEY"];
  if (key === undefined || env["CODEX_API_KEY"] !== undefined) return {};
  return existsSync(join(home, ".codex/auth.json")) ? {} : { CODEX_API_KEY: key };
}

async function keptModels(
  options: AgentOptions,
  request: PassRequest,
  cache: string | null,
): Promise<string> {
  const executable = executableOf(options);
  if (cache === null || executable === null) return modelsOf(options, request);
  const digest = digestOf("nimrod/codex-models/v1", executable).replace(/[^0-9a-f]/g, "");
  const file = join(cache, `codex-models-${digest.slice(0, 32)}.json`);
  // Cleared again: what another version of Nimrod wrote may lack something.
  const kept = withoutOwnTools((await readTextIfExists(file)) ?? "");
  if (kept !== null) return kept;
  const list = await modelsOf(options, request);
  await ensureFolder(cache, { mode: 0o700 });
  await writeAtomic(file, list);
  return list;
}

async function modelsOf(options: AgentOptions, request: PassRequest): Promise<string> {
  const enclosure = await openEnclosure(request, {
    command: [...options.command, "debug", "models"],
    env: {},
    login: { env: [], files: [] },
    passEnv: [],
    endpoints: [],
    operator: options.operator,
  });
  try {
    const done = await exec({
      ...enclosure.process,
      timeoutMs: 20_000,
      maxOutputBytes: 16 * 1024 * 1024,
      signal: request.signal,
    });
    const list = done.kind === "exited" && done.code === 0 ? withoutOwnTools(done.stdout.text) : null;
    if (list !== null) return list;
  } finally {
    await enclosure.close();
  }
  throw new NimrodError(
    "failed",
    `${options.name} does not print its models, so its own tools cannot be removed`,
    {
      hint: options.row.install,
    },
  );
}
