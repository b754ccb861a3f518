import { hostname } from "node:os";
import { join } from "node:path";
import { looseningsOf } from "../authorization/policy/loosening.ts";
import { openStandingApprovals, type StandingApprovals } from "../authorization/standing-approvals.ts";
import { readTextIfExists } from "../platform/files.ts";
import { readSource } from "../platform/json-source.ts";
import type { Context } from "./context.ts";
import { type ProjectPolicy, policyPath } from "./load-policy.ts";

/** What a policy that can be read says and does not do, line by line: inert, unsigned, expired, used up. */
export type Remark = { where: string; state: string; message: string; hint: string };

type Places = { root: string; stateFolder: string };

export async function reviewPolicy(
  context: Pick<Context, "stateHome" | "clock">,
  places: Places,
  loaded: ProjectPolicy,
): Promise<Remark[]> {
  const lineOf = await linesOf(places.root);
  const remarks: Remark[] = [];
  if (!loaded.trusted) {
    for (const { path, text } of looseningsOf(loaded.written))
      remarks.push({
        where: lineOf(path),
        state: "inert",
        message: `inert, nobody has trusted it: ${text}`,
        hint: "nimrod trust",
      });
  }
  const approvals = standingOf(context, places, loaded);
  for (const [index, standing] of loaded.written.standing.entries()) {
    const found = await approvals.stateOf(standing);
    if (found.state === "valid") continue;
    const expired = found.state === "expired";
    remarks.push({
      where: lineOf(["standing", index, ...(expired ? ["expires"] : [])]),
      state: found.state,
      message: `${found.state}, it asks each time: ${standing.name}: ${found.why}`,
      hint: expired ? `edit ${policyPath}` : `nimrod policy sign ${standing.name}`,
    });
  }
  return remarks;
}

export function standingOf(
  context: Pick<Context, "stateHome" | "clock">,
  { stateFolder }: Pick<Places, "stateFolder">,
  { written, digest }: ProjectPolicy,
): StandingApprovals {
  return openStandingApprovals({
    stateFolder,
    stateHome: context.stateHome,
    machine: hostname(),
    clock: context.clock,
    policy: written,
    policyDigest: digest,
  });
}

/** `path:line` of a value of the policy. */
export async function linesOf(root: string): Promise<(path: readonly PropertyKey[]) => string> {
  const source = readSource((await readTextIfExists(join(root, policyPath))) ?? "{}");
  return (path) => ("lineOf" in source ? `${policyPath}:${source.lineOf(path)}` : policyPath);
}
