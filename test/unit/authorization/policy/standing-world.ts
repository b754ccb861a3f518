import { openApprovals } from "../../../../src/authorization/approvals.ts";
import { parsePolicy } from "../../../../src/authorization/policy/parse.ts";
import { type Policy, policyDigest } from "../../../../src/authorization/policy.ts";
import { openStandingApprovals } from "../../../../src/authorization/standing-approvals.ts";
import { approvalWorld } from "../approval-world.ts";

const where = ".nimrod/policy.json";
export const parse = (policy: object) => parsePolicy({ version: 1, ...policy }, where);

/** A standing approval with changes; the sample reloads a service of the host. */
export function reload(changes: Record<string, unknown> = {}) {
  return {
    name: "reload-proxy",
    run: ["systemctl", "reload", "{unit}"],
    parts: { unit: ["caddy", "nginx"] },
    target: "host",
    uses: { total: 3, perDay: 2 },
    expires: "2027-01-01",
    reason: "reloading is harmless",
    examples: { match: ["systemctl reload caddy"], notMatch: ["systemctl reload ssh"] },
    ...changes,
  };
}

/** A person with a key, a policy, and the folder in which its standing approvals are signed and counted. */
export async function standingWorld(policy: Policy = parse({ standing: [reload()] }), passphrase?: string) {
  const world = await approvalWorld(passphrase);
  const open = (given: Partial<Parameters<typeof openStandingApprovals>[0]> = {}) =>
    openStandingApprovals({
      stateFolder: world.folder,
      stateHome: world.stateHome,
      machine: "lab",
      clock: world.clock,
      policy,
      policyDigest: policyDigest(given.policy ?? policy),
      ...given,
    });
  const approvals = openApprovals({ folder: world.folder, stateHome: world.stateHome, clock: world.clock });
  return { ...world, approvals, policy, standing: open(), open };
}
