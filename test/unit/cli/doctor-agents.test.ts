import { expect, test } from "vitest";
import type { AgentProbe } from "../../../src/agents/adapter.ts";
import { catalog } from "../../../src/agents/catalog.ts";
import type { AgentDefinition } from "../../../src/cli/choose-agent.ts";
import { judge } from "../../../src/cli/health/agents.ts";

const [row] = catalog;
if (row === undefined) throw new Error("the catalog is empty");
const [tested = ""] = row.tested;

const claude: Extract<AgentDefinition, { kind: "cli" }> = {
  kind: "cli",
  name: "claude",
  row,
  command: ["/usr/bin/claude"],
  vendor: "Anthropic",
  model: null,
  bent: false,
  settings: { baseUrl: null, hosts: [], env: [] },
};
const head = (version: string) => `claude ${version}, /usr/bin/claude: Anthropic; login $KEY; `;
const found = (more: Partial<Extract<AgentProbe, { kind: "ready" }>>): AgentProbe => ({
  kind: "ready",
  version: tested,
  tested: true,
  gate: "full",
  ownTools: [],
  ...more,
});
const refused: AgentProbe = {
  kind: "refused",
  version: "9.9.9",
  why: "it offers Bash",
  hint: "install 1.0.0",
};

test.each<[string, AgentProbe | null, string, string | undefined]>([
  ["probed", found({}), `${head(tested)}gate full: its model is offered Nimrod's tools`, undefined],
  [
    "left tools without effect",
    found({ ownTools: ["view"] }),
    `${head(tested)}gate full: its model is offered Nimrod's tools (and view, without effect)`,
    undefined,
  ],
  [
    "held by the sandbox alone",
    found({ gate: "sandbox" }),
    `${head(tested)}gate: the sandbox alone`,
    undefined,
  ],
  [
    "never probed",
    { kind: "unknown" },
    `${head(tested)}not probed yet, done before its first pass`,
    undefined,
  ],
  ["without a probe", null, `${head(tested)}gate full`, undefined],
  ["refused", refused, `${head(tested)}refused by its probe: it offers Bash`, "install 1.0.0"],
])("an agent that was %s", (_, probe, text, hint) => {
  const check = judge(claude, { version: tested, login: ["$KEY"], probe, gate: "full" });
  expect([check.text, check.hint, check.level]).toEqual([text, hint, hint === undefined ? "ok" : "note"]);
});

test("a version that was not tested, a missing login, and an entry of the project are told", () => {
  const seen = {
    version: "9.9.9",
    login: ["$KEY"],
    probe: { kind: "unknown" } as const,
    gate: "full" as const,
  };
  expect(judge(claude, seen)).toMatchObject({
    level: "note",
    text: expect.stringContaining(`not a tested version (${tested})`),
    hint: row.install,
  });
  expect(judge(claude, { ...seen, version: tested, login: [] })).toMatchObject({
    level: "note",
    text: expect.stringContaining("no login found in $ANTHROPIC_API_KEY, "),
    hint: row.signIn,
  });
  expect(judge({ ...claude, bent: true }, seen).text).toMatch(
    /; from the repository, inert until nimrod trust$/,
  );
});

test("nobody has to log in where the model's server is on this machine", () => {
  const settings = { ...claude.settings, baseUrl: "http://127.0.0.1:11434/v1" };
  const seen = { version: tested, login: [], probe: null, gate: "full" } as const;
  expect(judge({ ...claude, settings }, { ...seen, login: [] })).toMatchObject({
    level: "ok",
    text: expect.stringContaining("; no login; "),
  });
  const elsewhere = { ...settings, baseUrl: "https://gateway.example.net" };
  expect(judge({ ...claude, settings: elsewhere }, { ...seen, login: [] }).hint).toBe(row.signIn);
});

test("an agent that the catalog does not know has no login that could be missing", () => {
  const unknown = { ...row, name: "mine", tested: [], login: { env: [], files: [] } };
  const check = judge(
    { ...claude, name: "mine", row: unknown },
    { version: null, login: [], probe: null, gate: "sandbox" },
  );
  expect(check).toEqual({
    area: "agents",
    level: "ok",
    text: "mine, /usr/bin/claude: Anthropic; no login; gate: the sandbox alone",
  });
});
