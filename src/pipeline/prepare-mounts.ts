import { join } from "node:path";
import { NimrodError } from "../errors.ts";
import type { Place } from "../toolbox/perform.ts";
import { prepareDependencies } from "../workspace/dependencies.ts";
import type { RunFacts } from "./facts.ts";
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
    commit: facts.candidate?.commit ?? facts.base,
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
