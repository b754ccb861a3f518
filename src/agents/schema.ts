import { z } from "zod";
import type { Role } from "./role-names.ts";
import { roleSchemas } from "./roles.ts";

/** Made once a role: a pass needs it for its prompt, for its file, and for its tools. */
const made = new Map<Role, string>();

/** The role's JSON Schema (draft 2020-12) as text: what `NIMROD_SCHEMA` points to and a prompt shows. */
export function roleJsonSchema(role: Role): string {
  const known = made.get(role);
  if (known !== undefined) return known;
  // `input`: what the agent may write; a field with a default need not be there.
  const text = JSON.stringify(z.toJSONSchema(roleSchemas[role], { io: "input" }), null, 1);
  made.set(role, text);
  return text;
}
