import { digestOf } from "../platform/digest.ts";
import { type Action, type Decision, doneAs, stricter, type Target } from "./action.ts";
import type { Presence } from "./approval-key.ts";
import type { ApprovalItem, Approvals } from "./approvals.ts";
import { type BindFacts, bindAction, boundDigest } from "./bind.ts";
import { type ClassifyContext, classify } from "./classify.ts";
import { describeAction } from "./describe.ts";
import { explain } from "./explain.ts";
import { undeclaredResources } from "./policy/resources.ts";
import { allowsEgress, type Policy } from "./policy.ts";
import type { Considered, SecondOpinion } from "./second-opinion.ts";
import type { StandingApprovals } from "./standing-approvals.ts";

/** The one door: every action is classified, authorized and recorded here before anything performs it. */

export type GateAnswer =
  | { kind: "go"; decision: Decision; digest: string; approval: string | null; assumption: string | null }
  | { kind: "denied"; decision: Decision; digest: string }
  /** `approval`: the id of the request that waits for a person. */
  | { kind: "parked"; decision: Decision; digest: string; approval: string };

export type GateOptions = {
  context: ClassifyContext;
  policy: Policy;
  approvals: Approvals;
  bind: BindFacts;
  ticket: string;
  run: string;
  /** Who asks: `<role>/<pass>`. */
  requester: string;
  /** Whether the authorized plan covers a change; null where no plan applies to this pass. */
  inPlan: ((action: Action) => boolean) | null;
  /** Whether the role file leaves the agent this kind of action at all; absent where no agent acts. */
  mayAsk?: (action: Action, tier: Decision["tier"]) => boolean;
  /** A sub-pass: whatever would need more than looking is denied, and nobody is asked. */
  looksOnly?: boolean;
  /** Asks y or n for a brief action, where the policy wants that and a person is at the terminal. */
  confirm?: ((question: string) => Promise<boolean>) | undefined;
  /** Hosts that the authorized plan names for the network. */
  plannedHosts: readonly string[];
  /** A model that the operator asks beside the tables; it may only raise. */
  secondOpinion?: SecondOpinion | undefined;
  /** Names of the policy's resources that the plan declares for an action; absent where no plan does. */
  declared?: (action: Action) => readonly string[];
  /** What the policy lets go by without a question each time; absent where nothing does. */
  standing?: StandingApprovals;
  record: (data: Record<string, unknown>) => Promise<void>;
};

export type Gate = {
  decide: (action: Action, details?: ActionDetails) => Promise<GateAnswer>;
  /** For what an agent would do by itself: recorded as `allowed` or `refused`, and nobody is asked. */
  judge: (action: Action, allows: (decision: Decision) => boolean) => Promise<Decision>;
};
export type ActionDetails = { title?: string; undo?: string | null };

export function openGate(options: GateOptions): Gate {
  const record = (
    action: Action,
    decision: Decision,
    answer: {
      answer: string;
      digest: string;
      opinion: Considered["opinion"];
      approval?: string | null;
      assumption?: string | null;
    },
  ) =>
    options.record({
      action: describeAction(action),
      kind: action.kind,
      target: targetOf(action),
      digest: answer.digest,
      answer: answer.answer,
      tier: decision.tier,
      rule: decision.rule,
      reason: decision.reason,
      effects: decision.effects,
      vantage: decision.vantage ?? null,
      needs: decision.needs ?? [],
      lowered: decision.tier === "none" ? (decision.lowered ?? null) : null,
      approval: answer.approval ?? null,
      assumption: answer.assumption ?? null,
      ...(answer.opinion === null ? {} : { opinion: answer.opinion }),
    });
  return {
    async decide(action, details = {}) {
      const { decision, opinion } = await consider(action, options);
      const answer = await answerFor(action, details, decision, options);
      await record(action, answer.decision, {
        answer: answer.kind,
        digest: answer.digest,
        opinion,
        ...(answer.kind === "denied" ? {} : { approval: answer.approval }),
        ...(answer.kind === "go" ? { assumption: answer.assumption } : {}),
      });
      return answer;
    },
    async judge(action, allows) {
      const { decision, opinion } = await consider(action, options);
      const answer = allows(decision) ? "allowed" : "refused";
      await record(action, decision, { answer, digest: digestOf("nimrod/judged/v1", action), opinion });
      return decision;
    },
  };
}

