import * as z from "zod";
import { gateDocuments } from "./gate.ts";
import { projectDocuments } from "./project.ts";
import { runDocuments } from "./runs.ts";
import { ticketDocuments } from "./tickets.ts";

/**
 * The body of each document of `--json`, by its `kind`. Commands are held to it by the compiler: only its types are
 * imported by what runs. `scripts/write-schemas.mjs` makes the JSON Schema files of the package from it.
 */
export const documents = { ...ticketDocuments, ...runDocuments, ...gateDocuments, ...projectDocuments };

export type Kind = keyof typeof documents;
export type Documents = { [K in Kind]: z.input<(typeof documents)[K]> };

/** A document as JSON Schema (draft 2020-12). Open: what a later version adds does not break a reader. */
export function jsonSchemaOf(kind: Kind): Record<string, unknown> {
  const schema = z.toJSONSchema(documents[kind], {
    io: "input",
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      delete jsonSchema.readOnly;
    },
  });
  const head = { schemaVersion: { const: 1 }, kind: { const: kind } };
  const { $schema, ...body } = schema;
  return {
    $schema,
    $id: `nimrod:${kind}`,
    title: `nimrod --json: ${kind}`,
    allOf: [{ type: "object", properties: head, required: Object.keys(head) }, body],
  };
}
