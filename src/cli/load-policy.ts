import { join } from "node:path";
import { looseningsOf, policyTrustItem, withoutLoosening } from "../authorization/policy/loosening.ts";
import { parsePolicyText } from "../authorization/policy/parse.ts";
import { defaultPolicy, type Policy, policyDigest } from "../authorization/policy.ts";
import { isTrusted, type TrustItem } from "../authorization/trust.ts";
import { readTextIfExists } from "../platform/files.ts";

export const policyPath = join(".nimrod", "policy.json");
/** Some hundred rules; a policy that nobody can read protects nobody. */
const maxBytes = 256 * 1024;

/** The project's policy as it is written, or the default where there is none. Throws `broken` with file:line. */
export async function loadPolicy(root: string): Promise<Policy> {
  const text = await readTextIfExists(join(root, policyPath), maxBytes);
  return text === null ? defaultPolicy : parsePolicyText(text, policyPath);
}

export type ProjectPolicy = {
  /** As it is written, and its digest. */
  written: Policy;
  digest: string;
  /** What of it counts: without trust it only raises. */
  policy: Policy;
  trusted: boolean;
  /** What `nimrod trust` shows of it; null where it loosens nothing. */
  trustItem: TrustItem | null;
};

/** The policy, as far as somebody has trusted it. */
export async function loadProjectPolicy(places: {
  root: string;
  stateFolder: string;
  stateHome: string;
}): Promise<ProjectPolicy> {
  const written = await loadPolicy(places.root);
  const digest = policyDigest(written);
  const trustItem = policyTrustItem(written, digest);
  const trusted = trustItem === null || (await isTrusted(places, [trustItem]));
  return { written, digest, trustItem, trusted, policy: trusted ? written : withoutLoosening(written) };
}

/** One line for a person who would otherwise wonder why they are asked; null where all of it counts. */
export function inertNote({ written, trusted }: ProjectPolicy): string | null {
  if (trusted) return null;
  const count = looseningsOf(written).length;
  return `${count} loosening ${count === 1 ? "rule" : "rules"} of ${policyPath} inert until nimrod trust`;
}
