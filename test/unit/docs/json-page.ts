import { commandGroups, documentOfExit } from "../../../src/cli/command-groups.ts";
import { documents, jsonSchemaOf, type Kind } from "../../../src/cli/documents/documents.ts";

/** The table of docs/json.md: each kind, who prints it, and its keys. `scripts/write-commands-page.mjs` writes it. */

const open = "<!-- kinds: written by scripts/write-commands-page.mjs -->";
const close = "<!-- end -->";

export function jsonPage(before: string): string {
  const [start = "", rest = ""] = before.split(open);
  const end = rest.split(close).slice(1).join(close);
  return `${start}${open}\n${kindTable()}\n${close}${end}`;
}

function kindTable(): string {
  const kinds = Object.keys(documents).sort() as Kind[];
  const rows = kinds.map((kind) => {
    const keys = keysOf(jsonSchemaOf(kind)).map((key) => `\`${key}\``);
    return `| [\`${kind}\`](../schemas/${kind}.json) | ${printersOf(kind)} | ${keys.join(", ")} |`;
  });
  return [
    "| kind | printed by | keys beside `schemaVersion` and `kind` |",
    "| --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function printersOf(kind: Kind): string {
  if (kind === "error") return "stderr, at any exit that has no document of its own";
  const exit = Object.entries(documentOfExit).find(([, one]) => one === kind)?.[0];
  if (exit !== undefined) return `exit ${exit}`;
  const names = commandGroups.flatMap(({ commands }) =>
    Object.entries(commands).flatMap(([name, one]) => (one.documents.includes(kind) ? [name] : [])),
  );
  return names.map((name) => `[\`${name}\`](commands.md#${name})`).join(", ");
}

type Json = { properties?: object; required?: string[]; anyOf?: Json[]; oneOf?: Json[]; allOf?: Json[] };

/** Keys that only some forms of a document have, or that may be left out, end in a question mark. */
function keysOf(schema: Json): string[] {
  const [, body = {}] = schema.allOf ?? [];
  const all = flatten(body);
  const names = [...new Set(all.flatMap((form) => Object.keys(form.properties ?? {})))];
  return names.map((name) => (all.every((form) => form.required?.includes(name)) ? name : `${name}?`));
}

function flatten(schema: Json): Json[] {
  const forms = schema.anyOf ?? schema.oneOf;
  return forms === undefined ? [schema] : forms.flatMap(flatten);
}
