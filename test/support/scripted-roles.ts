import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe } from "vitest";
import type { AgentAction } from "../../src/agents/adapter.ts";
import type { Role } from "../../src/agents/role-names.ts";
import type {
  Closing,
  Delegated,
  Implementation,
  Plan,
  Research,
  Review,
  Triage,
} from "../../src/agents/roles.ts";
import { probeSandbox } from "../../src/workspace/sandbox.ts";
import { type Finished, nimrod } from "./run-nimrod.ts";
import { writeAgent } from "./scripted-agents.ts";
import { type TempProject, tempProject, ticketFile } from "./temp-project.ts";

/**
 * One ticket in a real repository, and programs in place of the roles: configured as the user's own `plain` agents,
 * so that neither trust nor consent is asked for. Roles without a script stay `builtin`.
 */

export type Mode = "once" | "stream";
export type Script = { mode: Mode; body: string };
export type Scripts = Partial<Record<Role, Script>>;

const sandbox = await probeSandbox();

/** What follows is about what the sandbox lets an agent do: without one, the reason is in the report. */
export const describeSandboxed: (name: string, tests: () => void) => void =
  sandbox.kind === "bwrap"
    ? (name, tests) => void describe(name, tests)
    : (name, tests) => void describe.skip(`${name} (SKIPPED: ${sandbox.why})`, tests);

export const id = "nim-aaaaaa";
/** Red before the work, green after it. */
export const check = "grep -q hello greeting.txt";

export type SceneOptions = {
  /** Instead of "the greeting says hello", checked by `check`. */
  criteria?: string;
  /** YAML items; `null` for a ticket without a Runbook. */
  runbook?: string | null;
  files?: Record<string, string>;
};

const writeGreeting = `  - title: write the greeting
    write: greeting.txt
    content: |
      hello
`;

export type Scene = {
  project: TempProject;
  run: (...args: string[]) => Promise<Finished>;
  /** Replaces a role's program between two runs: its name and command stay, as with any agent that changes its mind. */
  rewrite: (role: Role, body: string) => Promise<void>;
  /** The user's limits from the next run on. */
  limit: (limits: Record<string, number>) => void;
  ticket: () => { status: string; text: string };
  evidence: () => EvidenceLine[];
  /** Folder of the ticket's only run below the state folder: `git` and `worktree`. */
  workspace: () => string;
  /** Head of the operator's branch at the start. */
  start: string;
};

export async function scene(scripts: Scripts, options: SceneOptions = {}): Promise<Scene> {
  const criteria = options.criteria ?? `- [ ] the greeting says hello\n  - verify: \`${check}\``;
  const runbook = options.runbook === undefined ? writeGreeting : options.runbook;
  const steps = runbook === null ? "" : `\n## Runbook\n\n\`\`\`yaml\nsteps:\n${runbook}\`\`\`\n`;
  const body = `## Description\n\nSay hello.\n\n## Acceptance Criteria\n\n${criteria}\n${steps}`;
  const project = tempProject({
    files: { "README.md": "# Lab\n", ...options.files, ...ticketFile({ id, title: "Say hello", body }) },
  });
  const folder = join(dirname(project.home), "agents");
  mkdirSync(folder);
  const roles = Object.entries(scripts) as [Role, Script][];
  const agents: Record<string, object> = {};
  for (const [role, { mode, body: code }] of roles) {
    const { command } = await writeAgent(mode, code, { folder, name: role });
    // A vendor is one who is paid.
    agents[`scripted-${role}`] = { adapter: "plain", command, mode, vendor: `scripted-${role}` };
  }
  const configure = (limits: Record<string, number>) => {
    const config = {
      agents,
      roles: Object.fromEntries(roles.map(([role]) => [role, { agent: `scripted-${role}` }])),
      consent: Object.keys(agents),
      // One attempt a run, so that a test sees each failure; tests about further attempts say so.
      limits: { tries: 1, retrySeconds: 0, ticketUsd: 10_000, ...limits },
    };
    mkdirSync(join(project.configHome, "nimrod"), { recursive: true });
    writeFileSync(join(project.configHome, "nimrod", "config.json"), JSON.stringify(config));
  };
  configure({});

  const at = { cwd: project.root, env: project.env };
  return {
    project,
    start: project.git("rev-parse", "main"),
    run: (...args) => nimrod(args, at),
    rewrite: async (role, code) => {
      const mode = scripts[role]?.mode;
      if (mode === undefined) throw new Error(`the ${role} has no script`);
      await writeAgent(mode, code, { folder, name: role });
    },
    limit: configure,
    ticket: () => readTicket(project),
    evidence: () => readEvidence(project),
    workspace: () => {
      const [repository] = glob(project.stateHome, "nimrod/project-*");
      const [run] = readdirSync(join(repository ?? "", "work", id));
      return join(repository ?? "", "work", id, run ?? "");
    },
  };
}