async function answerFor(
  action: Action,
  details: ActionDetails,
  decision: Decision,
  options: GateOptions,
): Promise<GateAnswer> {
  // A read is done whatever it is bound to; hashing every program it names would cost more than the read.
  if (doneAs(decision) === "none") {
    return {
      kind: "go",
      decision,
      digest: digestOf("nimrod/read/v1", action),
      approval: null,
      assumption: null,
    };
  }
  if (options.looksOnly && decision.tier !== "deny") {
    const reason = `${decision.reason}; a sub-pass only looks, and asks nobody`;
    return { kind: "denied", decision: { ...decision, rule: "pass.looks-only", reason }, digest: "" };
  }
  let digest: string;
  try {
    digest = boundDigest(await bindAction(action, options.bind));
  } catch (error) {
    // What cannot be bound cannot be approved either.
    const reason = `its inputs could not be read: ${error instanceof Error ? error.message : String(error)}`;
    return {
      kind: "denied",
      decision: { ...decision, tier: "deny", rule: "gate.unbound", reason },
      digest: "",
    };
  }
  switch (decision.tier) {
    case "none":
      return { kind: "go", decision, digest, approval: null, assumption: null };
    case "deny":
      return { kind: "denied", decision, digest };
    case "brief":
      if (options.policy.brief === "assume") {
        return {
          kind: "go",
          decision,
          digest,
          approval: null,
          assumption: `assumed to be fine: ${decision.reason}`,
        };
      }
      return confirmBrief(action, details, decision, digest, options);
    case "explicit":
      return askPerson(action, details, decision, digest, options);
  }
}

/** One line, y or n, where somebody is at the terminal; otherwise it waits like an explicit action. */
async function confirmBrief(
  action: Action,
  details: ActionDetails,
  decision: Decision,
  digest: string,
  options: GateOptions,
): Promise<GateAnswer> {
  const granted = await options.approvals.check(digest, presenceNeeded(options.context.sandbox));
  const said =
    granted.kind === "missing" && options.confirm
      ? await options.confirm(`${describeAction(action)} (${decision.reason})?`)
      : null;
  if (said === null) return askPerson(action, details, decision, digest, options);
  if (said) return { kind: "go", decision, digest, approval: null, assumption: "confirmed at the terminal" };
  return {
    kind: "denied",
    decision: { ...decision, rule: "person.denied", reason: "refused at the terminal" },
    digest,
  };
}

async function askPerson(
  action: Action,
  details: ActionDetails,
  decision: Decision,
  digest: string,
  options: GateOptions,
): Promise<GateAnswer> {
  const grant = await options.approvals.consume(digest, presenceNeeded(options.context.sandbox));
  if (grant.kind === "granted") return { kind: "go", decision, digest, approval: grant.id, assumption: null };
  if (grant.kind === "denied") {
    const reason = `${grant.id} was denied: ${grant.reason}`;
    return { kind: "denied", decision: { ...decision, rule: "person.denied", reason }, digest };
  }
  const standing = await options.standing?.use(action, decision, { ...options, digest });
  if (standing) return { kind: "go", decision, digest, approval: standing, assumption: null };
  const request = await options.approvals.request(
    {
      kind: "action",
      ticket: options.ticket,
      run: options.run,
      requester: options.requester,
      items: [approvalItem(action, details, decision, digest, options.bind.worktree)],
    },
    presenceNeeded(options.context.sandbox),
  );
  return { kind: "parked", decision, digest, approval: request.id };
}

