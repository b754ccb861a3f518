// Writes schemas/<kind>.json, one for each document of `--json`, from src/cli/documents/. A test compares them.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { documents, jsonSchemaOf } from "../src/cli/documents/documents.ts";

const folder = join(import.meta.dirname, "..", "schemas");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
for (const kind of Object.keys(documents)) {
  writeFileSync(join(folder, `${kind}.json`), `${JSON.stringify(jsonSchemaOf(kind), null, 2)}\n`);
}
