import type { Capability } from "../agents/role-file.ts";
import type { Action, Decision } from "../authorization/action.ts";
import { decide, openGate } from "../authorization/gate.ts";
import type { OpenSegment } from "../evidence/ledger.ts";
import { classifyContext } from "./classify-context.ts";
import { createPassToolbox, type PassToolbox } from "./pass-toolbox.ts";
import { type PassFolders, placeFor } from "./places.ts";
import { isInPlan, stepOf } from "./plan-scope.ts";
import type { PassSettings } from "./run-pass.ts";
import type { Delegation } from "./sub-pass.ts";

/** The door of one pass: its gate, and the toolbox behind it. */
export function equipPass(parts: {
  settings: PassSettings;
  pass: string;
  folders: PassFolders;
  segment: OpenSegment;
  capabilities: readonly Capability[];
  /** The agent has hands of its own in this very folder. */
  contested: boolean;
  delegation: Delegation | null;
}): PassToolbox {
  const { settings, pass, folders, segment, capabilities } = parts;
  const { ports, row, facts, workspace, root } = settings;
  const plan = row.mayWrite ? (facts.plan?.result ?? null) : null;
  const context = classifyContext(settings);
  const inPlan = plan ? (action: Action) => isInPlan(plan, action) : null;
  let personMs = 0;
  const ask = ports.confirm;
  const confirm =
    ask &&
    (async (question: string) => {
      const asked = performance.now();
      try {
        return await ask(question);
      } finally {
        personMs += performance.now() - asked;
      }
    });
  const gate = openGate({
    context,
    policy: ports.policy,
    approvals: ports.approvals,
    secondOpinion: ports.secondOpinion,
    bind: bindFacts(settings),
    ticket: facts.ticket,
    run: facts.run,
    requester: `${row.role}/${pass}`,
    inPlan,
    mayAsk: (action, tier) => isGranted(capabilities, action, tier),
    plannedHosts: [],
    ...(plan ? { declared: (action) => stepOf(plan, action)?.resources ?? [] } : {}),
    standing: ports.standing,
    looksOnly: row.role === "delegate",
    confirm,
    record: (data) => segment.append({ type: "action", actor: `agent:${row.role}`, data }),
  });
  return createPassToolbox({
    personMs: () => personMs,
    attendance: ask
      ? {
          waitMs: ports.limits.askMinutes * 60_000,
          stateOf: async (id) => (await ports.approvals.get(id)).state,
        }
      : null,
    facts,
    step: settings.step,
    journal: settings.journal,
    segment,
    gate,
    judgePath: (path): Decision =>
      decide(
        { kind: "write", path, content: "", target: "worktree" },
        { context, policy: ports.policy, inPlan: null, plannedHosts: [] },
      ),
    place: placeFor(ports, {
      root,
      pass,
      folders,
      workspace,
      writable: row.mayWrite,
      contested: parts.contested,
      mounts: settings.mounts,
      pinnedGit: row.place === "worktree",
    }),
    workspace: row.mayWrite ? workspace : null,
    makeCopy: settings.makeCopy,
    plan,
    mayAskPerson: capabilities.includes("ask"),
    ...(parts.delegation === null ? {} : { delegate: parts.delegation.ask }),
    redact: ports.redact,
    progress: ports.progress,
    signal: ports.signal,
  });
}

/** A role file narrows what its role may ask for; the gate judges what is left. */
function isGranted(capabilities: readonly Capability[], action: Action, tier: Decision["tier"]): boolean {
  switch (action.kind) {
    case "read":
    case "list":
    case "search":
      return capabilities.includes("read");
    case "fetch":
      return capabilities.includes("run-none") || capabilities.includes("run");
    case "write":
    case "edit":
      return capabilities.includes("write");
    case "run":
      if (capabilities.includes("run")) return true;
      return tier === "none" ? capabilities.includes("run-none") : capabilities.includes("run-in-copy");
    case "start-agent":
      return false;
  }
}

function bindFacts({ ports, root, facts, now }: PassSettings) {
  return {
    worktree: root,
    env: ports.env,
    plan: facts.planDigest,
    policy: ports.policyDigest,
    ticketText: now.ticketText,
  };
}
