import { join } from "node:path";
import type { AgentProbe, ProbePlace } from "../../agents/adapter.ts";
import type { Login } from "../../agents/catalog.ts";
import { exec } from "../../platform/exec.ts";
import { canonicalHost, isLoopback } from "../../workspace/destinations.ts";
import { agentLines, explainAgents } from "../choice-facts.ts";
import { type AgentDefinition, type ChoiceFacts, knownAgents, vendorOf } from "../choose-agent.ts";
import { createAdapter, type Operator } from "../create-adapter.ts";
import { loginsPresent } from "../find-agents.ts";
import type { Check } from "./check.ts";

/** What `doctor` knows about one agent. Names of variables and files, never what is in them. */
export type AgentReport = {
  name: string;
  vendor: string | null;
  /** Absolute; null for the embedded agent and for what is not there. */
  program: string | null;
  version: string | null;
  /** Null before its probe. */
  tested: boolean | null;
  gate: "full" | "sandbox" | null;
  /** Where the gate is known from: the adapter's declaration, or what was found on this machine. */
  probed: boolean;
  login: string[];
  check: Check;
};

export type InspectOptions = {
  facts: ChoiceFacts;
  operator: Operator;
  place: Pick<ProbePlace, "sandbox" | "cache">;
  /** Start what was never probed, once, in the sandbox. */
  probe: boolean;
};

/** Started are `--version` of the operator's own CLIs, and with `probe` their probes; nothing of the project's. */
export async function inspectAgents(
  options: InspectOptions,
): Promise<{ reports: AgentReport[]; checks: Check[] }> {
  const { found, problems, missing } = knownAgents(options.facts);
  const reports: AgentReport[] = [];
  if (options.probe)
    for (const agent of found) reports.push(await inspect(agent, options)); // each a whole pass
  else reports.push(...(await Promise.all(found.map((agent) => inspect(agent, options)))));
  const checks = reports.map(({ check }) => check);
  for (const { name, problem } of problems) checks.push(note(`${name}: ${problem.message}`, problem.hint));
  if (missing.length > 0) checks.push(note(`not on PATH: ${missing.join(", ")}`, "docs/agents.md"));
  const explained = explainAgents(options.facts);
  for (const line of agentLines(explained.filter(({ agent }) => agent !== null)))
    checks.push({ ...ok, text: `chosen: ${line}` });
  for (const line of agentLines(explained.filter(({ agent }) => agent === null)))
    checks.push(note(`chosen: ${line}`, "docs/agents.md"));
  return { reports, checks };
}

const ok = { area: "agents", level: "ok" } as const;

function note(text: string, hint: string | undefined): Check {
  return { area: "agents", level: "note", text, ...(hint === undefined ? {} : { hint }) };
}

async function inspect(
  agent: AgentDefinition,
  { facts, operator, place, probe }: InspectOptions,
): Promise<AgentReport> {
  const { name } = agent;
  const vendor = vendorOf(agent);
  const report = { name, vendor, version: null, tested: null, probed: false, login: [] };
  switch (agent.kind) {
    case "builtin":
      return {
        ...report,
        program: null,
        gate: "full",
        check: { ...ok, text: `${name}: always there, no model` },
      };
    case "plain": {
      const [word = ""] = agent.entry.command;
      const program = facts.found.programs.get(word) ?? null;
      const text = `${name}: plain ${agent.entry.command.join(" ")}${agent.bent ? inert : ""}`;
      const missing = note(`${name}: ${word} is not found`, `install ${word}`);
      return { ...report, program, gate: "sandbox", check: program === null ? missing : { ...ok, text } };
    }
    case "cli": {
      const adapter = await createAdapter(agent, operator);
      const seen = await adapter.probe?.({ ...place, onlyRemembered: !probe || agent.bent });
      const given = { env: [...agent.row.login.env, ...agent.settings.env], files: agent.row.login.files };
      const login = loginsPresent(given, operator);
      const looked = seen?.kind === "ready" || seen?.kind === "refused";
      const version = (looked ? seen.version : null) ?? (await versionOf(agent, operator));
      return {
        ...report,
        program: agent.command[0] ?? null,
        version,
        tested: seen?.kind === "ready" ? seen.tested : null,
        gate: seen?.kind === "ready" ? seen.gate : seen === undefined ? adapter.gate : null,
        probed: looked,
        login,
        check: judge(agent, { version, login, probe: seen ?? null, gate: adapter.gate }),
      };
    }
  }
}

