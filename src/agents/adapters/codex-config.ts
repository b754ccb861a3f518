import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AgentOptions } from "./agent-options.ts";

/** What codex finds in its fresh home, and the key it is handed. */

export function configOf(
  { baseUrl, operator, row }: AgentOptions,
  { command, models }: { command: readonly string[]; models: string },
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
    `model_catalog_json = ${toml(models)}`,
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
export function keyOf({ operator: { env, home } }: AgentOptions): Record<string, string> {
  const key = env["OPENAI_API_KEY"];
  if (key === undefined || env["CODEX_API_KEY"] !== undefined) return {};
  return existsSync(join(home, ".codex/auth.json")) ? {} : { CODEX_API_KEY: key };
}
