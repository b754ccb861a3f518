import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { ActionOutcome, AgentAction, PassRequest, Toolbox } from "../../src/agents/adapter.ts";
import type { PassInput } from "../../src/agents/pass-input.ts";
import { roleJsonSchema } from "../../src/agents/schema.ts";
import { closerInput } from "./pass-inputs.ts";

const made: string[] = [];
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))));

export type PassWorld = { request: PassRequest; folder: string; transcript: string[] };

/** A pass with real folders of its own and short clocks. Default: a closer, which needs no actions. */
export async function passWorld(
  given: Partial<PassRequest> & { input?: PassInput } = {},
): Promise<PassWorld> {
  const folder = await mkdtemp(join(tmpdir(), "nimrod-pass-"));
  made.push(folder);
  const input = given.input ?? closerInput();
  const [worktree, home, tmp] = [join(folder, "worktree"), join(folder, "home"), join(folder, "tmp")];
  for (const path of [worktree, home, tmp]) await mkdir(path);
  const schemaPath = join(tmp, "schema.json");
  await writeFile(schemaPath, roleJsonSchema(input.role));
  const transcript: string[] = [];
  const request: PassRequest = {
    role: input.role,
    ticket: "nim-000001",
    pass: "pass-1",
    nonce: "n0nce-of-this-pass",
    reviewRound: 1,
    input,
    prompt: "Close the ticket.",
    worktree,
    worktreeWritable: false,
    home,
    tmp,
    schemaPath,
    sandbox: { kind: "none", why: "the test says so" },
    readable: [],
    limits: {
      startSeconds: 15,
      idleSeconds: 10,
      wallSeconds: 20,
      turns: 10,
      tokens: 1_000_000,
      usd: 1,
      answerBytes: 100_000,
    },
    openSession: async () => {
      throw new Error("this test gives its agent no MCP toolbox");
    },
    note: () => undefined,
    usage: () => "go",
    transcript: (direction, text) => void transcript.push(`${direction} ${text}`),
    signal: new AbortController().signal,
    ...given,
  };
  return { request, folder, transcript };
}

/** A toolbox that records what it was asked for and answers from a function; default: everything is done. */
export function recordingToolbox(
  perform: (action: AgentAction, index: number) => Partial<ActionOutcome> = () => ({}),
): Toolbox & { actions: AgentAction[] } {
  const actions: AgentAction[] = [];
  return {
    actions,
    perform: async (action) => {
      actions.push(action);
      return { kind: action.kind, status: "done", tier: "none", ...perform(action, actions.length - 1) };
    },
  };
}

export const closing = { summary: "done", notDone: [], followUps: [], changeLog: [], links: [], risks: [] };
