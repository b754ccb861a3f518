import { type CatalogRow, catalog } from "../agents/catalog.ts";
import { type Role, roles } from "../agents/role-names.ts";
import type { AgentEntry } from "../config/config.ts";
import type { LoadedConfig } from "../config/load.ts";
import { nearestName } from "../config/nearest-name.ts";
import { NimrodError } from "../errors.ts";

/** Which agent does which role, and why. Pure: what is on this machine has been looked up before. */

/** What is to be started; `create-adapter.ts` makes the adapter of it. Commands are argv. */
export type AgentDefinition = {
  name: string;
  model: string | null;
  /** The project's own file changed what is started or who is sent the repository: a general consent is not for it. */
  bent: boolean;
} & (
  | { kind: "builtin" }
  | { kind: "plain"; entry: AgentEntry }
  /** `command[0]` is absolute. `settings` holds what the configuration says beside the catalog's row. */
  | {
      kind: "cli";
      row: CatalogRow;
      command: readonly string[];
      vendor: string;
      settings: Pick<AgentEntry, "baseUrl" | "hosts" | "env">;
    }
);

export type ChoiceFacts = {
  config: Pick<LoadedConfig, "values" | "origin">;
  found: FoundAgents;
  /** What the role files say; a role without an entry says nothing. */
  roleFiles: Partial<Record<Role, { agent: string | null; model: string | null }>>;
};

export type FoundAgents = {
  /** Absolute path of a program, by the first word of a command. */
  programs: ReadonlyMap<string, string>;
  /** By the catalog's names: variables and files it can log in with that are there. Names, never values. */
  logins: ReadonlyMap<string, readonly string[]>;
};

export type Choice = { role: Role; agent: AgentDefinition; why: string };

/** For `--explain`: all six, with the problem in place of what cannot be chosen. */
export function chooseAgents(facts: ChoiceFacts): (Choice | { role: Role; problem: NimrodError })[] {
  return roles.map((role) => {
    try {
      return chooseAgent(role, facts);
    } catch (error) {
      if (!(error instanceof NimrodError)) throw error;
      return { role, problem: error };
    }
  });
}

/** Every agent that could be named here; `missing` are those of the catalog that nobody configured and PATH has not. */
export function knownAgents(facts: ChoiceFacts): {
  found: AgentDefinition[];
  problems: { name: string; problem: NimrodError }[];
  missing: string[];
} {
  const configured = Object.keys(facts.config.values.agents);
  const rows = catalog.map((row) => row.name).filter((name) => !configured.includes(name));
  const there = catalog.filter((row) => facts.found.programs.has(row.command[0])).map((row) => row.name);
  const found: AgentDefinition[] = [];
  const problems: { name: string; problem: NimrodError }[] = [];
  for (const name of ["builtin", ...rows.filter((row) => there.includes(row)), ...configured]) {
    try {
      found.push(define(name, facts));
    } catch (error) {
      if (!(error instanceof NimrodError)) throw error;
      problems.push({ name, problem: error });
    }
  }
  return { found, problems, missing: rows.filter((row) => !there.includes(row)) };
}

/** Throws `config` for a name that nothing has, and for a program that is not there. */
export function chooseAgent(role: Role, facts: ChoiceFacts): Choice {
  const wanted = wantedAgent(role, facts);
  if (wanted.name !== "auto") {
    const agent = withModel(define(wanted.name, facts), wanted.model);
    return { role, agent, why: wanted.why };
  }
  const { agent, why } = role === "reviewer" ? otherVendor(facts) : firstUsable(facts);
  return { role, agent: withModel(agent, wanted.model), why: `auto: ${why}` };
}

/** Flag > configured role > role file > configured agent. A model counts for the agent named beside it or below it. */
function wantedAgent(role: Role, { config, roleFiles }: ChoiceFacts) {
  const configured = config.values.roles[role];
  const file = roleFiles[role];
  const origin = config.origin("agent");
  if (origin === "flag") return { name: config.values.agent, model: null, why: "--agent" };
  const model = configured?.model ?? null;
  if (configured?.agent) {
    return {
      name: configured.agent,
      model,
      why: `roles.${role} in ${fileOf(config.origin(`roles.${role}`))}`,
    };
  }
  if (file?.agent) {
    return { name: file.agent, model: model ?? file.model, why: `the role file of the ${role}` };
  }
  return {
    name: config.values.agent,
    model: model ?? file?.model ?? null,
    why: origin === "environment" ? "NIMROD_AGENT" : `agent in ${fileOf(origin)}`,
  };
}

function fileOf(origin: string): string {
  return origin === "project" ? "nimrod.json" : "your config.json";
}

function withModel(agent: AgentDefinition, model: string | null): AgentDefinition {
  if (model === null) return agent;
  // Role files are read by other programs too, so this is the first place that knows it becomes an argument.
  if (/^-|\s|\p{C}/u.test(model)) {
    throw new NimrodError("config", `${JSON.stringify(model)} is no name of a model`, {
      hint: "nimrod doctor",
    });
  }
  return { ...agent, model };
}

const builtin: AgentDefinition = { kind: "builtin", name: "builtin", model: null, bent: false };

