import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { defaults } from "../../../src/config/config.ts";
import { loadConfig, variables } from "../../../src/config/load.ts";
import { nearestName } from "../../../src/config/nearest-name.ts";
import { NimrodError } from "../../../src/errors.ts";

type World = { project?: unknown; user?: unknown; env?: Record<string, string>; flags?: { agent?: string } };

function sources({ project, user, env = {}, flags = {} }: World) {
  const top = mkdtempSync(join(tmpdir(), "nimrod-config-"));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));
  mkdirSync(join(top, "user"));
  if (project !== undefined) writeFileSync(join(top, "nimrod.json"), text(project));
  if (user !== undefined) writeFileSync(join(top, "user", "config.json"), text(user));
  return { projectRoot: top, configHome: join(top, "user"), env, flags };
}

async function problem(world: World): Promise<NimrodError> {
  const error: unknown = await loadConfig(sources(world)).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof NimrodError)) throw new Error("no error");
  return error;
}

test("without any file, everything is a default", async () => {
  const config = await loadConfig(sources({}));
  expect(config.values).toEqual(defaults);
  expect(config.origin("agent")).toBe("default");
});

test("the contract's example is read", async () => {
  const { values } = await loadConfig(
    sources({
      project: {
        idPrefix: "nim",
        agent: "auto",
        agents: { scripted: { adapter: "plain", command: ["node", "agent.mjs"], mode: "once" } },
        roles: { reviewer: { agent: "codex" } },
        limits: { passMinutes: 30, idleSeconds: 300, turns: 80, usd: 2.0, slice: { files: 20, steps: 12 } },
        workspace: { setup: ["npm ci"] },
      },
    }),
  );
  expect(values.agents).toEqual({
    scripted: {
      adapter: "plain",
      command: ["node", "agent.mjs"],
      mode: "once",
      vendor: null,
      model: null,
      baseUrl: null,
      hosts: [],
      env: [],
    },
  });
  expect(values.roles).toEqual({ reviewer: { agent: "codex", model: null } });
  expect(values.workspace.setup).toEqual(["npm ci"]);
});

test("each source overrides the one below, and every value says where it came from", async () => {
  const everywhere = (agent: string) => ({ agent, limits: { turns: 5 } });
  const layers: World = {
    user: { ...everywhere("user"), consent: ["claude"], limits: { turns: 5, slice: { files: 3 } } },
    project: { agent: "project", limits: { slice: { steps: 4 } } },
  };
  const two = await loadConfig(sources(layers));
  expect([two.values.agent, two.origin("agent")]).toEqual(["project", "project"]);
  expect([two.values.limits.turns, two.origin("limits.turns")]).toEqual([5, "user"]);
  expect([two.values.limits.slice.files, two.origin("limits.slice.files")]).toEqual([3, "user"]);
  expect([two.values.limits.slice.steps, two.origin("limits.slice.steps")]).toEqual([4, "project"]);
  expect(two.values.consent).toEqual(["claude"]);

  const env = { NIMROD_AGENT: "environment", NIMROD_TURNS: "7", NIMROD_USD: "" };
  const three = await loadConfig(sources({ ...layers, env }));
  expect([three.values.agent, three.origin("agent")]).toEqual(["environment", "environment"]);
  expect([three.values.limits.turns, three.values.limits.usd]).toEqual([7, 2]);

  const four = await loadConfig(sources({ ...layers, env, flags: { agent: "flag" } }));
  expect([four.values.agent, four.origin("agent")]).toEqual(["flag", "flag"]);
});

test("a project's agent of the same name replaces the user's, and is known to be the project's", async () => {
  const config = await loadConfig(
    sources({
      user: { agents: { mine: { adapter: "plain", command: ["trusted"], vendor: "v" } } },
      project: { agents: { mine: { adapter: "plain", command: ["from-the-repository"] } } },
    }),
  );
  expect(config.values.agents["mine"]).toMatchObject({ command: ["from-the-repository"], vendor: null });
  expect(config.origin("agents.mine")).toBe("project");
});

test("everything about an agent, a role and a price is read", async () => {
  const gateway = {
    adapter: "claude",
    model: "claude-opus-4-1[1m]",
    baseUrl: "https://gateway.example.net/v1",
    hosts: ["login.example.net", "127.0.0.1:8080"],
    env: ["GATEWAY_KEY"],
  };
  const { values } = await loadConfig(
    sources({
      project: {
        agents: { gateway, opencode: { adapter: "acp" } },
        roles: { planner: { model: "openai/gpt-5" } },
        prices: { "claude-opus": { input: 15, output: 75 }, local: { input: 1, cached: 0, output: 1 } },
      },
    }),
  );
  expect(values.agents["gateway"]).toEqual({ ...gateway, command: [], mode: "once", vendor: null });
  expect(values.agents["opencode"]).toMatchObject({ adapter: "acp", command: [] });
  expect(values.roles).toEqual({ planner: { agent: null, model: "openai/gpt-5" } });
  // Input from the cache costs as much as any other, unless somebody says so.
  expect(values.prices).toEqual({
    "claude-opus": { input: 15, cached: 15, output: 75 },
    local: { input: 1, cached: 0, output: 1 },
  });
});

