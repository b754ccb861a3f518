import { z } from "zod";
import { type Role, roleSchemas } from "./roles.ts";

/** The role's JSON Schema (draft 2020-12) as text: what `NIMROD_SCHEMA` points to and a prompt shows. */
export function roleJsonSchema(role: Role): string {
  // `input`: what the agent may write; a field with a default need not be there.
  return JSON.stringify(z.toJSONSchema(roleSchemas[role], { io: "input" }), null, 1);
}
