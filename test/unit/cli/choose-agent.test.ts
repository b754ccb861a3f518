import { describe, expect, test } from "vitest";
import { catalog } from "../../../src/agents/catalog.ts";
import { agentLines, explainAgents } from "../../../src/cli/choice-facts.ts";
import { type ChoiceFacts, chooseAgent, chooseAgents, isConsented } from "../../../src/cli/choose-agent.ts";
import { type AgentEntry, type Config, defaults } from "../../../src/config/config.ts";
import { NimrodError } from "../../../src/errors.ts";

type World = {
  /** Catalog names that are on PATH, and those of them that are signed in; default: all that are on PATH. */
  installed?: string[];
  signedIn?: string[];
  agent?: string;
  agentFrom?: "default" | "user" | "project" | "environment" | "flag";
  agents?: Record<string, Partial<AgentEntry>>;
  agentsFrom?: "user" | "project";
  roles?: Config["roles"];
  roleFiles?: ChoiceFacts["roleFiles"];
};

const blank: Omit<AgentEntry, "adapter"> = {
  command: [],
  mode: "once",
  vendor: null,
  model: null,
  baseUrl: null,
  hosts: [],
  env: [],
};

function facts(world: World): ChoiceFacts {
  const installed = world.installed ?? [];
  const agents = Object.fromEntries(
    Object.entries(world.agents ?? {}).map(([name, entry]) => [
      name,
      { adapter: "plain" as const, ...blank, ...entry },
    ]),
  );
  const words = [
    ...catalog.filter(({ name }) => installed.includes(name)).map(({ command }) => command[0]),
    ...Object.values(agents).flatMap(({ command }) => command.slice(0, 1)),
  ];
  return {
    config: {
      values: { ...defaults, agent: world.agent ?? "auto", agents, roles: world.roles ?? {} },
      origin: (key) => {
        if (key === "agent") return world.agentFrom ?? "default";
        return key.startsWith("agents.") ? (world.agentsFrom ?? "user") : "project";
      },
    },
    found: {
      programs: new Map(words.map((word) => [word, `/opt/bin/${word}`])),
      logins: new Map((world.signedIn ?? installed).map((name) => [name, ["$KEY"]])),
    },
    roleFiles: world.roleFiles ?? {},
  };
}

/** The agents of implementer and reviewer. */
function pair(world: World): string {
  const [implementer, reviewer] = (["implementer", "reviewer"] as const).map((role) =>
    chooseAgent(role, facts(world)),
  );
  return `${implementer?.agent.name} ${reviewer?.agent.name}`;
}

