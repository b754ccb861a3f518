import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { documents, jsonSchemaOf, type Kind } from "../../../src/cli/documents/documents.ts";

const folder = join(import.meta.dirname, "..", "..", "..", "schemas");
const schemaOf = (kind: string): unknown => JSON.parse(readFileSync(join(folder, `${kind}.json`), "utf8"));

test("the package ships a schema for each document, made from the code (node scripts/write-schemas.mjs)", () => {
  const kinds = Object.keys(documents) as Kind[];
  expect(readdirSync(folder).toSorted()).toEqual(kinds.map((kind) => `${kind}.json`).toSorted());
  for (const kind of kinds) expect(schemaOf(kind), kind).toEqual(jsonSchemaOf(kind));
});

test("a reader of a schema takes what later versions add, and refuses what is missing or of another kind", () => {
  const reader = z.fromJSONSchema(schemaOf("init") as Parameters<typeof z.fromJSONSchema>[0]);
  const document = { schemaVersion: 1, kind: "init", root: "/home/ann/lab", made: ["nimrod.json"] };
  expect(reader.safeParse(document).success).toBe(true);
  expect(reader.safeParse({ ...document, added: "later" }).success).toBe(true);
  expect(reader.safeParse({ ...document, made: null }).success).toBe(false);
  expect(reader.safeParse({ ...document, kind: "list" }).success).toBe(false);
  expect(reader.safeParse({ schemaVersion: 1, kind: "init", made: [] }).success).toBe(false);
});

test("no document has a key of its own that would hide its kind or its version", () => {
  const bodyOf = (kind: Kind): Body => JSON.parse(JSON.stringify(jsonSchemaOf(kind)["allOf"]))[1];
  const keysOf = (schema: Body): string[] => [
    ...Object.keys(schema.properties ?? {}),
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap(keysOf),
  ];
  for (const kind of Object.keys(documents) as Kind[]) {
    const keys = keysOf(bodyOf(kind));
    expect(keys.length, kind).toBeGreaterThan(0);
    expect(keys, kind).not.toContain("kind");
    expect(keys, kind).not.toContain("schemaVersion");
  }
});

type Body = { properties?: object; anyOf?: Body[]; oneOf?: Body[] };