const inert = "; from the repository, inert until nimrod trust";

type Seen = { version: string | null; login: string[]; probe: AgentProbe | null; gate: "full" | "sandbox" };

/** Pure: one line, with the first thing that a person has to do about it. */
export function judge(agent: Extract<AgentDefinition, { kind: "cli" }>, seen: Seen): Check {
  const { row, name, vendor, bent } = agent;
  const { version, login, probe, gate } = seen;
  const needsLogin =
    row.login.env.length + row.login.files.length > 0 && !isServedHere(agent.settings.baseUrl);
  const parts = [
    `${name}${version === null ? "" : ` ${version}`}, ${agent.command.join(" ")}: ${vendor}`,
    login.length > 0 ? `login ${login.join(", ")}` : needsLogin ? noLogin(row.login) : "no login",
    describeGate(probe, gate),
  ];
  const untested = version !== null && row.tested.length > 0 && !row.tested.includes(version);
  if (untested) parts.push(`not a tested version (${row.tested.join(", ")})`);
  const text = `${parts.join("; ")}${bent ? inert : ""}`;
  if (probe?.kind === "refused") return note(text, probe.hint);
  if (login.length === 0 && needsLogin) return note(text, row.signIn);
  if (untested) return note(text, row.install);
  return { ...ok, text };
}

/** A model's server on this machine seldom asks who comes. */
function isServedHere(baseUrl: string | null): boolean {
  return baseUrl !== null && isLoopback(canonicalHost(new URL(baseUrl).hostname));
}

function noLogin({ env, files }: Login): string {
  return `no login found in ${[...env.map((name) => `$${name}`), ...files.map((path) => `~/${path}`)].join(", ")}`;
}

function describeGate(probe: AgentProbe | null, declared: "full" | "sandbox"): string {
  if (probe === null) return declared === "full" ? "gate full" : "gate: the sandbox alone";
  switch (probe.kind) {
    case "unknown":
      return "not probed yet, done before its first pass";
    case "refused":
      return `refused by its probe: ${probe.why}`;
    case "ready": {
      if (probe.gate === "sandbox") return "gate: the sandbox alone";
      const own = probe.ownTools.length === 0 ? "" : ` (and ${probe.ownTools.join(", ")}, without effect)`;
      return `gate full: its model is offered Nimrod's tools${own}`;
    }
  }
}

const versionMs = 8_000;

/** What the program says, in a home that does not exist; null where the project chose it, or where it says nothing. */
async function versionOf(agent: AgentDefinition, { env, root }: Operator): Promise<string | null> {
  if (agent.kind !== "cli" || agent.bent) return null;
  const [file = "", ...words] = agent.command;
  // `node agent.mjs` would tell the version of Node.
  if (words.join(" ") !== agent.row.command.slice(1).join(" ") || file.startsWith(`${root}/`)) return null;
  const done = await exec({
    file,
    args: ["--version"],
    cwd: "/",
    env: { PATH: env["PATH"] ?? "/usr/bin:/bin", HOME: join("/nonexistent", "nimrod"), LANG: "C.UTF-8" },
    timeoutMs: versionMs,
    maxOutputBytes: 4_096,
  });
  if (done.kind !== "exited" || done.code !== 0) return null;
  return /\d+\.\d+\.\d+[\w.-]*/.exec(done.stdout.text)?.[0] ?? null;
}