function define(name: string, facts: ChoiceFacts): AgentDefinition {
  const { values, origin } = facts.config;
  const entry = values.agents[name];
  if (entry === undefined) {
    if (name === "builtin") return builtin;
    const row = catalog.find((one) => one.name === name);
    if (row !== undefined) return cli(name, row, null, facts, false);
    throw unknownAgent(name, Object.keys(values.agents));
  }
  const bent = origin(`agents.${name}`) === "project" && isBent(entry);
  switch (entry.adapter) {
    case "builtin":
      return { ...builtin, name };
    case "plain":
      return { kind: "plain", name, model: entry.model, bent, entry };
    default:
      return cli(name, rowOf(name, entry), entry, facts, bent);
  }
}

/** A model is a matter of taste; everything else decides what runs here or where the repository goes. */
function isBent({ adapter, command, vendor, baseUrl, hosts, env }: AgentEntry): boolean {
  return (
    adapter === "plain" ||
    command.length + hosts.length + env.length > 0 ||
    vendor !== null ||
    baseUrl !== null
  );
}

/** An ACP agent that the catalog does not know is given no login and no host but those that were configured. */
function rowOf(name: string, { adapter, command }: AgentEntry): CatalogRow {
  const rows = catalog.filter((row) => row.adapter === adapter);
  const row = rows.find((one) => one.name === name) ?? (adapter === "acp" ? undefined : rows[0]);
  if (row !== undefined) return row;
  const [program = "", ...words] = command;
  return {
    name,
    adapter: "acp",
    vendor: name,
    command: [program, ...words],
    tested: [],
    install: `install ${program}`,
    login: { env: [], files: [] },
    signIn: `log in with ${program} itself`,
    endpoints: [],
  };
}

function cli(
  name: string,
  row: CatalogRow,
  entry: AgentEntry | null,
  { found }: ChoiceFacts,
  bent: boolean,
): AgentDefinition {
  const [program = "", ...words] = entry !== null && entry.command.length > 0 ? entry.command : row.command;
  const path = found.programs.get(program);
  if (path === undefined) {
    throw new NimrodError("config", `${name}: ${program} is not found on PATH outside of this repository`, {
      hint: row.install,
    });
  }
  const { baseUrl = null, hosts = [], env = [] } = entry ?? {};
  return {
    kind: "cli",
    name,
    row,
    // One word stands for the program alone: the catalog knows what else has to be said to it.
    command: [path, ...(words.length > 0 ? words : row.command.slice(1))],
    vendor: entry?.vendor ?? row.vendor,
    model: entry?.model ?? null,
    settings: { baseUrl, hosts, env },
    bent,
  };
}

type AutoChoice = { agent: AgentDefinition; why: string };

/** On PATH and with a login: in the catalog's order, one of each vendor. */
function usable(facts: ChoiceFacts): { row: CatalogRow; agent: AgentDefinition }[] {
  const { found, config } = facts;
  return catalog.flatMap((row) => {
    const own = config.values.agents[row.name];
    const entry = own?.adapter === row.adapter ? own : null;
    const [program = ""] = entry?.command.length ? entry.command : row.command;
    const signedIn = (found.logins.get(row.name) ?? []).length > 0;
    if (!signedIn || !found.programs.has(program)) return [];
    const agent = entry === null ? cli(row.name, row, null, facts, false) : define(row.name, facts);
    return [{ row, agent }];
  });
}

function firstUsable(facts: ChoiceFacts): AutoChoice {
  const [first] = usable(facts);
  if (first === undefined) return { agent: builtin, why: "no agent CLI on PATH is signed in" };
  return { agent: first.agent, why: "the first agent CLI on PATH that is signed in" };
}

/** A second pair of eyes, where there is one. Who stands behind an ACP agent can be the first vendor again. */
function otherVendor(facts: ChoiceFacts): AutoChoice {
  const implementer = chooseAgent("implementer", facts).agent;
  const vendor = vendorOf(implementer);
  const other = usable(facts).find(({ row, agent }) => row.adapter !== "acp" && vendorOf(agent) !== vendor);
  if (vendor === null || other === undefined) return firstUsable(facts);
  return { agent: other.agent, why: "another vendor than the implementer's" };
}

/** Who is sent the repository; null where nobody is. A plain program may send it anywhere, so it is its own vendor. */
export function vendorOf(agent: AgentDefinition): string | null {
  switch (agent.kind) {
    case "builtin":
      return null;
    case "plain":
      return agent.entry.vendor ?? agent.name;
    case "cli":
      return agent.vendor;
  }
}

/** Whether the user's own configuration says yes, by the agent's name or its vendor's, to what is really started. */
export function isConsented(agent: AgentDefinition, consent: readonly string[]): boolean {
  const vendor = vendorOf(agent);
  if (vendor === null) return true;
  return !agent.bent && (consent.includes(agent.name) || consent.includes(vendor));
}

function unknownAgent(name: string, configured: readonly string[]): NimrodError {
  const names = [...new Set(["auto", "builtin", ...catalog.map((row) => row.name), ...configured])];
  const nearest = nearestName(name, names);
  const why = name === "plain" || name === "acp" ? ": an entry of agents says which command that is" : "";
  return new NimrodError("config", `no agent is called ${JSON.stringify(name)}${why}`, {
    lines: names,
    hint: nearest === undefined ? "nimrod doctor" : `did you mean ${nearest}?`,
  });
}
