import { join } from "node:path";
import { NimrodError } from "../errors.ts";
import type { Place } from "../toolbox/perform.ts";
import { isLockfile, prepareDependencies } from "../workspace/dependencies.ts";
import type { RunFacts } from "./facts.ts";
import { declaredPaths } from "./plan-scope.ts";
import type { Work } from "./steps.ts";

/** Dependencies of the candidate's lockfiles, set up once for each set of them and shown read-only afterwards. */
export async function prepareMounts(
  work: Pick<Work, "ports" | "workspace">,
  facts: RunFacts,
): Promise<Place["mounts"]> {
  const { ports, workspace } = work;
  if (ports.setup.length === 0) return [];
  if (ports.sandbox.kind === "none") {
    ports.progress({
      kind: "note",
      text: "workspace.setup is left out: without a sandbox it would run unconfined (nimrod doctor)",
    });
    return [];
  }
  const ready = await prepareDependencies({
    workspace,
    commit: changesDependencies(facts) ? (facts.candidate?.commit ?? facts.base) : facts.base,
    setup: ports.setup,
    cacheFolder: join(ports.stateFolder, "dependencies"),
    sandbox: ports.sandbox,
    env: ports.env,
    signal: ports.signal,
  });
  if (ready.kind === "failed") {
    throw new NimrodError("failed", `workspace.setup failed: ${ready.command}: ${ready.reason}`, {
      lines: ready.output.trim().split("\n").slice(-10),
      hint: "mend it in nimrod.json, then nimrod trust",
    });
  }
  return ready.kind === "ready" ? ready.mounts : [];
}

/**
 * Set-up runs with the network, so it runs on what the operator committed. Only a plan that was authorized to change
 * a lockfile makes it run on the candidate.
 */
function changesDependencies(facts: RunFacts): boolean {
  return facts.plan !== null && declaredPaths(facts.plan.result).some(isLockfile);
}