describe("auto", () => {
  test.each<[string, World, string]>([
    ["nothing is there", {}, "builtin builtin"],
    ["one is", { installed: ["codex"] }, "codex codex"],
    ["one is, and nobody is signed in", { installed: ["codex"], signedIn: [] }, "builtin builtin"],
    ["a login is there, and no program", { signedIn: ["codex"] }, "builtin builtin"],
    ["two vendors are", { installed: ["codex", "claude"] }, "claude codex"],
    ["three are", { installed: ["gemini", "codex", "claude"] }, "claude codex"],
    [
      "the second is not signed in",
      { installed: ["codex", "claude"], signedIn: ["claude"] },
      "claude claude",
    ],
    ["the first is not signed in", { installed: ["codex", "claude"], signedIn: ["codex"] }, "codex codex"],
    ["a better row of the same vendor is", { installed: ["claude-agent-acp", "claude"] }, "claude claude"],
    ["only an ACP agent is", { installed: ["claude-agent-acp"] }, "claude-agent-acp claude-agent-acp"],
    ["nobody knows whose models the second uses", { installed: ["opencode", "claude"] }, "claude claude"],
    ["an ACP agent implements", { installed: ["opencode", "codex"], agent: "opencode" }, "opencode opencode"],
    [
      "the implementer is named, the reviewer is not",
      { installed: ["codex", "claude"], roles: { implementer: { agent: "codex", model: null } } },
      "codex claude",
    ],
    [
      "the implementer is of no vendor",
      { installed: ["codex", "claude"], roles: { implementer: { agent: "builtin", model: null } } },
      "builtin claude",
    ],
    [
      "an entry of the name bends its row",
      { installed: ["codex"], agents: { codex: { adapter: "codex", model: "small" } } },
      "codex codex",
    ],
    [
      "an entry of the name is another thing",
      { installed: ["codex"], agents: { codex: { adapter: "plain", command: ["/tmp/x"] } } },
      "codex codex",
    ],
  ])("where %s", (_, world, expected) => {
    expect(pair(world)).toBe(expected);
  });

  test("an entry of the same name and adapter is used with what it says, another one is not taken", () => {
    const own = { installed: ["codex"], agents: { codex: { adapter: "codex" as const, model: "small" } } };
    expect(chooseAgent("planner", facts(own)).agent).toMatchObject({ kind: "cli", model: "small" });
    const other = { installed: ["codex"], agents: { codex: { command: ["/tmp/x"] } } };
    expect(chooseAgent("planner", facts(other)).agent).toMatchObject({
      kind: "cli",
      command: ["/opt/bin/codex"],
    });
  });

  test("the reason is said", () => {
    const choices = chooseAgents(facts({ installed: ["claude", "codex"] }));
    expect(choices.map((choice) => ("why" in choice ? `${choice.role}: ${choice.why}` : ""))).toEqual([
      "triager: auto: the first agent CLI on PATH that is signed in",
      "researcher: auto: the first agent CLI on PATH that is signed in",
      "planner: auto: the first agent CLI on PATH that is signed in",
      "implementer: auto: the first agent CLI on PATH that is signed in",
      "reviewer: auto: another vendor than the implementer's",
      "closer: auto: the first agent CLI on PATH that is signed in",
    ]);
    expect(agentLines(explainAgents(facts({ installed: ["claude", "codex"] })))).toEqual([
      "claude (Anthropic) for triager, researcher, planner, implementer, closer: auto: the first agent CLI on PATH that is signed in",
      "codex (OpenAI) for reviewer: auto: another vendor than the implementer's",
    ]);
    expect(agentLines(explainAgents(facts({ agent: "cluade" })))).toEqual([
      'no agent for every role: no agent is called "cluade"',
    ]);
    expect(chooseAgent("planner", facts({})).why).toBe("auto: no agent CLI on PATH is signed in");
  });
});

describe("who has the last word", () => {
  const installed = ["claude", "codex", "gemini"];
  const byRole = { roles: { reviewer: { agent: "codex", model: "m-role" } } };
  const byFile = { roleFiles: { reviewer: { agent: "gemini", model: "m-file" } } };
  const entry = { agents: { claude: { adapter: "claude" as const, model: "m-entry" } } };

  test.each<[string, World, string]>([
    [
      "--agent over everything",
      { ...byRole, ...byFile, ...entry, agent: "claude", agentFrom: "flag" },
      "claude m-entry --agent",
    ],
    [
      "a configured role over its file",
      { ...byRole, ...byFile, agent: "claude" },
      "codex m-role roles.reviewer in nimrod.json",
    ],
    [
      "a role file over the agent for all",
      { ...byFile, agent: "claude" },
      "gemini m-file the role file of the reviewer",
    ],
    ["the agent for all", { agent: "claude", agentFrom: "environment" }, "claude null NIMROD_AGENT"],
    [
      "its entry's model",
      { ...entry, agent: "claude", agentFrom: "user" },
      "claude m-entry agent in your config.json",
    ],
    [
      "a role's model over the file's and the entry's",
      {
        ...entry,
        agent: "claude",
        agentFrom: "project",
        roles: { reviewer: { agent: null, model: "m-role" } },
        roleFiles: { reviewer: { agent: null, model: "m-file" } },
      },
      "claude m-role agent in nimrod.json",
    ],
    [
      "no model that was meant for another agent",
      { roles: { reviewer: { agent: "codex", model: null } }, ...byFile },
      "codex null roles.reviewer in nimrod.json",
    ],
  ])("%s", (_, world, expected) => {
    const { agent, why } = chooseAgent("reviewer", facts({ installed, ...world }));
    expect(`${agent.name} ${agent.model} ${why}`).toBe(expected);
  });
});

