import { join } from "node:path";
import type { CheckResult } from "../agents/pass-input.ts";
import type { Action } from "../authorization/action.ts";
import type { ApprovalItem } from "../authorization/approvals.ts";
import { bindAction, boundDigest } from "../authorization/bind.ts";
import { approvalItem, consider, presenceNeeded } from "../authorization/gate.ts";
import type { OpenSegment } from "../evidence/ledger.ts";
import { sha256 } from "../platform/digest.ts";
import { ensureFolder, removeTree, writeAtomic } from "../platform/files.ts";
import type { Criterion, TicketBody } from "../tickets/ticket.ts";
import { type Performed, type Place, perform } from "../toolbox/perform.ts";
import { cleanCheckout } from "../workspace/checkout.ts";
import { matchesAny } from "../workspace/diff-facts.ts";
import type { Workspace } from "../workspace/worktree.ts";
import { classifyContext } from "./classify-context.ts";
import type { Bindings, RunFacts } from "./facts.ts";
import { isTestFile } from "./frozen.ts";
import type { Wait } from "./journal.ts";
import { makePassFolders, placeFor, ticketFolder } from "./places.ts";
import { declaredPaths } from "./plan-scope.ts";
import type { Ports } from "./ports.ts";
import { countTests, type TestCount, weakRun } from "./test-counts.ts";

/** Nimrod's own run of every criterion's verification: the only thing that meets a criterion. */

export type Verification = { kind: "checked"; checks: CheckResult[] } | { kind: "parked"; waits: Wait[] };

export type VerifySettings = {
  ports: Ports;
  facts: RunFacts;
  now: Bindings;
  body: TicketBody;
  workspace: Workspace;
  segment: OpenSegment;
  mounts: Place["mounts"];
  frozen: (path: string) => boolean;
};

/** Characters of output kept of one check, from its end: what a person reads first. */
const tailLength = 2000;

export async function verifyCandidate(settings: VerifySettings): Promise<Verification> {
  const { facts, body } = settings;
  const criteria = body.criteria.filter(
    (each) => commandOf(each, facts) !== null && each.target === "worktree",
  );
  const waits = await missingApprovals(settings, criteria);
  if (waits.length > 0) return { kind: "parked", waits };

  const checks: CheckResult[] = [];
  const counts = new Map<string, TestCount | null>();
  for (const on of ["base", "candidate"] as const) {
    const checkout = await prepareCheckout(settings, on);
    for (const criterion of criteria) {
      const { check, count } = await runCheck(settings, criterion, {
        ...checkout,
        on,
        baseCount: counts.get(criterion.id) ?? null,
      });
      if (on === "base") counts.set(criterion.id, count);
      checks.push(check);
    }
    await removeTree(checkout.root);
  }
  return { kind: "checked", checks };
}

/** Criteria whose target is the host, after its steps were applied. */
export async function verifyLive(settings: VerifySettings): Promise<Verification> {
  const { facts, body, workspace } = settings;
  const criteria = body.criteria.filter((each) => commandOf(each, facts) !== null && each.target === "host");
  const waits = await missingApprovals(settings, criteria);
  if (waits.length > 0) return { kind: "parked", waits };
  const checks: CheckResult[] = [];
  for (const criterion of criteria) {
    const place = {
      root: workspace.path,
      tree: facts.candidate?.tree ?? "",
      on: "live" as const,
      baseCount: null,
      restored: [],
    };
    checks.push((await runCheck(settings, criterion, place)).check);
  }
  return { kind: "checked", checks };
}

/** The ticket's own verification; the plan's only where the ticket has none. */
export function commandOf(criterion: Criterion, facts: Pick<RunFacts, "plan">): string | null {
  return (
    criterion.verify ?? facts.plan?.result.criteria.find((each) => each.ac === criterion.id)?.verify ?? null
  );
}

function actionOf(criterion: Criterion, command: string): Action {
  return { kind: "run", command, target: criterion.target === "host" ? "host" : "worktree" };
}

const verifier = { name: "review", role: "reviewer", needs: [], place: "checkout", mayWrite: true } as const;

/** The gate's word on one verification. Its yes stands as long as the plan does: a check is run many times. */
export async function judgeCheck(
  settings: Pick<VerifySettings, "ports" | "facts" | "now" | "frozen">,
  criterion: Criterion,
  command: string,
) {
  const { ports, facts, now, frozen } = settings;
  const action = actionOf(criterion, command);
  const context = classifyContext({
    ports,
    row: verifier,
    root: checkoutFolder(settings, "candidate"),
    frozen,
  });
  const { decision } = await consider(action, {
    context,
    policy: ports.policy,
    inPlan: null,
    plannedHosts: [],
    secondOpinion: ports.secondOpinion,
  });
  const bound = await bindAction(action, {
    worktree: "/",
    env: ports.env,
    plan: facts.planDigest,
    policy: ports.policyDigest,
    ticketText: now.ticketText,
  });
  // The files it reads are what it judges: they may change between two runs of the same check.
  const digest = boundDigest({ ...bound, inputs: [], cwd: "" });
  const item: ApprovalItem = approvalItem(
    action,
    { title: `check of ${criterion.id}` },
    decision,
    digest,
    "a clean checkout",
  );
  return { action, decision, digest, item };
}