test("limits on spending that the project sets looser than the user are told, lower ones and the rest are not", async () => {
  const user = { limits: { usd: 1, tokens: 1000 } };
  const project = { limits: { usd: 5, ticketUsd: 10, tokens: 1000, turns: 200, passMinutes: 600 } };
  expect((await loadConfig(sources({ user, project }))).loosened).toEqual([
    { key: "turns", from: 80, to: 200 },
    { key: "usd", from: 1, to: 5 },
  ]);
  // What the environment says is the user's, and wins anyway.
  const env = { NIMROD_USD: "3", NIMROD_TURNS: "10" };
  expect((await loadConfig(sources({ user, project, env }))).loosened).toEqual([]);
});

test("every variable of the environment puts its value in one place", async () => {
  const env = Object.fromEntries(
    variables.map((name, index) => [name, name.startsWith("NIMROD_TRIES") ? "2" : `x${index}`]),
  );
  const numbers = Object.keys(env).filter((name) => !/AGENT|ID_PREFIX|TRIES/.test(name));
  for (const [index, name] of numbers.entries()) env[name] = String(index + 1);
  const { values, origin } = await loadConfig(sources({ env }));
  const set = ["agent", "idPrefix", ...Object.keys(values.limits).map((key) => `limits.${key}`)].filter(
    (key) => origin(key) === "environment",
  );
  expect(set).toHaveLength(variables.length);
  const { slice: _slice, ...limits } = values.limits;
  expect(new Set(Object.values(limits))).toEqual(new Set([...numbers.map((_, index) => index + 1), 2]));
});

test("an agent nobody configured is not found by the name of an object's method", async () => {
  const { values } = await loadConfig(sources({}));
  expect(values.agents["constructor"]).toBeUndefined();
});

const wrong: [string, World, RegExp, string | undefined][] = [
  [
    "an unknown key",
    { project: { agnet: "x" } },
    /^nimrod\.json:2 unknown key "agnet"; expected .*agent/,
    "agent",
  ],
  [
    "a key inside",
    { project: { limits: { slice: { fils: 1 } } } },
    /unknown key "limits\.slice\.fils"; expected files/,
    "files",
  ],
  [
    "a key inside an agent",
    { project: { agents: { a: { adapter: "plain", comand: ["x"] } } } },
    /unknown key "agents\.a\.comand"/,
    "command",
  ],
  [
    "a wrong type",
    { project: { limits: { turns: "80" } } },
    /limits\.turns is "80"; expected a number/,
    undefined,
  ],
  [
    "half a turn",
    { project: { limits: { turns: 1.5 } } },
    /limits\.turns is 1\.5; expected a whole number/,
    undefined,
  ],
  [
    "nothing",
    { project: { limits: { passMinutes: 0 } } },
    /passMinutes is 0; expected more than 0/,
    undefined,
  ],
  [
    "an unknown adapter",
    { project: { agents: { a: { adapter: "x" } } } },
    /agents\.a\.adapter is "x"; expected one of plain, builtin/,
    undefined,
  ],
  [
    "a plain agent without a command",
    { project: { agents: { a: { adapter: "plain" } } } },
    /agents\.a has no command/,
    undefined,
  ],
  [
    "a shell line for a command",
    { project: { agents: { a: { adapter: "plain", command: "x" } } } },
    /command is "x"; expected an array/,
    undefined,
  ],
  [
    "an unknown role",
    { project: { roles: { reviwer: { agent: "x" } } } },
    /unknown key "roles\.reviwer"; expected triager/,
    "reviewer",
  ],
  [
    "a misspelt adapter",
    { project: { agent: "claude", agents: { claude: { adapter: "cluade" } } } },
    /^nimrod\.json:5 agents\.claude\.adapter is "cluade"/,
    "claude",
  ],
  [
    "an ACP agent that nobody knows how to start",
    { project: { agents: { opencod: { adapter: "acp" } } } },
    /^nimrod\.json:3 agents\.opencod has no command; an acp agent needs one/,
    "opencode",
  ],
  [
    "a mode where there is none",
    { project: { agents: { a: { adapter: "codex", mode: "once" } } } },
    /agents\.a has a mode/,
    undefined,
  ],
  [
    "tries without end",
    { project: { limits: { tries: 4 } } },
    /limits\.tries is 4; expected at most 3/,
    undefined,
  ],
  [
    "a price with half of it",
    { project: { prices: { gpt: { input: 1 } } } },
    /^nimrod\.json:3 prices\.gpt\.output is missing/,
    undefined,
  ],
  [
    "a prefix that is no prefix",
    { project: { idPrefix: "../x" } },
    /idPrefix is "\.\.\/x"; expected something like/,
    undefined,
  ],
  [
    "consent that a project gives itself",
    { project: { consent: ["claude"] } },
    /"consent" is not a project's to give/,
    undefined,
  ],
  [
    "a second opinion that a project brings",
    { project: { secondOpinion: { command: ["true"] } } },
    /"secondOpinion" is not a project's to give/,
    undefined,
  ],
  [
    "a second opinion about what needs approval anyway",
    { user: { secondOpinion: { command: ["m"], for: ["explicit"] } } },
    /secondOpinion\.for\.0 is "explicit"; expected one of none, brief/,
    undefined,
  ],
  ["a list", { project: [] }, /the file is \[\]; expected an object/, undefined],
  [
    "no JSON behind the first line",
    { project: '{\n  "agent": }' },
    /^nimrod\.json:2 not valid JSON/,
    undefined,
  ],
  [
    "a key that is there twice",
    { project: '{\n  "agent": "auto",\n  "limits": { "turns": 1,\n    "turns": 2 }\n}' },
    /^nimrod\.json:4 "limits\.turns" is there twice/,
    undefined,
  ],
  ["no JSON", { project: '{\n  "agent": "x",\n}' }, /^nimrod\.json:3 not valid JSON/, undefined],
  [
    "an environment that makes no sense",
    { env: { NIMROD_TURNS: "many" } },
    /^NIMROD_TURNS: limits\.turns is null/,
    undefined,
  ],
  ["the user's file", { user: { agnet: "x" } }, /config\.json:2 unknown key/, "agent"],
];

