import type { Action } from "../authorization/action.ts";
import { consider } from "../authorization/gate.ts";
import { removeTree } from "../platform/files.ts";
import { perform } from "../toolbox/perform.ts";
import { classifyContext } from "./classify-context.ts";
import { makePassFolders, makeScratch, placeFor } from "./places.ts";
import type { VerifySettings } from "./verify-candidate.ts";

/**
 * Steps that say how their undo is rehearsed have it rehearsed, in a throw-away copy of the candidate, before anything
 * is applied. A rehearsal that would need more than a brief decision is not run, and counts as failed.
 */
export async function rehearseSteps(settings: VerifySettings): Promise<void> {
  const { ports, facts, workspace, segment, frozen, mounts } = settings;
  const commit = facts.candidate?.commit;
  for (const step of facts.plan?.result.steps ?? []) {
    if (step.rehearse === undefined || commit === undefined) continue;
    const scratch = await makeScratch(ports, { workspace, commit, ticket: facts.ticket, run: facts.run });
    const folders = await makePassFolders(ports, facts.ticket, facts.run, "rehearse");
    const action: Action = { kind: "run", command: step.rehearse, target: "worktree" };
    const row = { role: "reviewer", mayWrite: true } as const;
    const context = classifyContext({ ports, row, root: scratch.path, frozen });
    const { decision } = await consider(action, {
      context,
      policy: ports.policy,
      inPlan: null,
      plannedHosts: [],
      secondOpinion: ports.secondOpinion,
    });
    const allowed = decision.tier === "none" || decision.tier === "brief";
    const place = placeFor(ports, {
      root: scratch.path,
      pass: "rehearse",
      folders,
      workspace,
      writable: true,
      mounts,
      pinnedGit: false,
    });
    const done = allowed ? await perform(action, decision, place, ports.signal) : null;
    await segment.append({
      type: "note",
      actor: "nimrod",
      data: {
        what: "rehearsed",
        step: step.id,
        command: step.rehearse,
        exit: done?.exit ?? null,
        output: done?.outputDigest ?? null,
        reason: done ? done.reason : decision.reason,
      },
    });
    const result = done ? `exit ${done.exit ?? done.ended}` : `not run: ${decision.reason}`;
    ports.progress({ kind: "note", text: `rehearsal of ${step.id}: ${result}` });
    await removeTree(folders.root);
    await scratch.remove();
  }
}
