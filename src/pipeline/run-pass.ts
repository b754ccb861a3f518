import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { AgentAdapter, PassLimits, PassOutcome } from "../agents/adapter.ts";
import type { PassInput } from "../agents/pass-input.ts";
import { renderPrompt } from "../agents/prompt.ts";
import { narrowLimits } from "../agents/role-file.ts";
import { roleSchemas } from "../agents/roles.ts";
import { roleJsonSchema } from "../agents/schema.ts";
import type { Action } from "../authorization/action.ts";
import type { OpenSegment } from "../evidence/ledger.ts";
import { ulid } from "../platform/clock.ts";
import { digestOf } from "../platform/digest.ts";
import { writeAtomic } from "../platform/files.ts";
import type { Place } from "../toolbox/perform.ts";
import type { Workspace } from "../workspace/worktree.ts";
import { contradictionIn } from "./contradictions.ts";
import { equipPass } from "./equip-pass.ts";
import type { Bindings, RunFacts, StepName } from "./facts.ts";
import { clearPass } from "./held-passes.ts";
import type { Journal, Wait } from "./journal.ts";
import { asksToLogIn } from "./login-wait.ts";
import { mayStart } from "./may-start.ts";
import { mcpSessions } from "./mcp-session.ts";
import type { Meter } from "./meter.ts";
import { reserveFor } from "./pass-money.ts";
import { type WriteTranscript, withTranscript } from "./pass-transcript.ts";
import type { PassRow } from "./passes.ts";
import { makePassFolders, type PassFolders } from "./places.ts";
import type { Ports } from "./ports.ts";
import { type Delegation, openDelegation } from "./sub-pass.ts";

/** One pass: its own folders, nonce, gate, toolbox and evidence segment around one subprocess. */

export type PassEnd =
  | { kind: "finished"; result: unknown; pass: string; agent: string; ms: number }
  | { kind: "parked"; waits: Wait[] }
  | { kind: "failed"; reason: string; message: string }
  | { kind: "cancelled" };

export type PassSettings = {
  ports: Ports;
  row: PassRow;
  step: StepName;
  facts: RunFacts;
  now: Bindings;
  journal: Journal;
  input: PassInput;
  /** Where the agent looks: the ticket's worktree, a clean checkout, or an empty folder for triage. */
  root: string;
  workspace: Workspace | null;
  mounts: Place["mounts"];
  frozen: (path: string) => boolean;
  makeCopy: (() => Promise<{ path: string; remove: () => Promise<void> }>) | null;
  openSegment: (pass: string, agent: AgentAdapter) => Promise<OpenSegment>;
  /** Actions that were approved while the run was parked, to be performed first. */
  approved: Action[];
};

export async function runPass(settings: PassSettings): Promise<PassEnd> {
  const { ports, row, facts } = settings;
  const chosen = await ports.agentFor(row.role);
  const start = await mayStart(settings, chosen);
  if (start.kind !== "go") return asksToLogIn(start, chosen);
  const agent = { ...chosen, gate: start.gate };

  const role = await ports.promptOf(row.role);
  const limits = narrowLimits(ports.limits, role.limits);
  const pass = ulid(ports.clock);
  const money = await reserveFor(settings, { agent, pass, limits });
  if (money.kind === "refused") return { kind: "failed", reason: "budget", message: money.message };
  const { meter } = money;
  const folders = await makePassFolders(ports, facts.ticket, facts.run, pass);
  const segment = await settings.openSegment(pass, agent);
  ports.progress({
    kind: "pass",
    pass: settings.step,
    agent: agent.name,
    model: agent.model ?? null,
    sandbox: ports.sandbox.kind,
    round: facts.round,
    limits,
  });
  let end: PassEnd;
  try {
    end = await withTranscript(folders.transcript, ports, (write) =>
      exchange({ settings, agent, role, limits, pass, folders, segment, meter, write }),
    );
    await money.settle(segment, end.kind === "failed" ? end.reason : null);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await segment.append({ type: "note", actor: "nimrod", data: { what: "stopped", message } });
    await segment.seal({ verdict: "stopped", tree: null });
    throw error;
  } finally {
    ports.progress({ kind: "pass-over" });
    // However it ended: what the agent logged in with is not left lying about.
    await clearPass(ports, { ticket: facts.ticket, run: facts.run, pass });
  }
  if (end.kind === "finished") {
    // The journal believes a result only after evidence holds it: see run-ticket.ts, which journals the outcome.
    await segment.append({
      type: "result",
      actor: `agent:${agent.name}`,
      data: {
        pass,
        role: row.role,
        step: settings.step,
        round: facts.round,
        digest: digestOf("nimrod/result/v1", end.result),
        result: end.result,
      },
    });
  } else {
    await segment.append({
      type: "note",
      actor: "nimrod",
      data: {
        what: end.kind,
        ...("reason" in end ? { reason: end.reason, message: end.message } : {}),
        ...("waits" in end ? { waits: end.waits } : {}),
      },
    });
  }
  await segment.seal({
    verdict: end.kind === "failed" ? `failed: ${end.reason}` : end.kind,
    tree: facts.candidate?.tree ?? null,
  });
  return asksToLogIn(end, agent);
}

