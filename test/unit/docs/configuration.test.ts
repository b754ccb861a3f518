import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { catalog } from "../../../src/agents/catalog.ts";
import { configKeys, defaults } from "../../../src/config/config.ts";
import { variableOf, variables } from "../../../src/config/load.ts";
import { userSchema } from "../../../src/config/schema.ts";
import { tableUnder, textOf } from "./page.ts";

const page = "docs/configuration.md";
const rows = tableUnder(page, "| key | type | default | variable | means |").map((row) =>
  row.map((cell) => cell.replaceAll("`", "")),
);

type Json = { [key: string]: unknown; properties?: Record<string, Json>; additionalProperties?: Json };

/** Every key that holds a value, as a person writes it: `agents.NAME.model`. */
function leaves(schema: Json, path: readonly string[] = []): { key: string; schema: Json }[] {
  if (schema.properties !== undefined) {
    return Object.entries(schema.properties).flatMap(([key, inner]) => leaves(inner, [...path, key]));
  }
  if (typeof schema.additionalProperties === "object") {
    const names: Record<string, string> = { agents: "NAME", roles: "ROLE", prices: "MODEL" };
    return leaves(schema.additionalProperties, [...path, names[path[0] ?? ""] ?? "?"]);
  }
  return [{ key: path.join("."), schema }];
}

function typeOf(schema: Json): string {
  const values = schema["enum"];
  if (Array.isArray(values)) return values.join(", ");
  const max = typeof schema["maximum"] === "number" ? schema["maximum"] : Number.MAX_SAFE_INTEGER;
  const to = max < 1000 ? `, ${schema["type"] === "integer" ? `${schema["minimum"]} ` : ""}to ${max}` : "";
  switch (schema["type"]) {
    case "string":
      return "text";
    case "integer":
      return `whole number${to}`;
    case "array":
      return `list of ${typeOf(schema["items"] as Json)}`;
    default:
      return `${schema["type"]}${to}`;
  }
}

test("the page has every key of both files, with the type of the schema", () => {
  const keys = leaves(z.toJSONSchema(userSchema, { io: "input" }) as Json);
  expect(rows.map(([key, type]) => ({ key, type }))).toEqual(
    keys.map(({ key, schema }) => ({ key, type: typeOf(schema) })),
  );
});

test("the page has the default and the variable of every key that has one", () => {
  const said = new Map(rows.map(([key, , value, variable]) => [key, { value, variable }]));
  for (const key of configKeys) {
    const value = key.split(".").reduce<unknown>((inner, name) => Reflect.get(Object(inner), name), defaults);
    const shown = value === null ? "no limit" : JSON.stringify(value);
    // What a person names has no default of its own, and neither has a second opinion.
    if (["agents", "roles", "prices", "secondOpinion"].includes(key)) continue;
    expect(said.get(key), key).toEqual({ value: shown, variable: variableOf(key) ?? "" });
  }
  expect(rows.flatMap(([, , , variable = ""]) => (variable === "" ? [] : [variable])).sort()).toEqual(
    [...variables].sort(),
  );
});

/** Source files in which a name of a variable is a word of somebody's command, or of an agent's login. */
const aboutOthers = /^src\/(?:authorization\/effects|agents\/(?:adapters|catalog))/;

test("the page has every variable that the source reads or sets, and no other", () => {
  const read = new Set<string>();
  const named = new Set<string>();
  for (const file of readdirSync("src", { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts") || aboutOthers.test(`src/${file}`)) continue;
    const text = textOf(`src/${file}`);
    for (const [, name = ""] of text.matchAll(/\benv\["([A-Z][A-Z0-9_]+)"\](?! = )/g)) read.add(name);
    for (const [, name = ""] of text.matchAll(/\bbase\(env, "([A-Z_]+)"/g)) read.add(name);
    for (const [, list = ""] of text.matchAll(/\binherited\(\[([^\]]+)\]/g))
      for (const [, name = ""] of list.matchAll(/"([A-Z_]+)"/g)) read.add(name);
    for (const [, list = ""] of text.matchAll(/const \{([^}]+)\} = process\.env/g))
      for (const [name] of list.matchAll(/[A-Z_]{2,}/g)) read.add(name);
    for (const [, name = ""] of text.matchAll(/"(NIMROD_[A-Z_]+)"/g)) named.add(name);
  }
  const [reads = [], sets = []] = [0, 1].map((at) =>
    tableUnder(page, "| variable | means |", at).flatMap(([cell = ""]) =>
      cell.replaceAll("`", "").split(", "),
    ),
  );
  const logins = catalog.flatMap((row) => row.login.env);
  const wanted = [...read].filter((name) => !variables.includes(name) && !logins.includes(name));
  expect([...reads].sort()).toEqual(wanted.sort());
  const others = [...named].filter((name) => !variables.includes(name) && !reads.includes(name));
  expect([...sets].sort()).toEqual(others.sort());
});