test.each(wrong)("%s is an error that says where", async (_name, world, message, nearest) => {
  const error = await problem(world);
  expect(error.code).toBe("config");
  expect(error.where === undefined ? error.message : `${error.where} ${error.message}`).toMatch(message);
  if (nearest !== undefined) expect(error.hint).toBe(`did you mean ${nearest}?`);
});

const withField = (field: object): World => ({ project: { agents: { a: { adapter: "claude", ...field } } } });

test.each([
  { baseUrl: "ftp://example.net" },
  { baseUrl: "gateway.example.net" },
  { baseUrl: "https://example.net/?key=1" },
  { baseUrl: "https://example.net/#a" },
  { baseUrl: "file:///etc/passwd" },
  { hosts: ["*.example.net"] },
  { hosts: ["https://example.net"] },
  { hosts: ["example.net:0"] },
  { hosts: ["example.net:99999"] },
  { hosts: ["a b"] },
  { hosts: [".example.net"] },
  { model: "--dangerously-skip-permissions" },
  { model: "a b" },
  { model: "a\nb" },
  { model: "" },
  { env: ["A=B"] },
  { env: ["LD_PRELOAD"] },
  { env: ["NODE_OPTIONS"] },
  { env: ["https_proxy"] },
  { env: ["NIMROD_NONCE"] },
  { env: ["PATH"] },
  { command: [] },
  { vendor: "" },
])("an agent with %j is refused, at its line", async (field) => {
  const error = await problem(withField(field));
  expect(error.message).toContain(`agents.a.${Object.keys(field)[0]}`);
  // Of a list, the line of the entry.
  const [value] = Object.values(field) as (string | string[])[];
  expect(error.where).toBe(`nimrod.json:${Array.isArray(value) && value.length > 0 ? 6 : 5}`);
});

test("a password in an address is refused, and not repeated", async () => {
  const error = await problem(withField({ baseUrl: "https://sara:hunter2@example.net/v1" }));
  expect(error.message).toContain("baseUrl");
  expect(error.message).not.toContain("hunter2");
});

test.each([
  { hosts: ["localhost", "a.b-c.example.net:8443", "127.0.0.1:11434"] },
  { baseUrl: "http://127.0.0.1:11434/v1" },
  { model: "qwen3:8b" },
  { model: "models/gemini-2.5-pro" },
])("an agent with %j is read", async (field) => {
  const { values } = await loadConfig(sources(withField(field)));
  expect(values.agents["a"]).toMatchObject(field);
});

test("a configuration file that is a book is refused", async () => {
  await expect(loadConfig(sources({ project: `"${"x".repeat(300_000)}"` }))).rejects.toThrow(/at most/);
});

test.each([
  ["agnet", "agent"],
  ["limtis", "limits"],
  ["AGENT", "agent"],
  ["xyz", undefined],
  ["a", undefined],
  ["", undefined],
])("the nearest name to %s is %s", (word, name) => {
  expect(nearestName(word, ["agent", "agents", "limits", "roles"])).toBe(name);
});
