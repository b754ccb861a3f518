import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadConfig } from "../../../src/config/load.ts";
import { nearestName } from "../../../src/config/nearest-name.ts";
import { defaults } from "../../../src/config/schema.ts";
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
    scripted: { adapter: "plain", command: ["node", "agent.mjs"], mode: "once", vendor: null },
  });
  expect(values.roles).toEqual({ reviewer: { agent: "codex" } });
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
  ["an unknown role", { project: { roles: { reviwer: { agent: "x" } } } }, /roles/, undefined],
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
  ["a list", { project: [] }, /the file is \[\]; expected an object/, undefined],
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
