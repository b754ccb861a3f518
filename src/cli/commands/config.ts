import { existsSync } from "node:fs";
import { join } from "node:path";
import { configKeys, defaults } from "../../config/config.ts";
import { type LoadedConfig, loadConfig, variableOf } from "../../config/load.ts";
import { nearestName } from "../../config/nearest-name.ts";
import { NimrodError } from "../../errors.ts";
import { makeRedactor } from "../../evidence/redact.ts";
import type { Context } from "../context.ts";
import { flagOption, type Options, oneOf } from "../options.ts";

const actions = ["list", "get", "path"] as const;

/** `nimrod config list|get|path`: what counts here, and who says so. Reads only; a person edits the files. */
export async function config(context: Context, args: readonly string[], options: Options): Promise<number> {
  const action = oneOf("config", args[0] ?? "list", actions);
  const showOrigin = flagOption(options, "showOrigin");
  if (showOrigin && action !== "list") {
    throw new NimrodError("usage", "--show-origin belongs to config list", {
      hint: "nimrod config list --show-origin",
    });
  }
  if (args[1] !== undefined && action !== "get") {
    throw new NimrodError("usage", `config ${action} takes no key`, { hint: `nimrod config get ${args[1]}` });
  }
  if (action === "path") return path(context);
  const loaded = await loadConfig({
    projectRoot: context.projectRoot,
    configHome: context.configHome,
    env: context.env,
  });
  return action === "get" ? get(context, loaded, args[1]) : list(context, loaded, showOrigin);
}

type Row = { key: string; value: unknown };

function list(context: Context, loaded: LoadedConfig, showOrigin: boolean): number {
  const { output } = context;
  const rows = rowsOf(loaded).map((row) => ({
    key: row.key,
    value: withoutSecrets(row.value),
    origin: loaded.origin(row.key),
    from: sourceOf(context, loaded, row.key),
  }));
  output.document("config", { values: rows });
  const columns = [{ title: "KEY" }, { title: "VALUE", shrinks: true }];
  output.table(
    showOrigin ? [...columns, { title: "FROM" }] : columns,
    rows.map(({ key, value, from }) => [key, JSON.stringify(value), ...(showOrigin ? [from] : [])]),
  );
  return 0;
}

function get({ output }: Context, loaded: LoadedConfig, key: string | undefined): number {
  if (key === undefined) {
    throw new NimrodError("usage", "which key?", { hint: "nimrod config list" });
  }
  const found = lookUp(loaded.values, key);
  if (found === undefined) {
    const names = [...new Set([...rowsOf(loaded).map((row) => row.key), ...configKeys])];
    // People leave out the first words of a long key.
    const nearest = names.find((name) => name.endsWith(`.${key}`)) ?? nearestName(key, names);
    throw new NimrodError("usage", `no key of the configuration is called ${JSON.stringify(key)}`, {
      hint: nearest === undefined ? "nimrod config list" : `did you mean ${nearest}?`,
    });
  }
  const value = withoutSecrets(found.value);
  output.document("config-value", { key, value, origin: loaded.origin(key) });
  output.line(typeof value === "string" ? value : JSON.stringify(value));
  return 0;
}

function path({ output, projectRoot, configHome }: Context): number {
  const files = [
    ...(projectRoot === null ? [] : [{ whose: "project", path: join(projectRoot, "nimrod.json") }]),
    { whose: "user", path: join(configHome, "config.json") },
  ].map((file) => ({ ...file, exists: existsSync(file.path) }));
  output.document("config-paths", { files });
  for (const file of files) output.line(`${file.path}${file.exists ? "" : "  (not there)"}`);
  return 0;
}

/** A row for each value; of the tables that a person fills (agents, roles, prices) one for each entry. */
function rowsOf({ values }: LoadedConfig): Row[] {
  return configKeys.flatMap((key) => {
    const value = lookUp(values, key)?.value;
    const isFilled = typeof value === "object" && value !== null && key in defaults && !Array.isArray(value);
    if (!isFilled || Object.keys(value).length === 0 || key === "secondOpinion") return [{ key, value }];
    return Object.entries(value).map(([name, entry]: [string, unknown]) => ({
      key: `${key}.${name}`,
      value: entry,
    }));
  });
}

/** By dotted key, longest names first: a model's name may have dots of its own. */
function lookUp(value: unknown, key: string): { value: unknown } | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries: [string, unknown][] = Object.entries(value);
  const whole = entries.find(([name]) => name === key);
  if (whole !== undefined) return { value: whole[1] };
  for (const [name, inner] of entries) {
    if (!key.startsWith(`${name}.`)) continue;
    const found = lookUp(inner, key.slice(name.length + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

function sourceOf({ configHome }: Context, { origin }: LoadedConfig, key: string): string {
  const from = origin(key);
  switch (from) {
    case "default":
    case "flag":
      return from;
    case "project":
      return "nimrod.json";
    case "user":
      return join(configHome, "config.json");
    case "environment":
      return variableOf(key) ?? from;
  }
}

/** No key is meant for a secret, but a command or an address can carry one. */
function withoutSecrets(value: unknown): unknown {
  const redact = makeRedactor([]);
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}