describe("what cannot be chosen is an error that helps", () => {
  test.each<[string, World, string, string]>([
    ["a slip", { agent: "cluade" }, 'no agent is called "cluade"', "did you mean claude?"],
    [
      "an entry's name with a slip",
      { agent: "locl", agents: { local: { command: ["x"] } } },
      'no agent is called "locl"',
      "did you mean local?",
    ],
    [
      "an adapter without a command",
      { agent: "acp" },
      'no agent is called "acp": an entry of agents says which command that is',
      "nimrod doctor",
    ],
    [
      "a CLI that is not there",
      { agent: "codex" },
      "codex: codex is not found on PATH outside of this repository",
      "npm install --global @openai/codex@0.169.0",
    ],
    [
      "a model that is an option",
      { installed: ["codex"], agent: "codex", roleFiles: { planner: { agent: null, model: "--yolo" } } },
      '"--yolo" is no name of a model',
      "nimrod doctor",
    ],
    ["a method's name", { agent: "constructor" }, 'no agent is called "constructor"', "nimrod doctor"],
  ])("%s", (_, world, message, hint) => {
    const given = facts(world);
    // As the loader makes it: without a prototype.
    given.config.values.agents = Object.assign(Object.create(null), given.config.values.agents);
    const problem = chooseAgents(given).find((choice) => choice.role === "planner");
    expect(problem).toMatchObject({ problem: { code: "config", message, hint } });
    expect(() => chooseAgent("planner", given)).toThrow(NimrodError);
  });

  test("the candidates are listed", () => {
    const world = {
      agent: "x",
      agents: { local: { command: ["x"] }, claude: { adapter: "claude" as const } },
    };
    expect(chooseAgents(facts(world))[0]).toMatchObject({
      problem: { lines: ["auto", "builtin", ...catalog.map((row) => row.name), "local"] },
    });
  });
});

describe("what is started", () => {
  const start = (name: string, agents: World["agents"], installed: string[] = [name]) =>
    chooseAgent("planner", facts({ agent: name, installed, agents: agents ?? {} })).agent;

  test("a known CLI by its absolute path and the catalog's words", () => {
    expect(start("opencode", {})).toMatchObject({
      command: ["/opt/bin/opencode", "acp"],
      row: { name: "opencode" },
    });
  });

  test("its program elsewhere keeps the catalog's words, its own words replace them", () => {
    const at = (...command: string[]) => start("opencode", { opencode: { adapter: "acp", command } });
    expect(at("/srv/oc")).toMatchObject({ command: ["/opt/bin//srv/oc", "acp"] });
    expect(at("/srv/oc", "serve")).toMatchObject({ command: ["/opt/bin//srv/oc", "serve"] });
  });

  test("two entries of one CLI share its login and differ in the rest", () => {
    const agents = { fast: { adapter: "claude" as const, model: "small", vendor: "Gateway" } };
    expect(start("fast", agents, ["claude"])).toMatchObject({
      name: "fast",
      row: { name: "claude" },
      vendor: "Gateway",
      model: "small",
    });
  });

  test("an ACP agent that the catalog does not know gets no login and no host of anybody's", () => {
    const agents = { mine: { adapter: "acp" as const, command: ["opencode", "acp"] } };
    expect(start("mine", agents)).toMatchObject({
      vendor: "mine",
      command: ["/opt/bin/opencode", "acp"],
      row: { login: { env: [], files: [] }, endpoints: [], tested: [] },
    });
  });
});

describe("consent in the user's own configuration", () => {
  const bends: Partial<AgentEntry>[] = [
    { command: ["/srv/claude"] },
    { vendor: "Anthropic" },
    { baseUrl: "https://elsewhere.example.net" },
    { hosts: ["elsewhere.example.net"] },
    { env: ["AWS_SECRET_ACCESS_KEY"] },
  ];
  const agentOf = (entry: Partial<AgentEntry>, agentsFrom: "user" | "project") =>
    chooseAgent(
      "planner",
      facts({
        agent: "claude",
        installed: ["claude"],
        agentsFrom,
        agents: { claude: { adapter: "claude", ...entry } },
      }),
    ).agent;

  test.each([["claude"], ["Anthropic"]])(
    "by %s covers the agent, and what only changes its model",
    (word) => {
      expect(isConsented(agentOf({}, "project"), [word])).toBe(true);
      expect(isConsented(agentOf({ model: "small" }, "project"), [word])).toBe(true);
      expect(isConsented(agentOf({}, "project"), ["codex", "OpenAI"])).toBe(false);
    },
  );

  test.each(bends)("does not cover a project that says %j, and covers the user who does", (entry) => {
    expect(isConsented(agentOf(entry, "project"), ["claude", "Anthropic"])).toBe(false);
    expect(isConsented(agentOf(entry, "user"), ["claude"])).toBe(true);
  });

  test("does not cover another program of the same name", () => {
    const plain = { adapter: "plain" as const, command: ["tool"], vendor: "Anthropic" };
    expect(isConsented(agentOf(plain, "project"), ["claude", "Anthropic"])).toBe(false);
  });
});