async function missingApprovals(settings: VerifySettings, criteria: Criterion[]): Promise<Wait[]> {
  const { ports, facts } = settings;
  const items: ApprovalItem[] = [];
  for (const criterion of criteria) {
    const { decision, digest, item } = await judgeCheck(
      settings,
      criterion,
      commandOf(criterion, facts) ?? "",
    );
    if (decision.tier !== "explicit") continue;
    const grant = await ports.approvals.check(digest, presenceNeeded(ports.sandbox.kind));
    if (grant.kind !== "granted") items.push(item);
  }
  if (items.length === 0) return [];
  const request = await ports.approvals.request(
    {
      kind: "plan",
      ticket: facts.ticket,
      run: facts.run,
      requester: "nimrod/verify",
      items,
    },
    presenceNeeded(ports.sandbox.kind),
  );
  const what = items.map((item) => item.title).join(", ");
  return [{ kind: "approval", id: request.id, digest: null, what }];
}

function checkoutFolder(
  { ports, facts }: Pick<VerifySettings, "ports" | "facts">,
  on: "base" | "candidate",
): string {
  return join(ticketFolder(ports, facts.ticket, facts.run), "checkouts", `verify-${on}`);
}

async function prepareCheckout(
  settings: VerifySettings,
  on: "base" | "candidate",
): Promise<{ root: string; tree: string; restored: string[] }> {
  const { facts, workspace, frozen } = settings;
  const restored: string[] = [];
  const candidate = facts.candidate;
  if (!candidate) throw new Error("verification without a candidate");
  const folder = checkoutFolder(settings, on);
  await removeTree(folder);
  const commit = on === "base" ? facts.base : candidate.commit;
  const { path } = await cleanCheckout({ workspace, commit, folder });
  const declared = facts.plan ? declaredPaths(facts.plan.result) : [];
  for (const changed of await workspace.changedPaths(facts.base, candidate.commit)) {
    // Before the change, new tests are laid over the base: a bug's check must be red there.
    if (on === "base" && isTestFile(changed.path) && changed.status !== "D") {
      await lay(workspace, candidate.commit, changed.path, path);
    }
    const isKept = matchesAny(changed.path, declared) || isApproved(changed.path, facts);
    if (on === "candidate" && frozen(changed.path) && !isKept) {
      await lay(workspace, facts.base, changed.path, path);
      restored.push(changed.path);
    }
  }
  return { root: path, tree: await workspace.treeHash(commit), restored };
}

/** A person said yes to this very change, beside the plan. */
function isApproved(path: string, facts: RunFacts): boolean {
  return facts.outcomes.some(
    ({ status, tier, action }) =>
      status === "done" &&
      tier === "explicit" &&
      (action.startsWith(`write ${path} (`) || action.startsWith(`edit ${path} (`)),
  );
}

async function lay(workspace: Workspace, commit: string, path: string, checkout: string): Promise<void> {
  const content = await workspace.readAt(commit, path);
  if (content === null) return;
  await ensureFolder(join(checkout, path, ".."));
  await writeAtomic(join(checkout, path), content);
}

async function runCheck(
  settings: VerifySettings,
  criterion: Criterion,
  at: {
    root: string;
    tree: string;
    on: CheckResult["on"];
    baseCount: TestCount | null;
    /** Frozen files that were changed without a yes and put back: what is checked is then not what would land. */
    restored: string[];
  },
): Promise<{ check: CheckResult; count: TestCount | null }> {
  const { ports, facts, workspace, segment, mounts } = settings;
  const command = commandOf(criterion, facts) ?? "";
  const { action, decision } = await judgeCheck(settings, criterion, command);
  const folders = await makePassFolders(ports, facts.ticket, facts.run, `verify-${at.on}`);
  const place = placeFor(ports, {
    root: at.root,
    pass: `verify-${at.on}`,
    folders,
    workspace,
    writable: at.on !== "live",
    mounts,
    pinnedGit: at.on === "live",
  });
  const done: Performed | null =
    decision.tier === "deny" ? null : await perform(action, decision, place, ports.signal);
  await removeTree(folders.root);
  const output = done ? ports.redact(`${done.stdout}${done.stderr}`) : decision.reason;
  const count = done ? countTests(done.stdout) : null;
  const weak =
    at.restored.length > 0
      ? `${at.restored.join(", ")} decides this check, was changed without a yes, and was put back for it`
      : weakRun(count, at.baseCount);
  const check: CheckResult = {
    ac: criterion.id,
    command,
    target: criterion.target,
    on: at.on,
    tree: at.tree,
    exit: done?.exit ?? null,
    ended: done?.ended ?? "denied",
    passed: done?.exit === 0 && weak === null,
    ms: done?.ms ?? 0,
    outputDigest: done?.outputDigest ?? sha256(output),
    tail: `${output.slice(-tailLength)}${weak === null ? "" : `\nnot a pass: ${weak}`}`,
  };
  await segment.append({
    type: "check",
    actor: "nimrod",
    data: { ...check, tail: undefined, count, weak, vantage: at.on === "live" ? "host" : ports.sandbox.kind },
  });
  ports.progress({ kind: "check", ac: check.ac, command, on: at.on, passed: check.passed });
  return { check, count };
}
