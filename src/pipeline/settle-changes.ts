import { lstat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import type { Plan } from "../agents/roles.ts";
import { type Action, type Decision, stricter } from "../authorization/action.ts";
import { removeTree } from "../platform/files.ts";
import type { Place } from "../toolbox/perform.ts";
import { matchesAny } from "../workspace/diff-facts.ts";
import type { Workspace } from "../workspace/worktree.ts";
import { declaredDocs, declaredPaths } from "./plan-scope.ts";

/** What an action really changed in the worktree: judged path by path, then committed or taken back. */

type Settled = { commit: string | null; denied: string | null };

export type Settlement = {
  /** After one action of the toolbox. */
  afterAction: (action: Action, decision: Decision, title: string) => Promise<Settled>;
  /** After the agent's own hands; a sentence where what they did may not stay. */
  afterHands: () => Promise<string | null>;
};

export function openSettlement(options: {
  /** Null for passes that change nothing. */
  workspace: Workspace | null;
  place: Pick<Place, "contested">;
  plan: Plan | null;
  ticket: string;
  /** Tier of a change to one path, however it was made. */
  judgePath: (path: string) => Decision;
  redact: (text: string) => string;
}): Settlement {
  const { workspace, place, plan, redact } = options;

  return {
    afterAction: settleChanges,
    async afterHands() {
      if (!workspace) return null;
      const title = "direct changes of the agent";
      return (await settleDirty(workspace, { allowed: "brief", title, own: null })).denied;
    },
  };

  /** A command was judged by its words; what it really did to the worktree is judged here, path by path. */
  async function settleChanges(action: Action, decision: Decision, title: string): Promise<Settled> {
    if (!workspace) return { commit: null, denied: null };
    if (action.kind === "run") return settleDirty(workspace, { allowed: decision.tier, title, own: null });
    if (action.kind !== "write" && action.kind !== "edit") return { commit: null, denied: null };
    if (!place.contested) return { commit: await commit(title), denied: null };
    // What the agent's own hands did beside this action must not slip into its commit.
    const own = relative(workspace.path, resolve(workspace.path, action.path));
    return settleDirty(workspace, { allowed: "brief", title, own });
  }

  /** Changes that were not asked for path by path: judged each, then committed, or taken back together. */
  async function settleDirty(
    changing: Workspace,
    what: { allowed: Decision["tier"]; title: string; own: string | null },
  ): Promise<Settled> {
    const foreign = await foreignGit();
    const dirty = await changing.dirtyPaths();
    if (foreign === null && dirty.length === 0) return { commit: null, denied: null };
    const paths = dirty.filter((path) => path !== what.own);
    // Whoever said yes to an explicit command said yes to what it changes, short of what is never allowed.
    const beyondPlan = what.allowed === "explicit" ? null : outsidePlan(paths);
    const denied = foreign ?? judgeChanges(paths, what.allowed) ?? beyondPlan;
    if (denied === null) return { commit: await commit(what.title), denied: null };
    await changing.resetTo(await changing.head());
    return { commit: null, denied };
  }

  /** A `.git` in the worktree would send git somewhere else: it goes, before anything asks git. */
  async function foreignGit(): Promise<string | null> {
    if (!workspace) return null;
    const path = join(workspace.path, ".git");
    if ((await lstat(path).catch(() => null)) === null) return null;
    await removeTree(path);
    return "it made a .git of its own in the worktree";
  }

  /** Through the gate a write outside the plan would have been asked about; hands that went round it are not asked. */
  function outsidePlan(paths: readonly string[]): string | null {
    if (!plan) return null;
    const declared = [...declaredPaths(plan), ...declaredDocs(plan)];
    const path = paths.find((changed) => !matchesAny(changed, declared));
    return path === undefined ? null : `it changed ${path}, which the authorized plan does not name`;
  }

  function judgeChanges(paths: readonly string[], allowed: Decision["tier"]): string | null {
    for (const path of paths) {
      const decision = options.judgePath(path);
      const granted = stricter(allowed, "brief");
      if (stricter(decision.tier, granted) !== granted) return `it changed ${path}: ${decision.reason}`;
    }
    return null;
  }

  async function commit(title: string): Promise<string | null> {
    if (!workspace) return null;
    const subject = redact(title).split("\n")[0]?.slice(0, 100) ?? "change";
    return workspace.commitAll({ message: `${subject}\n\nNimrod-Ticket: ${options.ticket}\n` });
  }
}
