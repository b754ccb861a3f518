import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { AgentAction, PassLimits, PassOutcome, PassRequest } from "../../src/agents/adapter.ts";
import { watchForCircles } from "../../src/agents/adapters/stuck.ts";
import { catalog } from "../../src/agents/catalog.ts";
import { createAdapter } from "../../src/cli/create-adapter.ts";
import { openToolboxSession } from "../../src/toolbox/server.ts";
import { probeSandbox } from "../../src/workspace/sandbox.ts";
import { type ModelScript, type ModelServer, startModelServer } from "../support/model-server.ts";
import { closing, passWorld, recordingToolbox } from "../support/pass-request.ts";
import type { Cli } from "./cli-scene.ts";

/** One pass of a real CLI's adapter before a scripted model, without the pipeline around it. */

export type AdapterPass = {
  outcome: PassOutcome;
  actions: AgentAction[];
  model: ModelServer;
  notes: Record<string, unknown>[];
  transcript: string[];
  request: PassRequest;
};

export type AdapterPassOptions = {
  script: ModelScript;
  prompt?: (request: PassRequest) => string;
  /** In the worktree. */
  files?: Record<string, string>;
  limits?: Partial<PassLimits>;
  perform?: Parameters<typeof recordingToolbox>[0];
};

export const submitted = (nonce: string) => ({ name: "submit", args: { nonce, result: closing } });
export const nonce = "n0nce-of-this-pass";
export const sandbox = await probeSandbox();

/** The adapter as the command line makes it, pointed at `url`. */
export async function adapterOf(cli: Cli, url: string) {
  const row = catalog.find(({ name }) => name === cli.name);
  if (row === undefined) throw new Error(`${cli.name} is not in the catalog`);
  const settings = {
    baseUrl: cli.baseUrl(url),
    hosts: [],
    env: [],
  };
  const command = [cli.file, ...cli.args];
  const key = "sk-made-up";
  const env = { PATH: process.env["PATH"], ANTHROPIC_API_KEY: key, OPENAI_API_KEY: key, GEMINI_API_KEY: key };
  return createAdapter(
    {
      kind: "cli",
      name: cli.agent,
      row,
      command,
      vendor: row.vendor,
      model: cli.model,
      bent: false,
      settings,
    },
    { env, home: "/nonexistent", root: "/nonexistent" },
  );
}

export async function adapterPass(cli: Cli, options: AdapterPassOptions): Promise<AdapterPass> {
  const model = await startModelServer(options.script);
  onTestFinished(() => model.close());
  const adapter = await adapterOf(cli, model.url);
  const notes: Record<string, unknown>[] = [];
  const limits = {
    startSeconds: 90,
    idleSeconds: 60,
    wallSeconds: 120,
    turns: 30,
    tokens: 1e6,
    usd: 10,
    answerBytes: 4e6,
  };
  const world = await passWorld({
    sandbox,
    note: (data) => void notes.push(data),
    limits: { ...limits, ...options.limits },
  });
  const { worktree } = world.request;
  for (const [path, content] of Object.entries({ "README.md": "# Lab\n", ...options.files })) {
    mkdirSync(dirname(join(worktree, path)), { recursive: true });
    writeFileSync(join(worktree, path), content);
  }
  const toolbox = recordingToolbox(options.perform ?? (() => ({ stdout: "performed" })));
  const request = {
    ...world.request,
    prompt: options.prompt?.(world.request) ?? "Close the ticket, then submit.",
  };
  const session = await openToolboxSession({
    toolbox,
    role: request.role,
    nonce: request.nonce,
    submit: true,
    capabilities: ["read", "run", "write", "ask"],
    maxCalls: 100,
    watch: watchForCircles(),
    signal: request.signal,
  });
  const outcome = await adapter.run({ ...request, openSession: async () => session }, toolbox);
  return { outcome, actions: toolbox.actions, model, notes, transcript: world.transcript, request };
}