type ExchangeParts = {
  settings: PassSettings;
  agent: AgentAdapter;
  role: Awaited<ReturnType<Ports["promptOf"]>>;
  limits: PassLimits;
  pass: string;
  folders: PassFolders;
  segment: OpenSegment;
  meter: Meter;
  write: WriteTranscript;
};

async function exchange(parts: ExchangeParts): Promise<PassEnd> {
  const { settings, agent, role, limits, pass, folders, segment, meter } = parts;
  const { ports, row, facts, input } = settings;
  const nonce = randomBytes(16).toString("hex");
  const { prompt, manifest } = renderPrompt({
    role,
    input,
    nonce,
    protocol: agent.promptProtocol ?? "once",
    model: agent.model ?? null,
  });
  await segment.append({
    type: "prompt",
    actor: "nimrod",
    data: {
      role: row.role,
      prompt: role.name,
      template: role.sha256,
      input: digestOf("nimrod/input/v1", input),
      manifest,
    },
  });
  const schemaPath = join(folders.agentTmp, "schema.json");
  await writeAtomic(schemaPath, roleJsonSchema(row.role));

  // An agent with hands of its own may use them in the sandboxed worktree; what it did there is judged afterwards.
  const worktreeWritable = row.mayWrite && agent.gate === "sandbox" && ports.sandbox.kind === "bwrap";
  const delegation = role.capabilities.includes("delegate") ? await openSubPasses(parts) : null;
  const toolbox = equipPass({
    settings,
    pass,
    folders,
    segment,
    capabilities: role.capabilities,
    contested: worktreeWritable,
    delegation,
  });
  for (const action of settings.approved) await toolbox.performApproved(action);
  if (toolbox.waits.length > 0) {
    await toolbox.finish();
    return { kind: "parked", waits: toolbox.waits };
  }

  const notes: Record<string, unknown>[] = [];
  const running = agent.run(
    {
      role: row.role,
      ticket: facts.ticket,
      pass,
      nonce,
      reviewRound: facts.round,
      input,
      prompt,
      worktree: settings.root,
      worktreeWritable,
      home: folders.agentHome,
      tmp: folders.agentTmp,
      schemaPath,
      sandbox: ports.sandbox,
      readable: settings.workspace?.objectFolders ?? [],
      openSession: mcpSessions({
        toolbox: toolbox.attended,
        input,
        nonce,
        capabilities: role.capabilities,
        turns: limits.turns,
        signal: ports.signal,
      }),
      check: (result) => contradictionIn(input, result),
      ...(ports.hide && { hide: ports.hide }),
      note: (data) => notes.push(data),
      usage: meter.report,
      limits,
      transcript: parts.write,
      signal: ports.signal,
    },
    toolbox,
  );
  const outcome = await running.finally(() => delegation?.stop()).finally(() => toolbox.finish());
  for (const data of notes)
    await segment.append({ type: "note", actor: `agent:${agent.name}`, data: { what: "adapter", ...data } });
  const problem = row.mayWrite ? await toolbox.judgeDirectChanges() : null;
  if (problem !== null) return { kind: "failed", reason: "policy", message: problem };
  const end = endOf(outcome, settings, toolbox.waits, pass, agent.name);
  if (end.kind !== "failed") return end;
  // What breaks while everything is being stopped was stopped.
  if (ports.signal.aborted) return { kind: "cancelled" };
  const overspent = end.reason === "budget" ? meter.stopped() : null;
  // The last words of a CLI that could not log in may well be the key that it tried.
  return { ...end, message: overspent ?? ports.redact(end.message) };
}

/** Questions of this pass to fresh agents: the same exchange once more, with less of everything. */
async function openSubPasses(parts: ExchangeParts): Promise<Delegation> {
  const { settings, segment, meter } = parts;
  const { ports, row, facts, input } = settings;
  const role = await ports.promptOf("delegate");
  return openDelegation({
    ports,
    ticket: { id: facts.ticket, title: "ticket" in input ? input.ticket.title : "" },
    run: facts.run,
    actor: `agent:${row.role}`,
    segment,
    meter,
    limits: parts.limits,
    roleLimits: role.limits,
    runSubPass({ signal, ...sub }) {
      const own = {
        ...settings,
        ports: { ...ports, signal, confirm: undefined },
        row: { ...row, role: "delegate" as const, mayWrite: false },
        input: sub.input,
        makeCopy: null,
        approved: [],
      };
      return exchange({ ...parts, ...sub, settings: own, role });
    },
  });
}

function endOf(
  outcome: PassOutcome,
  { row, input }: PassSettings,
  waits: Wait[],
  pass: string,
  agent: string,
): PassEnd {
  switch (outcome.kind) {
    case "parked":
      return { kind: "parked", waits };
    case "cancelled":
      return { kind: "cancelled" };
    case "failed":
      return { kind: "failed", reason: outcome.reason, message: outcome.message };
    case "finished": {
      // The adapter checks this too; a result that Nimrod stores is read once more at the edge it enters by.
      const read = roleSchemas[row.role].safeParse(outcome.result);
      if (!read.success)
        return { kind: "failed", reason: "schema", message: read.error.issues[0]?.message ?? "wrong shape" };
      const contradiction = contradictionIn(input, read.data);
      if (contradiction !== null) return { kind: "failed", reason: "schema", message: contradiction };
      return { kind: "finished", result: read.data, pass, agent, ms: outcome.ms };
    }
  }
}
