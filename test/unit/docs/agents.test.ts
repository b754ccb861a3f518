import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failureReasons } from "../../../src/agents/adapter.ts";
import { agentProcess } from "../../../src/agents/adapters/agent-process.ts";
import { parseAnswer } from "../../../src/agents/adapters/exchange.ts";
import { createPlainAdapter } from "../../../src/agents/adapters/plain.ts";
import { catalog } from "../../../src/agents/catalog.ts";
import { actionTable } from "../../../src/agents/how-to-answer.ts";
import { roles } from "../../../src/agents/role-names.ts";
import { defaults } from "../../../src/config/config.ts";
import { parseConfigFile } from "../../../src/config/read-config-file.ts";
import { adapterNames } from "../../../src/config/schema.ts";
import { passWorld, recordingToolbox } from "../../support/pass-request.ts";
import { fencedBlocks, proseOf, tableUnder, textOf, wordsOf } from "./page.ts";

const page = "docs/agents.md";
const blocks = fencedBlocks(textOf(page));

const examples = blocks.filter(({ info }) => info === "json config");

test.each(examples)(
  "the example in line $line is a configuration, of a project as well as of a user",
  ({ text }) => {
    for (const owner of ["project", "user"] as const) {
      const config = parseConfigFile(text, "nimrod.json", owner);
      const names = [...catalog.map((row) => row.name), ...Object.keys(config.agents ?? {}), "auto"];
      for (const { agent } of Object.values(config.roles ?? {})) expect(names).toContain(agent);
      expect(names).toContain(config.agent ?? "auto");
    }
  },
);

test("short examples in the text are configurations too", () => {
  const short = [...proseOf(textOf(page)).matchAll(/`(\{"agent":[^`]+\})`/g)].map(([, text = ""]) => text);
  expect(short.map((text) => parseConfigFile(text, "nimrod.json", "project").agent)).toEqual(
    catalog.map((row) => row.name).sort(byPage(short)),
  );
});

/** In the order in which the page has them. */
function byPage(short: readonly string[]) {
  const at = (name: string) => short.findIndex((text) => text.includes(`"${name}"`));
  return (a: string, b: string) => at(a) - at(b);
}

test("the page has the catalog: what to install, how to log in, what each is given", () => {
  const code = (text: string) => `\`${text}\``;
  expect(tableUnder(page, "| agent | tested | install | log in |")).toEqual(
    catalog.map((row) => [
      code(row.name),
      row.tested.join(", "),
      code(row.install),
      row.signIn.includes(",") ? row.signIn : code(row.signIn),
    ]),
  );
  const given = "| agent | vendor | variables it may log in with | files, below your home | servers |";
  expect(tableUnder(page, given)).toEqual(
    catalog.map((row) => [
      code(row.name),
      row.vendor,
      row.login.env.map(code).join(", "),
      row.login.files.map(code).join(", "),
      row.endpoints.map(({ host, port }) => code(port === 443 ? host : `${host}:${port}`)).join(", "),
    ]),
  );
});

test("the page has every key of an agent and every adapter", () => {
  const keys = tableUnder(page, "| key of an agent | says |");
  const entry = { adapter: "plain", command: ["a"], mode: "once", vendor: "v", model: "m" };
  const all = { ...entry, baseUrl: "http://h", hosts: ["h"], env: ["E"] };
  const read = parseConfigFile(JSON.stringify({ agents: { a: all } }), "nimrod.json", "user").agents?.["a"];
  expect(keys.map(([key]) => key?.replaceAll("`", ""))).toEqual(Object.keys(read ?? {}));
  for (const name of adapterNames) expect(keys[0]?.[1]).toContain(`\`${name}\``);
});

test("the page has every tool of Nimrod's server", () => {
  const text = textOf(page).split("only the tools of Nimrod's server:")[1]?.split(", as far as")[0] ?? "";
  const tools = [...text.matchAll(/`([a-z_]+)`/g)].map(([, tool]) => tool);
  expect(tools.sort()).toEqual([...actionTable.map((row) => row.tool), "submit"].sort());
});

test("the page has the roles, the reasons for failure and the environment of the code", async () => {
  expect(wordsOf(page, "| role | does |")).toEqual([...roles]);
  expect(wordsOf(page, "| reason | means | what to do |")).toEqual([...failureReasons]);
  const how = { command: ["true"], hostEnv: { PATH: "/usr/bin" } };
  const { env } = agentProcess((await passWorld()).request, how, 1);
  const own = Object.keys(env).filter((name) => name.startsWith("NIMROD_"));
  expect(wordsOf(page, "| variable | holds |")).toEqual(own);
  const others = [...Object.keys(env).filter((name) => !own.includes(name)), "TZ"];
  expect(others.sort()).toEqual(["HOME", "LANG", "PATH", "TMPDIR", "TZ"]);
});

test("the page has the default limits of the code", () => {
  const rows = tableUnder(page, "| limit | default | what happens |").filter(([key]) =>
    key?.includes("limits."),
  );
  const said = Object.fromEntries(rows.map(([key = "", value]) => [key.replaceAll("`", ""), Number(value)]));
  const { slice: _slice, ...limits } = defaults.limits;
  expect(said).toEqual(
    Object.fromEntries(Object.entries(limits).map(([key, value]) => [`limits.${key}`, value])),
  );
});

test("every kind of action on the page is read, and no other", () => {
  const kinds = wordsOf(page, "| action | fields |");
  const fields: Record<string, object> = {
    run: { argv: ["true"] },
    write: { path: "a", content: "" },
    edit: { path: "a", old: "b", new: "c" },
    read: { path: "a", offset: 1, limit: 2 },
    list: { path: ".", glob: "*" },
    search: { pattern: "a", path: ".", glob: "*" },
    fetch: { url: "https://example.net/" },
    delegate: { question: "which?", paths: ["a"] },
    ask: { questions: [{ id: "Q1", kind: "text", text: "which?", neededFor: [] }] },
  };
  const answer = (kind: string) =>
    parseAnswer(
      JSON.stringify({ protocol: "nimrod-pass/1", nonce: "n", actions: [{ kind, ...fields[kind] }] }),
      { role: "closer", nonce: "n", mode: "once", answerBytes: 10_000 },
    );
  expect(kinds).toEqual(Object.keys(fields));
  for (const kind of kinds) expect(answer(kind), kind).toMatchObject({ kind: "actions" });
  expect(answer("delete")).toMatchObject({ kind: "invalid" });
});

test("the agent on the page acts, is told how it went, and finishes", async () => {
  const program = blocks.find(({ info }) => info === "js")?.text ?? "";
  expect(program.split("\n").length).toBeLessThanOrEqual(10);
  const world = await passWorld({ role: "researcher" });
  const file = join(world.folder, "agent.mjs");
  await writeFile(file, program);
  const agent = createPlainAdapter({
    name: "page",
    command: [process.execPath, file],
    mode: "once",
    vendor: null,
  });
  const toolbox = recordingToolbox(() => ({ exit: 0, stdout: "LICENSE\nREADME.md\n" }));
  expect(await agent.run(world.request, toolbox)).toMatchObject({
    kind: "finished",
    rounds: 2,
    result: { findings: [{ id: "F1", claim: "README.md: true" }] },
  });
  expect(toolbox.actions).toEqual([{ kind: "run", argv: ["git", "ls-files"] }]);
});
