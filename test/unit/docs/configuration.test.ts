import { expect, test } from "vitest";
import { defaults } from "../../../src/config/config.ts";
import { variables } from "../../../src/config/load.ts";
import { tableUnder } from "./page.ts";

const rows = tableUnder("docs/commands.md", "| key | default | variable |").map((row) =>
  row.map((cell) => cell.replaceAll("`", "")),
);

test("docs/commands.md has every variable of the environment, and no other", () => {
  expect(rows.flatMap(([, , variable = ""]) => (variable === "" ? [] : [variable])).sort()).toEqual(
    [...variables].sort(),
  );
});

test("docs/commands.md has every key of the configuration, with the default of the code", () => {
  const { slice: _slice, ...limits } = defaults.limits;
  const said = Object.fromEntries(rows.map(([key = "", value]) => [key, value]));
  for (const [key, value] of Object.entries(limits)) expect(said[`limits.${key}`], key).toBe(String(value));
  expect(said["idPrefix"]).toBe(JSON.stringify(defaults.idPrefix));
  expect(said["agent"]).toBe(JSON.stringify(defaults.agent));
  const first = (key: string) => key.split(/[.,]/)[0] ?? "";
  expect([...new Set(rows.map(([key = ""]) => first(key)))].sort()).toEqual(Object.keys(defaults).sort());
  const limitKeys = rows.flatMap(([key = ""]) => /^limits\.(\w+)/.exec(key)?.[1] ?? []);
  expect([...new Set(limitKeys)].sort()).toEqual(Object.keys(defaults.limits).sort());
});
