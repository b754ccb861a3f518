import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { watchForCircles } from "../../src/agents/adapters/stuck.ts";
import { openApprovals } from "../../src/authorization/approvals.ts";
import type { ClassifyContext } from "../../src/authorization/context.ts";
import { decide, openGate } from "../../src/authorization/gate.ts";
import { defaultPolicy, type Policy } from "../../src/authorization/policy.ts";
import { loadMachineKey } from "../../src/evidence/keys.ts";
import { openSegment, readSegments } from "../../src/evidence/ledger.ts";
import { makeRedactor } from "../../src/evidence/redact.ts";
import { foldJournal } from "../../src/pipeline/facts.ts";
import { openJournal } from "../../src/pipeline/journal.ts";
import { createPassToolbox, type PassToolboxOptions } from "../../src/pipeline/pass-toolbox.ts";
import { ulid } from "../../src/platform/clock.ts";
import { realPathSoFar } from "../../src/platform/real-path.ts";
import type { SessionOptions } from "../../src/toolbox/session.ts";
import { probeSandbox, type Sandbox } from "../../src/workspace/sandbox.ts";
import { approvalWorld } from "../unit/authorization/approval-world.ts";

/** The sandbox of this machine, found once a file of tests. */
export const machineSandbox = await probeSandbox({});
export const knownSecret = "hunter2-hunter2";

/** One pass with everything real but the agent: gate, approvals, journal, evidence, sandbox, files. */
export async function passToolboxWorld(
  given: {
    policy?: Partial<Policy>;
    sandbox?: Sandbox;
    mayWrite?: boolean;
    attended?: boolean;
    waitMs?: number;
    files?: Record<string, string>;
    options?: Partial<PassToolboxOptions>;
  } = {},
) {
  const people = await approvalWorld();
  const { top, stateHome } = people;
  // Real time: an approval that is waited for has to be found when it is made.
  const clock = { now: () => new Date() };
  const approvals = openApprovals({ folder: people.folder, stateHome, clock });
  const at = (path: string) => join(top, path);
  const files = { "worktree/app.conf": "listen 80\nroot /srv\n", ...given.files };
  for (const folder of ["worktree/sub", "project", "home", "pass-home", "pass-tmp"])
    mkdirSync(at(folder), { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content);
  }
  const sandbox = given.sandbox ?? machineSandbox;
  const mayWrite = given.mayWrite ?? true;
  const policy: Policy = { ...defaultPolicy, ...given.policy };
  const context: ClassifyContext = {
    worktree: at("worktree"),
    project: at("project"),
    role: mayWrite ? "implementer" : "reviewer",
    mayWrite,
    sandbox: sandbox.kind,
    realPath: realPathSoFar,
    frozen: () => false,
    home: at("home"),
    state: stateHome,
    host: "localhost",
  };
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LANG: "C.UTF-8" };
  const redact = makeRedactor([knownSecret]);
  const key = await loadMachineKey({ stateFolder: stateHome, projectRoot: at("project") });
  const journal = await openJournal(at("journal"), "nim-1", "R1", clock);
  await journal.append({ type: "run", run: "R1", ticket: "nim-1", branch: "b", base: "c", onto: "main" });
  const segment = await openSegment({
    root: at("project"),
    ticket: "nim-1",
    run: "R1",
    pass: "implement",
    ulid: ulid(clock),
    key,
    clock,
    redact,
    header: {},
  });
  const gate = openGate({
    context,
    policy,
    approvals,
    bind: { worktree: at("worktree"), env, plan: null, policy: "p", ticketText: "t" },
    ticket: "nim-1",
    run: "R1",
    requester: "implementer/P1",
    inPlan: null,
    plannedHosts: [],
    record: (data) => segment.append({ type: "action", actor: "agent:test", data }),
  });
  onTestFinished(async () => {
    await journal.close();
    await segment.seal({ verdict: "finished", tree: null });
  });
  const said: string[] = [];
  const aborted = new AbortController();
  const toolbox = createPassToolbox({
    personMs: () => 0,
    facts: foldJournal(journal.records, { ticketText: "t", policy: "p" }),
    step: "implement",
    journal,
    segment,
    gate,
    attendance: given.attended
      ? { waitMs: given.waitMs ?? 20_000, stateOf: async (id) => (await approvals.get(id)).state }
      : null,
    judgePath: (path) =>
      decide({ kind: "write", path, content: "" }, { context, policy, inPlan: null, plannedHosts: [] }),
    place: {
      root: at("worktree"),
      sandbox,
      writable: mayWrite,
      home: at("pass-home"),
      tmp: at("pass-tmp"),
      readable: [],
      mounts: [],
      env: { ...env, HOME: at("pass-home"), TMPDIR: at("pass-tmp") },
      commandTimeoutMs: 20_000,
    },
    workspace: null,
    makeCopy: null,
    plan: null,
    mayAskPerson: true,
    redact,
    progress: (event) => {
      if (event.kind === "note") said.push(event.text);
    },
    signal: aborted.signal,
    ...given.options,
  });
  const session: SessionOptions = {
    toolbox: toolbox.attended,
    role: "closer",
    nonce: "n0nce",
    submit: true,
    capabilities: mayWrite
      ? ["read", "run", "write", "ask", "delegate"]
      : ["read", "run-none", "run-in-copy", "ask"],
    maxCalls: 1000,
    watch: watchForCircles(),
  };
  return {
    at,
    toolbox,
    gate,
    session,
    approvals,
    signer: people.signer,
    journal,
    /** What a person at the terminal was told. */
    said,
    abort: () => aborted.abort(),
    /** The evidence of this pass so far, one record each. */
    async evidence() {
      const { segments } = await readSegments(at("project"), "nim-1");
      return segments.flatMap((each) => each.records.map(({ type, data }) => ({ type, data })));
    },
  };
}
