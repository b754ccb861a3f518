import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { nimrod, nimrodJson } from "../support/run-nimrod.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

/** What counts here, and who says so: `nimrod config`. */

const userFile = (project: TempProject) => join(project.configHome, "nimrod", "config.json");

function scene(files: { project?: string; user?: string; env?: Record<string, string> } = {}) {
  const project = tempProject({ git: false });
  if (files.project !== undefined) project.write("nimrod.json", files.project);
  if (files.user !== undefined) {
    mkdirSync(dirname(userFile(project)), { recursive: true });
    writeFileSync(userFile(project), files.user);
  }
  return { project, where: { cwd: project.root, env: { ...project.env, ...files.env } } };
}

const layers = {
  project: JSON.stringify({
    idPrefix: "lab",
    limits: { turns: 50 },
    agents: { mine: { adapter: "claude" } },
  }),
  user: JSON.stringify({ agent: "claude", limits: { turns: 60, usd: 1.5 } }),
  env: { NIMROD_USD: "0.5" },
};

test("each value with the file or the variable that it comes from", async () => {
  const { project, where } = scene(layers);
  const shown = await nimrod(["config", "list", "--show-origin"], where);
  expect(shown).toMatchObject({ exitCode: 0, stderr: "" });
  const rows = new Map(
    shown.stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/\s{2,}/))
      .map(([key = "", value, from]) => [key, [value, from]]),
  );
  expect(rows.get("idPrefix")).toEqual(['"lab"', "nimrod.json"]);
  expect(rows.get("agent")).toEqual(['"claude"', userFile(project)]);
  expect(rows.get("limits.turns")).toEqual(["50", "nimrod.json"]);
  expect(rows.get("limits.usd")).toEqual(["0.5", "NIMROD_USD"]);
  expect(rows.get("limits.tries")).toEqual(["3", "default"]);

  const plain = await nimrod(["config"], where);
  expect(plain.stdout).toMatch(/^idPrefix +"lab"$/m);
  expect(plain.stdout).not.toContain("NIMROD_USD");

  const { values } = await nimrodJson(["config", "list"], where);
  expect(values).toContainEqual({ key: "limits.usd", value: 0.5, origin: "environment", from: "NIMROD_USD" });
  expect(values).toContainEqual({ key: "agent", value: "claude", origin: "user", from: userFile(project) });
  expect(values).toContainEqual({ key: "limits.tries", value: 3, origin: "default", from: "default" });
  expect(values).toContainEqual(
    expect.objectContaining({ key: "agents.mine", origin: "project", from: "nimrod.json" }),
  );
});

test("one value, as a script wants it: text without quotes, everything else as JSON", async () => {
  const { where } = scene(layers);
  expect((await nimrod(["config", "get", "idPrefix"], where)).stdout).toBe("lab\n");
  expect((await nimrod(["config", "get", "limits.usd"], where)).stdout).toBe("0.5\n");
  expect(JSON.parse((await nimrod(["config", "get", "limits.slice"], where)).stdout)).toMatchObject({
    files: 20,
  });
  expect(await nimrodJson(["config", "get", "limits.turns"], where)).toEqual({
    schemaVersion: 1,
    exitCode: 0,
    kind: "config-value",
    key: "limits.turns",
    value: 50,
    origin: "project",
  });
});

test("where the files are, also those that nobody wrote yet, in a project and outside", async () => {
  const { project, where } = scene({ project: "{}" });
  const shown = await nimrod(["config", "path"], where);
  expect(shown.stdout).toBe(`${join(project.root, "nimrod.json")}\n${userFile(project)}  (not there)\n`);
  expect(await nimrodJson(["config", "path"], { ...where, cwd: project.home })).toMatchObject({
    exitCode: 0,
    files: [{ whose: "user", path: userFile(project), exists: false }],
  });
});

test("what looks like a secret is not shown", async () => {
  const secret = `ghp_${"0123456789abcdefghij".repeat(2).slice(0, 36)}`;
  const user = JSON.stringify({ agents: { mine: { adapter: "plain", command: ["ask", secret] } } });
  const { where } = scene({ user });
  for (const args of [
    ["config"],
    ["config", "get", "agents.mine"],
    ["config", "get", "agents.mine.command"],
  ]) {
    for (const json of [[], ["--json"]]) {
      const done = await nimrod([...args, ...json], where);
      expect(done.exitCode).toBe(0);
      expect(done.stdout).toContain("ask");
      expect(done.stdout).not.toContain(secret);
    }
  }
});

const wrong: [name: string, args: string[], files: Parameters<typeof scene>[0], says: RegExp][] = [
  [
    "no such key, but one like it",
    ["get", "limits.turn"],
    {},
    /"limits\.turn"[\s\S]*did you mean limits\.turns\?/,
  ],
  ["the end of a key", ["get", "turns"], {}, /did you mean limits\.turns\?/],
  ["nothing like a key", ["get", "zzzzzzzz"], {}, /hint: nimrod config list/],
  ["a name of JavaScript's own", ["get", "__proto__"], {}, /no key of the configuration/],
  ["no key", ["get"], {}, /which key\?/],
  ["a key where none belongs", ["path", "agent"], {}, /config path takes no key/],
  ["an option where it means nothing", ["get", "agent", "--show-origin"], {}, /belongs to config list/],
  ["another word", ["set", "agent"], {}, /"?set"?[\s\S]*list, get/],
  [
    "JSON that breaks off",
    ["list"],
    { project: '{\n  "agent": "auto",\n  "limits": \n}' },
    /nimrod\.json:4: not valid JSON/,
  ],
  [
    "an unknown key",
    ["list"],
    { project: '{\n  "agnet": "auto"\n}' },
    /nimrod\.json:2: unknown key "agnet"[\s\S]*did you mean agent\?/,
  ],
  [
    "a value that does not fit",
    ["get", "agent"],
    { user: '{\n\n  "limits": { "turns": 0 } }' },
    /config\.json:3: limits\.turns is 0; expected/,
  ],
  [
    "a variable that is no number",
    ["list"],
    { env: { NIMROD_TURNS: "many" } },
    /NIMROD_TURNS[\s\S]*hint: unset NIMROD_TURNS/,
  ],
];

test.each(wrong)("%s", async (_, args, files, says) => {
  const { where } = scene(files);
  const done = await nimrod(["config", ...args], where);
  expect(done).toMatchObject({ exitCode: 2, stdout: "" });
  expect(done.stderr).toMatch(says);
  expect(await nimrodJson(["config", ...args], where)).toMatchObject({
    exitCode: 2,
    kind: expect.any(String),
  });
});
