import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, onTestFinished, test } from "vitest";
import { type Role, roles } from "../../src/agents/role-names.ts";
import type { AdapterName } from "../../src/config/schema.ts";
import { type Conversation, type ModelServer, startModelServer, type Turn } from "../support/model-server.ts";
import { type Finished, nimrod } from "../support/run-nimrod.ts";
import { check, type EvidenceLine, honest, id, readEvidence, readTicket } from "../support/scripted-roles.ts";
import { type TempProject, tempProject, ticketFile } from "../support/temp-project.ts";

/** A real agent CLI, installed by scripts/test-agents.mjs, before a scripted model, in a real project. */

export type Cli = {
  name: "claude" | "codex" | "gemini" | "claude-agent-acp" | "opencode";
  version: string;
  /** The program. */
  file: string;
  /** Where it expects its model, given the address of the scripted server. */
  baseUrl: (url: string) => string;
  adapter: AdapterName;
  /** After the program. */
  args: readonly string[];
  /** Name in the configuration; agents behind ACP are known by theirs. */
  agent: string;
  /** Null for the CLI's own default. */
  model: string | null;
};

const installed = (name: string): { file: string; version: string } | null => {
  const [version = "", file = ""] = (
    process.env[`NIMROD_TEST_${name.toUpperCase().replaceAll("-", "_")}`] ?? ""
  ).split(" ");
  return file === "" ? null : { file, version };
};

const usual = { args: [], agent: "lab", model: null };
const plainUrl = (url: string): string => url;
const versionedUrl = (url: string): string => `${url}/v1`;

const rows: readonly Omit<Cli, "file" | "version">[] = [
  { name: "claude", adapter: "claude", baseUrl: plainUrl, ...usual },
  { name: "codex", adapter: "codex", baseUrl: versionedUrl, ...usual },
  // Without a model it asks another one first which to take.
  { name: "gemini", adapter: "gemini", baseUrl: plainUrl, ...usual, model: "gemini-2.5-pro" },
  { name: "claude-agent-acp", adapter: "acp", baseUrl: plainUrl, ...usual, agent: "claude-agent-acp" },
  {
    name: "opencode",
    adapter: "acp",
    baseUrl: versionedUrl,
    args: ["acp"],
    agent: "opencode",
    model: "scripted",
  },
];

export const clis: readonly { name: Cli["name"]; cli: Cli | null }[] = rows.map((row) => {
  const found = installed(row.name);
  return { name: row.name, cli: found === null ? null : { ...row, ...found } };
});

/** Those that this run is about; the others are nobody's skip. */
const asked = (process.env["NIMROD_TEST_ASKED"] ?? "claude codex").split(" ");

/** The same stories for each CLI that was asked for; one that could not be installed is counted as skipped. */
export function describeCli(what: string, tests: (cli: Cli) => void, names: readonly string[] = asked): void {
  const wanted = names.filter((name) => asked.includes(name));
  if (wanted.length === 0) test.skip(`${names.join(", ")} ${what} (SKIPPED: not asked for)`, () => undefined);
  for (const { name, cli } of clis) {
    if (!wanted.includes(name)) continue;
    if (cli === null) describe.skip(`${name} ${what} (SKIPPED: not installed)`, () => tests({ name } as Cli));
    else describe(`${name} ${what}`, () => tests(cli));
  }
}

/** How a person would start it in a script. */
export const bareArgs = {
  claude: ["-p", "--output-format", "stream-json", "--verbose"],
  codex: ["exec", "--json", "--skip-git-repo-check", "-s", "read-only", "-"],
};

/** Milliseconds that are plenty for claude and codex, for a CLI that takes several times as long to start. */
export function allowing(cli: Cli, ms: number): number {
  return cli.name === "claude" || cli.name === "codex" ? ms : ms * 5;
}

/** What the scripted model knows of the pass it is asked in. */
export type Pass = Conversation & { role: Role; nonce: string };
export type PassScript = (pass: Pass) => Turn | Promise<Turn>;

export type CliScene = {
  project: TempProject;
  model: ModelServer;
  run: (...args: string[]) => Promise<Finished>;
  evidence: () => EvidenceLine[];
  status: () => string;
};

export type CliSceneOptions = {
  /** Which roles are the CLI's; the others are built in. Default: all six. */
  only?: readonly Role[];
  files?: Record<string, string>;
  limits?: Record<string, number>;
  /** Without it, a made-up key. */
  env?: Record<string, string>;
  runbook?: string;
  description?: string;
  /** Writes another program into a folder, to be started in the CLI's place. */
  program?: (folder: string) => string;
};

export async function cliScene(
  cli: Cli,
  script: PassScript,
  options: CliSceneOptions = {},
): Promise<CliScene> {
  const model = await startModelServer((seen) => script(passOf(seen)));
  onTestFinished(() => model.close());
  const steps =
    options.runbook === undefined ? "" : `\n## Runbook\n\n\`\`\`yaml\nsteps:\n${options.runbook}\`\`\`\n`;
  const body = `## Description\n\n${options.description ?? "Say hello."}\n\n## Acceptance Criteria\n\n- [ ] the greeting says hello\n  - verify: \`${check}\`\n${steps}`;
  const project = tempProject({
    files: { "README.md": "# Lab\n", ...options.files, ...ticketFile({ id, title: "Say hello", body }) },
  });
  const config = {
    agent: "builtin",
    agents: {
      [cli.agent]: {
        adapter: cli.adapter,
        command: [options.program?.(project.home) ?? cli.file, ...cli.args],
        baseUrl: cli.baseUrl(model.url),
      },
    },
    roles: Object.fromEntries(
      (options.only ?? roles).map((role) => [
        role,
        { agent: cli.agent, ...(cli.model === null ? {} : { model: cli.model }) },
      ]),
    ),
    consent: [cli.agent],
    limits: { tries: 1, retrySeconds: 0, ticketUsd: 10_000, ...options.limits },
  };
  mkdirSync(join(project.configHome, "nimrod"), { recursive: true });
  writeFileSync(join(project.configHome, "nimrod", "config.json"), JSON.stringify(config));
  Object.assign(project.env, {
    ANTHROPIC_API_KEY: "sk-made-up",
    OPENAI_API_KEY: "sk-made-up",
    GEMINI_API_KEY: "made-up",
    ...options.env,
  });
  return {
    project,
    model,
    run: (...args) =>
      nimrod(args, { cwd: project.root, env: project.env, timeoutMs: allowing(cli, 120_000) }),
    evidence: () => readEvidence(project),
    status: () => readTicket(project).status,
  };
}

function passOf(seen: Conversation): Pass {
  const role = /You are the (\w+) of Nimrod/.exec(seen.text)?.[1] as Role;
  return { ...seen, role, nonce: /"nonce":"([0-9a-f]{32})"/.exec(seen.text)?.[1] ?? "" };
}

/** Acts once, hands in what an honest role answers, says goodbye. */
export function honestly(
  actions: Partial<Record<Role, { name: string; args: Record<string, unknown> }[]>> = {},
): (pass: Pass) => Turn {
  return ({ role, nonce, results }) => {
    const calls = actions[role] ?? [];
    const call = calls[results.length];
    if (call !== undefined) return { calls: [call] };
    if (results.length > calls.length) return { say: "done" };
    return { calls: [{ name: "submit", args: { nonce, result: honest[role] } }] };
  };
}

export const writeGreeting = { name: "write_file", args: { path: "greeting.txt", content: "hello\n" } };
