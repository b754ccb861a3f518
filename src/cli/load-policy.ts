import { join } from "node:path";
import { defaultPolicy, type Policy, parsePolicy } from "../authorization/policy.ts";
import { NimrodError } from "../errors.ts";
import { readTextIfExists } from "../platform/files.ts";

const policyPath = join(".nimrod", "policy.json");
/** Some hundred rules; a policy that nobody can read protects nobody. */
const maxBytes = 256 * 1024;

/** The project's policy, or the default where there is none. Throws `broken` with the place. */
export async function loadPolicy(root: string): Promise<Policy> {
  const text = await readTextIfExists(join(root, policyPath), maxBytes);
  if (text === null) return defaultPolicy;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NimrodError("broken", `not valid JSON: ${reason}`, { where: policyPath, cause });
  }
  return parsePolicy(value, policyPath);
}