/** Without a sandbox an agent could reach the terminal, so only a key with a passphrase speaks for a person. */
export function presenceNeeded(sandbox: ClassifyContext["sandbox"]): Presence {
  return sandbox === "none" ? "passphrase" : "challenge";
}

type DecideOptions = Pick<
  GateOptions,
  "context" | "policy" | "inPlan" | "plannedHosts" | "mayAsk" | "declared"
>;

/** The decision, and what the second opinion makes of it. A raised tier meets the gate's own rules once more. */
export async function consider(
  action: Action,
  options: DecideOptions & Pick<GateOptions, "secondOpinion" | "looksOnly">,
): Promise<Considered> {
  const decision = decide(action, options);
  const isOver = options.looksOnly === true && decision.tier !== "none";
  if (options.secondOpinion === undefined || isOver) return { decision, opinion: null };
  const { decision: second, opinion } = await options.secondOpinion(
    action,
    decision,
    () => explain(action, options.context, options.policy).parts,
  );
  const isRaised = stricter(decision.tier, second.tier) !== decision.tier;
  return { decision: isRaised ? narrow(action, second, options) : decision, opinion };
}

/** The classifier's decision, raised by what only the gate knows: the plan's scope and the network's openings. */
export function decide(action: Action, options: DecideOptions): Decision {
  return narrow(action, classify(action, options.context, options.policy), options);
}

function narrow(action: Action, decision: Decision, options: DecideOptions): Decision {
  if (decision.tier === "deny") return decision;
  if (options.mayAsk && !options.mayAsk(action, doneAs(decision))) {
    const reason = `the role file of the ${options.context.role ?? "agent"} does not grant this kind of action`;
    return { ...decision, tier: "deny", rule: "role.capability", reason };
  }
  const changed = undeclaredResources(
    options.policy,
    decision,
    describeAction(action),
    options.declared?.(action) ?? [],
  );
  if (changed.length > 0) {
    const reason = `changes ${changed.join(", ")}, which the policy protects and no plan declares (${decision.reason})`;
    return { ...decision, tier: "explicit", rule: "resource.undeclared", reason };
  }
  const closed = (decision.needs ?? []).filter(
    (host) => !allowsEgress(options.policy, host) && !options.plannedHosts.includes(host),
  );
  if (closed.length > 0) {
    const reason = `needs the network to ${closed.join(", ")}, which neither the policy nor the plan names`;
    return { ...decision, tier: stricter(decision.tier, "explicit"), rule: "egress.host", reason };
  }
  if (decision.tier === "brief" && options.inPlan && !options.inPlan(action)) {
    const reason = `not in the authorized plan (${decision.reason})`;
    return { ...decision, tier: "explicit", rule: "plan.deviation", reason };
  }
  return decision;
}

export function approvalItem(
  action: Action,
  details: ActionDetails,
  decision: Decision,
  digest: string,
  worktree: string,
): ApprovalItem {
  return {
    digest,
    title: details.title ?? describeAction(action),
    runs: shownLines(action),
    where: whereOf(action, worktree),
    tier: decision.tier,
    rule: decision.rule,
    reason: decision.reason,
    effects: decision.effects,
    undo: details.undo ?? null,
  };
}

/** The whole of what a person says yes to: content too, not only its size. */
function shownLines(action: Action): string[] {
  const first = describeAction(action);
  if (action.kind === "write") return [first, ...action.content.split("\n")];
  if (action.kind === "edit") {
    return [
      first,
      ...action.old.split("\n").map((line) => `- ${line}`),
      ...action.new.split("\n").map((line) => `+ ${line}`),
    ];
  }
  return first.split("\n");
}

function whereOf(action: Action, worktree: string): string {
  if (action.kind === "fetch") return "this machine, outside the sandbox";
  return targetOf(action) === "host" ? `this machine, in ${worktree}` : `the ticket's worktree, ${worktree}`;
}

function targetOf(action: Action): Target {
  return ("target" in action && action.target) || "worktree";
}
