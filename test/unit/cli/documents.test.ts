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
