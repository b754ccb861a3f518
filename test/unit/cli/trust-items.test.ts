import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { shippedRolesFolder } from "../../../src/agents/package-root.ts";
import { trustDigest } from "../../../src/authorization/trust.ts";
import { trustItems } from "../../../src/cli/trust-items.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { tempProject } from "../../support/temp-project.ts";

type World = { project?: object; user?: object; files?: Record<string, string> };

async function itemsOf({ project = {}, user = {}, files = {} }: World) {
  const { root, configHome } = tempProject({
    git: false,
    files: { ...files, "nimrod.json": JSON.stringify(project) },
  });
  mkdirSync(configHome, { recursive: true });
  writeFileSync(join(configHome, "config.json"), JSON.stringify(user));
  return trustItems(root, await loadConfig({ projectRoot: root, configHome, env: {} }));
}

const entry = {
  adapter: "acp",
  command: ["node", "tools/agent.mjs", "--say", "two words"],
  vendor: "Cloud of Others",
  model: "large",
  baseUrl: "https://gateway.example.net/v1",
  hosts: ["login.example.net:8443"],
  env: ["GATEWAY_KEY"],
};

test("every field of an agent that came with the project is shown, and the files that it names", async () => {
  const items = await itemsOf({ project: { agents: { other: entry } }, files: { "tools/agent.mjs": "1" } });
  expect(items).toEqual([
    {
      what: "agents.other in nimrod.json",
      text: [
        "adapter acp",
        "starts node tools/agent.mjs --say 'two words'",
        'calls its vendor "Cloud of Others"',
        "asks for the model large",
        "sends the repository to https://gateway.example.net/v1",
        "may also reach login.example.net:8443",
        "is handed your $GATEWAY_KEY",
        "tools/agent.mjs sha256 6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
      ].join("\n"),
    },
  ]);
});

test.each([
  { adapter: "claude" },
  { command: ["node", "tools/agent.mjs", "--say", "two", "words"] },
  { vendor: "Anthropic" },
  { model: "larger" },
  { baseUrl: "https://gateway.example.net/v2" },
  { hosts: [] },
  { env: ["GATEWAY_KEY", "AWS_SECRET_ACCESS_KEY"] },
])("a trusted agent that now has %j has to be looked at again", async (change) => {
  const before = await itemsOf({ project: { agents: { other: entry } } });
  const after = await itemsOf({ project: { agents: { other: { ...entry, ...change } } } });
  expect(trustDigest(after)).not.toBe(trustDigest(before));
});

test("the user's own agents, prices and limits need no trust", async () => {
  const user = {
    agents: { mine: entry },
    prices: { x: { input: 1, output: 1 } },
    limits: { ticketUsd: 900 },
  };
  expect(await itemsOf({ user })).toEqual([]);
});

test("a file of the repository that the user's own agent names is the repository's", async () => {
  const user = { agents: { mine: entry } };
  const items = await itemsOf({ user, files: { "tools/agent.mjs": "1" } });
  expect(items).toMatchObject([
    { what: "files that your agents.mine names", text: expect.stringMatching(/^tools\/agent\.mjs sha256 /) },
  ]);
});

test("a file of the repository that the user's second opinion names is too", async () => {
  const user = { secondOpinion: { command: ["node", "tools/model.mjs"] } };
  const items = await itemsOf({ user, files: { "tools/model.mjs": "1" } });
  expect(items).toMatchObject([
    {
      what: "files that your secondOpinion names",
      text: expect.stringMatching(/^tools\/model\.mjs sha256 /),
    },
  ]);
});

test("a program of the repository is hashed however large and whatever is in it", async () => {
  const files = { "bin/agent": `\u0000${"x".repeat(9_000_000)}` };
  const [one] = await itemsOf({
    project: { agents: { a: { adapter: "plain", command: ["bin/agent"] } } },
    files,
  });
  expect(one?.text).toMatch(/^bin\/agent sha256 [0-9a-f]{64}$/m);
});

test("prices of the project, and spending that it loosens, are shown; what it lowers is not", async () => {
  const project = {
    prices: { gpt: { input: 0.01, output: 0.02 } },
    limits: { ticketUsd: 100, usd: 0.5, passMinutes: 600 },
  };
  expect(await itemsOf({ project })).toEqual([
    {
      what: "prices in nimrod.json",
      text: '"gpt" costs 0.01 in, 0.01 cached, 0.02 out (US dollars for a million tokens)',
    },
    { what: "limits in nimrod.json", text: "limits.ticketUsd is 100, and 20 without it" },
  ]);
  expect(await itemsOf({ project: { limits: { ticketUsd: 1, turns: 5 } } })).toEqual([]);
  expect(await itemsOf({ project, user: { limits: { ticketUsd: 500 } } })).toHaveLength(1);
});

test("naming an agent for a role, or the built-in one, starts nothing that would have to be trusted", async () => {
  const project = {
    agent: "claude",
    roles: { reviewer: { agent: "codex" } },
    agents: { b: { adapter: "builtin" } },
  };
  expect(await itemsOf({ project })).toEqual([]);
});

test("every role file of the repository that differs from the shipped one is shown, that of sub-passes too", async () => {
  const shipped = readFileSync(join(shippedRolesFolder(), "closer.md"), "utf8");
  const files = {
    "agents/planner.md": "Plan.\n",
    "agents/delegate.md": "Look.\n",
    "agents/closer.md": shipped,
  };
  const items = await itemsOf({ files });
  expect(items.map(({ what }) => what)).toEqual(["agents/planner.md", "agents/delegate.md"]);
});
