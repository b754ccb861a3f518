import { join } from "node:path";
import { NimrodError } from "../errors.ts";
import { readTextIfExists } from "../platform/files.ts";
import { checkedConfigs } from "./checked-configs.ts";
import { type AgentEntry, type Config, defaults } from "./config.ts";
import type { ConfigFile } from "./schema.ts";

/** Where a value came from. What the project brings is inert until it is trusted, if Nimrod would run it. */
type Origin = "default" | "user" | "project" | "environment" | "flag";

export type LoadedConfig = {
  values: Config;
  /** By dotted key (`limits.slice.files`, `agents.scripted`, `workspace.setup`); `default` for a key nobody set. */
  origin: (key: string) => Origin;
  /** Limits on spending that the project's file sets looser than they would be without it. */
  loosened: { key: SpendLimit; from: number; to: number }[];
  /** The project's file as it was read, for the digest that `trust` shows; null where there is none. */
  projectText: string | null;
};

/** What a run may cost. A project may lower these freely. */
const spendLimits = ["turns", "tokens", "usd", "ticketUsd", "tries"] as const;
type SpendLimit = (typeof spendLimits)[number];

export type ConfigSources = {
  /** Folder that holds `nimrod.json`; null outside a project. */
  projectRoot: string | null;
  /** Folder of the user's `config.json`. */
  configHome: string;
  env: Readonly<Record<string, string | undefined>>;
  flags?: { agent?: string | undefined };
  /** Where it is kept which texts were found right before, so that the schema need not be loaded for them again. */
  checkedFile?: string | undefined;
};

/** A configuration is a page, not a book. */
const maxBytes = 256 * 1024;

/** Flags > NIMROD_* > project > user > defaults. Throws `config` with file, line and key. */
export async function loadConfig(sources: ConfigSources): Promise<LoadedConfig> {
  const userPath = join(sources.configHome, "config.json");
  const userText = await readTextIfExists(userPath, maxBytes);
  const projectText =
    sources.projectRoot === null
      ? null
      : await readTextIfExists(join(sources.projectRoot, "nimrod.json"), maxBytes);

  const checked = checkedConfigs(sources.checkedFile);
  const layers: [Origin, ConfigFile][] = [];
  if (userText !== null) layers.push(["user", await checked.parse(userText, userPath, "user")]);
  if (projectText !== null) {
    layers.push(["project", await checked.parse(projectText, "nimrod.json", "project")]);
  }
  layers.push(["environment", await fromEnvironment(sources.env, checked.parse)]);
  if (sources.flags?.agent !== undefined) layers.push(["flag", { agent: sources.flags.agent }]);
  const merged = mergeLayers(layers);
  const without = mergeLayers(layers.filter(([origin]) => origin !== "project")).values.limits;
  const loosened = spendLimits.flatMap((key) => {
    const [from, to] = [without[key], merged.values.limits[key]];
    return to > from ? [{ key, from, to }] : [];
  });
  return { ...merged, loosened, projectText };
}

/** Later layers win, key by key; an agent's entry and a list are taken whole. */
function mergeLayers(
  layers: readonly (readonly [Origin, ConfigFile])[],
): Pick<LoadedConfig, "values" | "origin"> {
  const origins = new Map<string, Origin>();
  // Without a prototype: an agent called "constructor" must not be found where nobody configured one.
  const values = {
    ...structuredClone(defaults),
    agents: Object.create(null),
    roles: Object.create(null),
    prices: Object.create(null),
  } as Config;
  for (const [origin, file] of layers) {
    const set = (key: string) => origins.set(key, origin);
    const { agents, roles, limits, workspace, idPrefix, agent, consent, prices, secondOpinion } = file;
    if (idPrefix !== undefined) {
      values.idPrefix = idPrefix;
      set("idPrefix");
    }
    if (agent !== undefined) {
      values.agent = agent;
      set("agent");
    }
    if (consent !== undefined) {
      values.consent = consent;
      set("consent");
    }
    if (secondOpinion !== undefined) {
      const { command, seconds = 10, hosts = [], env = [] } = secondOpinion;
      values.secondOpinion = { command, for: secondOpinion.for ?? ["brief"], seconds, hosts, env };
      set("secondOpinion");
    }
    for (const [name, entry] of Object.entries(agents ?? {})) {
      values.agents[name] = complete(entry);
      set(`agents.${name}`);
    }
    for (const [role, entry] of Object.entries(roles ?? {})) {
      values.roles[role] = { agent: entry.agent ?? null, model: entry.model ?? null };
      set(`roles.${role}`);
    }
    for (const [model, price] of Object.entries(prices ?? {})) {
      values.prices[model] = { ...price, cached: price.cached ?? price.input };
      set(`prices.${model}`);
    }
    if (workspace?.setup !== undefined) {
      values.workspace.setup = workspace.setup;
      set("workspace.setup");
    }
    const { slice, ...flat } = limits ?? {};
    for (const key of overlay(values.limits, flat)) set(`limits.${key}`);
    for (const key of overlay(values.limits.slice, slice ?? {})) set(`limits.slice.${key}`);
  }
  return { values, origin: (key) => origins.get(key) ?? "default" };
}

