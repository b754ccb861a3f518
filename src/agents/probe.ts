import { randomUUID } from "node:crypto";
import { realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { digestOf } from "../platform/digest.ts";
import { ensureFolder, readTextIfExists, removeTree, writeAtomic } from "../platform/files.ts";
import type { AgentAdapter, AgentProbe, PassRequest, ProbePlace, ToolboxSession } from "./adapter.ts";
import type { AgentOptions } from "./adapters/agent-options.ts";
import { printedBy } from "./adapters/enclosure.ts";
import { findProgram } from "./adapters/program-folders.ts";
import { type ListenerCall, startToolListener } from "./tool-listener.ts";

/**
 * Finds out what an installed CLI really offers its model, by running one pass of its adapter against a model server
 * of our own on loopback, with a made-up key. Documentation and version numbers are not believed: this very executable,
 * with these very flags, on this machine.
 */
export type ProbedAgent = {
  options: AgentOptions;
  /** Of the adapter: other flags are another thing to find out. */
  identity: string;
  isNimrods: (tool: string) => boolean;
  /** Tools of its own that may stay, because they have no effect. */
  harmless: readonly string[];
  /** Made-up values of the variables that it wants before it asks a model. */
  login: Record<string, string>;
  /** Appended to the listener's address, where the CLI expects a path in it. */
  basePath?: string;
  create: (options: AgentOptions) => AgentAdapter;
  /** A use of the tool it keeps: it has to ask before it does it, and that is tried. */
  mustAsk?: ListenerCall;
};

const factsSchema = z.strictObject({
  version: z.string(),
  tools: z.array(z.string()).nullable(),
  why: z.string(),
  /** Whether it asked before it used a tool that it keeps; null where it keeps none. */
  asked: z.boolean().nullable(),
});
type Facts = z.infer<typeof factsSchema>;

const versionMs = 20_000;
const limits = {
  startSeconds: 40,
  idleSeconds: 30,
  wallSeconds: 60,
  turns: 2,
  tokens: 1_000_000,
  usd: 1,
  answerBytes: 4 * 1024 * 1024 - 1,
};

/** Asked once for each executable and adapter; the answer is kept in `place.cache`. */
export async function probeAgent(place: ProbePlace, agent: ProbedAgent): Promise<AgentProbe> {
  const { row } = agent.options;
  const executable = executableOf(agent.options);
  if (executable === null)
    return {
      kind: "refused",
      version: null,
      why: `${agent.options.command[0]} is not there`,
      hint: row.install,
    };
  const key = digestOf("nimrod/probe/v1", {
    executable,
    identity: agent.identity,
    sandbox: place.sandbox.kind,
  });
  const file = join(place.cache, `${row.name}-${key.replace(/[^0-9a-f]/g, "").slice(0, 32)}.json`);
  const known = await remembered(file);
  if (known === null && place.onlyRemembered === true) return { kind: "unknown" };
  const facts = known ?? (await findOut(place, agent));
  const judged = judgeFacts(facts, agent);
  if (known === null && facts.tools !== null) {
    await ensureFolder(place.cache, { mode: 0o700 });
    await writeAtomic(file, `${JSON.stringify(facts)}\n`);
  }
  return judged;
}

export function judgeFacts(
  facts: Facts,
  { options, isNimrods, harmless }: Pick<ProbedAgent, "options" | "isNimrods" | "harmless">,
): AgentProbe {
  const { row } = options;
  const version = facts.version === "" ? null : facts.version;
  const refused = (why: string): AgentProbe => ({ kind: "refused", version, why, hint: row.install });
  if (version === null) return refused("it does not say which version it is");
  if (facts.tools === null) return refused(facts.why);
  const ownTools = facts.tools.filter((tool) => !isNimrods(tool));
  if (ownTools.length === facts.tools.length) return refused("it does not offer Nimrod's tools to its model");
  const hands = ownTools.filter((tool) => !harmless.includes(tool));
  if (hands.length > 0)
    return refused(`it offers its model tools of its own: ${hands.slice(0, 8).join(", ")}`);
  if (facts.asked === false) return refused(`it uses its own ${ownTools.join(", ")} without asking`);
  return { kind: "ready", version, tested: row.tested.includes(version), gate: "full", ownTools };
}

/** Path, size and time of the program that would be started; null where there is none. */
export function executableOf({ command, operator }: AgentOptions): { words: string[]; stamp: string } | null {
  const [word = "", ...words] = command;
  const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  const file = findProgram(word, operator.env["PATH"], isThere);
  if (file === null || !isThere(file)) return null;
  const { size, mtimeMs } = statSync(file);
  return { words, stamp: `${realpathSync(file)} ${size} ${mtimeMs}` };
}

async function remembered(file: string): Promise<Facts | null> {
  try {
    return factsSchema.parse(JSON.parse((await readTextIfExists(file)) ?? ""));
  } catch {
    return null; // never asked, or written by another version of Nimrod: ask again
  }
}

async function findOut(place: ProbePlace, agent: ProbedAgent): Promise<Facts> {
  const folder = join(place.cache, `probing-${randomUUID().slice(0, 8)}`);
  try {
    const version = await versionOf(await probeRequest(join(folder, "version"), place), agent.options);
    return { version, ...(await tryPass(await probeRequest(join(folder, "pass"), place), agent)) };
  } finally {
    await removeTree(folder);
  }
}

async function versionOf(request: PassRequest, { command, operator }: AgentOptions): Promise<string> {
  const about = { command: [...command.slice(0, 1), "--version"], operator };
  const printed = await printedBy(request, about, { timeoutMs: versionMs, maxOutputBytes: 4_096 });
  return /\d+\.\d+\.\d+[\w.-]*/.exec(printed)?.[0] ?? "";
}

async function tryPass(request: PassRequest, agent: ProbedAgent): Promise<Omit<Facts, "version">> {
  const listener = await startToolListener(agent.mustAsk ?? null);
  try {
    const { options, login } = agent;
    const adapter = agent.create({
      ...options,
      baseUrl: `${listener.url}${agent.basePath ?? ""}`,
      hosts: [],
      env: [],
      // Nothing of the operator's login is there to be sent anywhere.
      operator: { env: { PATH: options.operator.env["PATH"], ...login }, home: join(request.home, "nobody") },
    });
    let asked = false;
    const outcome = await adapter.run(request, {
      perform: async ({ kind }) => ({ kind, status: "denied", tier: "deny" }),
      judge: async () => {
        asked = true;
        return { allowed: false, reason: "this is a probe" };
      },
    });
    const why = outcome.kind === "failed" ? outcome.message : outcome.kind;
    return {
      tools: listener.offered(),
      why: `it asked no model (${why})`,
      asked: agent.mustAsk === undefined ? null : asked,
    };
  } finally {
    await listener.close();
  }
}

/** A pass in which nothing can happen, in folders of its own. */
export async function probeRequest(folder: string, { sandbox }: ProbePlace): Promise<PassRequest> {
  const [home, tmp, worktree] = [join(folder, "home"), join(folder, "tmp"), join(folder, "worktree")];
  for (const path of [home, tmp, worktree]) await ensureFolder(path, { mode: 0o700 });
  return {
    role: "delegate",
    ticket: "probe",
    pass: "probe",
    nonce: "probe",
    reviewRound: 1,
    input: { role: "delegate", ticket: { id: "probe", title: "probe" }, question: "none", paths: [] },
    prompt: "This is a test of the connection. Answer with the word done.",
    worktree,
    worktreeWritable: false,
    home,
    tmp,
    schemaPath: join(tmp, "schema.json"),
    sandbox,
    readable: [],
    openSession: async () => silentSession(),
    note: () => undefined,
    usage: () => "go",
    limits,
    transcript: () => undefined,
    signal: AbortSignal.timeout(limits.wallSeconds * 2_000),
  };
}

/** An MCP server with one tool that nobody will call. */
const silentServer = `
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const result = {
    initialize: () => ({ protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "nimrod", version: "1" } }),
    "tools/list": () => ({ tools: [{ name: "submit", description: "ends the test", inputSchema: { type: "object", properties: {} } }] }),
    ping: () => ({}),
  }[method];
  const answer = result ? { result: result() } : { error: { code: -32601, message: "no such method" } };
  process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, ...answer }) + "\\n");
});`;

function silentSession(): ToolboxSession {
  return {
    command: [process.execPath, "-e", silentServer],
    readable: [],
    ended: new Promise(() => undefined),
    activity: () => ({ calls: 0, inFlight: 0, lastMs: 0 }),
    close: async () => undefined,
  };
}
