import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failureReasons } from "../../../src/agents/adapter.ts";
import { agentProcess } from "../../../src/agents/adapters/agent-process.ts";
import { parseAnswer } from "../../../src/agents/adapters/exchange.ts";
import { createPlainAdapter } from "../../../src/agents/adapters/plain.ts";
import { roles } from "../../../src/agents/roles.ts";
import { parseConfigFile } from "../../../src/config/read-config-file.ts";
import { defaults } from "../../../src/config/schema.ts";
import { passWorld, recordingToolbox } from "../../support/pass-request.ts";
import { fencedBlocks, tableUnder, textOf, wordsOf } from "./page.ts";

const page = "docs/agents.md";
const blocks = fencedBlocks(textOf(page));

test("the example configuration is one, of a project as well as of a user", () => {
  const [block] = blocks.filter(({ info }) => info === "json config");
  for (const owner of ["project", "user"] as const) {
    const config = parseConfigFile(block?.text ?? "", "nimrod.json", owner);
    expect(Object.keys(config.agents ?? {})).toEqual(["scripted", "local"]);
  }
});

test("the page has the roles, the reasons for failure and the environment of the code", async () => {
  expect(wordsOf(page, "| role | does |")).toEqual([...roles]);
  expect(wordsOf(page, "| reason | means |")).toEqual([...failureReasons]);
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
  const { startSeconds, idleSeconds, passMinutes, turns } = defaults.limits;
  expect(said).toEqual({
    "limits.startSeconds": startSeconds,
    "limits.idleSeconds": idleSeconds,
    "limits.passMinutes": passMinutes,
    "limits.turns": turns,
  });
});

test("every kind of action on the page is read, and no other", () => {
  const kinds = wordsOf(page, "| action | fields |");
  const fields: Record<string, object> = {
    run: { argv: ["true"] },
    write: { path: "a", content: "" },
    edit: { path: "a", old: "b", new: "c" },
    read: { path: "a" },
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