/** Copies the numbers that are given; answers with their names. */
function overlay(
  target: Record<string, unknown>,
  source: Readonly<Record<string, number | undefined>>,
): string[] {
  const given = Object.entries(source).filter(([, value]) => value !== undefined);
  for (const [key, value] of given) target[key] = value;
  return given.map(([key]) => key);
}

function complete(entry: NonNullable<ConfigFile["agents"]>[string]): AgentEntry {
  return {
    adapter: entry.adapter,
    command: entry.command ?? [],
    mode: entry.mode ?? "once",
    vendor: entry.vendor ?? null,
    model: entry.model ?? null,
    baseUrl: entry.baseUrl ?? null,
    hosts: entry.hosts ?? [],
    env: entry.env ?? [],
  };
}

type EnvironmentRow = { name: string; put: (value: string) => ConfigFile };

const limitVariables = {
  NIMROD_PASS_MINUTES: "passMinutes",
  NIMROD_IDLE_SECONDS: "idleSeconds",
  NIMROD_START_SECONDS: "startSeconds",
  NIMROD_TURNS: "turns",
  NIMROD_TOKENS: "tokens",
  NIMROD_USD: "usd",
  NIMROD_TICKET_USD: "ticketUsd",
  NIMROD_TRIES: "tries",
  NIMROD_RETRY_SECONDS: "retrySeconds",
  NIMROD_ASK_MINUTES: "askMinutes",
} as const;

const environment: readonly EnvironmentRow[] = [
  { name: "NIMROD_AGENT", put: (value) => ({ agent: value }) },
  { name: "NIMROD_ID_PREFIX", put: (value) => ({ idPrefix: value }) },
  ...Object.entries(limitVariables).map(([name, key]) => ({
    name,
    put: (value: string) => ({ limits: { [key]: Number(value) } }),
  })),
];

/** Names of the variables that are read, for docs/configuration.md. */
export const variables: readonly string[] = environment.map(({ name }) => name);

/** The variable that sets a key, for those that have one. */
export function variableOf(key: string): string | undefined {
  const limit = Object.entries(limitVariables).find(([, name]) => `limits.${name}` === key)?.[0];
  return limit ?? { agent: "NIMROD_AGENT", idPrefix: "NIMROD_ID_PREFIX" }[key];
}

type Parse = ReturnType<typeof checkedConfigs>["parse"];

async function fromEnvironment(env: ConfigSources["env"], parse: Parse): Promise<ConfigFile> {
  const merged: ConfigFile = {};
  for (const { name, put } of environment) {
    const value = env[name];
    // Set to nothing means not set, as for every variable of this kind.
    if (value === undefined || value === "") continue;
    const file = await readVariable(name, put(value), parse);
    merged.limits = { ...merged.limits, ...file.limits };
    if (file.agent !== undefined) merged.agent = file.agent;
    if (file.idPrefix !== undefined) merged.idPrefix = file.idPrefix;
  }
  return merged;
}

async function readVariable(name: string, file: ConfigFile, parse: Parse): Promise<ConfigFile> {
  try {
    return await parse(JSON.stringify(file), name, "user");
  } catch (error) {
    // NaN became null on the way through JSON; the schema's message then names the key.
    if (!(error instanceof NimrodError)) throw error;
    throw new NimrodError("config", `${name}: ${error.message}`, { hint: `unset ${name}`, cause: error });
  }
}