/** What a person sees after a run that must not have been believed: nothing is landed, and `close` does not land it. */
export async function aftermath(scene: Scene): Promise<{
  status: string;
  landed: boolean;
  close: number | null;
  statusAfterClose: string;
  landedAfterClose: boolean;
  verify: number | null;
}> {
  const landed = () =>
    existsSync(join(scene.project.root, "greeting.txt")) ||
    scene.project.git("rev-parse", "main") !== scene.start;
  const before = { status: scene.ticket().status, landed: landed() };
  const close = await scene.run("close", id);
  const verify = await scene.run("verify", id);
  return {
    ...before,
    close: close.exitCode,
    statusAfterClose: scene.ticket().status,
    landedAfterClose: landed(),
    verify: verify.exitCode,
  };
}

/** `aftermath` of a run that failed or was parked before a review approved anything. */
export const notDone = (status = "in_progress") => ({
  status,
  landed: false,
  close: 6,
  statusAfterClose: status,
  landedAfterClose: false,
  verify: 0,
});

export function readTicket(project: TempProject): { status: string; text: string } {
  const where = ["active", "closed"].find((folder) =>
    existsSync(join(project.root, "tickets", folder, `${id}-sample.md`)),
  );
  const text = project.read(`tickets/${where}/${id}-sample.md`);
  return { status: /^status: (.*)$/m.exec(text)?.[1] ?? "", text };
}

export type EvidenceLine = {
  type: string;
  ts: string;
  actor: string;
  pass: string;
  data: Record<string, unknown>;
};

/** In the order in which it was written. */
export function readEvidence(project: TempProject): EvidenceLine[] {
  const folder = join(project.root, ".nimrod", "evidence", id);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .flatMap((name) => {
      const pass = /-([a-z-]+)\.jsonl$/.exec(name)?.[1];
      const lines = readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
      return lines.map((line) => ({ ...JSON.parse(line), pass }));
    });
}

function glob(folder: string, pattern: string): string[] {
  return globSync(pattern, { cwd: folder }).map((path) => join(folder, path));
}

// --- what honest roles answer to the scene's ticket ------------------------------------------------

export const honest = {
  triager: {
    pick: id,
    order: [{ id, reason: "the only one" }],
    summary: "one ticket",
    conflicts: [],
  } satisfies Triage,
  researcher: {
    findings: [{ id: "F1", claim: "there is no greeting yet", sources: [{ path: "README.md" }] }],
    constraints: [],
    links: [],
    questions: [],
  } satisfies Research,
  planner: {
    slice: "one file",
    outOfScope: [],
    steps: [
      {
        id: "S1",
        title: "write the greeting",
        intent: "so that it says hello",
        do: { agent: { paths: ["greeting.txt"], commands: [] } },
        target: "worktree",
        undo: "git revert",
      },
    ],
    criteria: [{ ac: "AC1", verify: check, target: "worktree" }],
    covers: [
      { ref: "AC1", by: "S1" },
      { ref: "F1", by: "S1" },
    ],
    docs: [{ none: true, reason: "nothing describes the greeting" }],
    risks: [],
    questions: [],
  } satisfies Plan,
  implementer: { steps: [{ id: "S1", status: "done" }], deviations: [] } satisfies Implementation,
  reviewer: {
    verdict: "approve",
    criteria: [{ ac: "AC1", met: true, evidence: "its check is green" }],
    findings: [],
  } satisfies Review,
  closer: {
    summary: "The greeting says hello.",
    notDone: [],
    followUps: [],
    changeLog: [],
    links: [],
    risks: [],
  } satisfies Closing,
  delegate: {
    answer: "No file holds a greeting.",
    findings: [{ id: "F1", claim: "README.md holds a heading only", sources: [{ path: "README.md" }] }],
    unknowns: [],
  } satisfies Delegated,
};

export const greeting: AgentAction = { kind: "write", path: "greeting.txt", content: "hello\n" };

/** A program that acts once, then answers; without actions it answers at once. */
export function acts(mode: Mode, actions: readonly AgentAction[], result: unknown): Script {
  const end = `await finish(${JSON.stringify(result)});`;
  if (actions.length === 0) return { mode, body: end };
  const act = `await act(${JSON.stringify(actions)});`;
  return { mode, body: mode === "once" ? `if (round === 1) ${act} else ${end}` : `${act}\n${end}` };
}

export function answers(role: Role, mode: Mode = "once"): Script {
  return acts(mode, [], honest[role]);
}

export const obedient = (mode: Mode = "once"): Script => acts(mode, [greeting], honest.implementer);

/** Says yes to whatever it is shown: the reviewer that no guard may depend on. */
export const yesMan = answers("reviewer");

/** Nobody's words but the implementer's; put together at run time, so that no program's own text holds it. */
export const canary = "blue-heron-7731";
export const sayCanary = `["blue", "heron", "7731"].join("-")`;
