// Writes docs/commands.md from the command table, the groups and the exit codes, and the table of docs/json.md from the
// documents. What stands between the marks of a person's own words is kept.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandsPage } from "../test/unit/docs/commands-page.ts";
import { jsonPage } from "../test/unit/docs/json-page.ts";

const docs = join(import.meta.dirname, "..", "docs");
for (const [name, write] of [
  ["commands.md", commandsPage],
  ["json.md", jsonPage],
]) {
  const page = join(docs, name);
  writeFileSync(page, await write(readFileSync(page, "utf8")));
}
