import { z } from "zod";
import type { PassRequest, Toolbox } from "../adapter.ts";
import type { CliEvent } from "./cli-session.ts";
import { codexEnd, isLasting } from "./codex-events.ts";

/**
 * Speaks `codex app-server` for one turn: JSON-RPC by lines, in which it asks before it runs a command of its own. Only
 * what the gate lets happen unasked is accepted.
 */
export type AppServerTalk = {
  opening: string;
  readEvent: (line: string) => Promise<CliEvent[] | null>;
};

const messageSchema = z.object({
  id: z.union([z.number(), z.string()]).optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});
type Message = z.infer<typeof messageSchema>;

const threadSchema = z.object({ thread: z.object({ id: z.string() }) });
const usageSchema = z.object({
  tokenUsage: z.object({
    total: z.object({ inputTokens: z.number(), cachedInputTokens: z.number(), outputTokens: z.number() }),
  }),
});
const turnSchema = z.object({
  turn: z.object({ status: z.string(), error: z.object({ message: z.string() }).nullish() }),
});
const errorSchema = z.object({ error: z.object({ message: z.string() }), willRetry: z.boolean().optional() });
const commandSchema = z.object({
  command: z.string(),
  cwd: z.string(),
  // More than the command itself is asked for: another sandbox, a host.
  additionalPermissions: z.null().optional(),
  networkApprovalContext: z.null().optional(),
});

export function appServerTalk(
  { prompt, tmp }: Pick<PassRequest, "prompt" | "tmp">,
  toolbox: Toolbox,
  model: string | null,
): AppServerTalk {
  let turns = 0;
  const start = `${tmp}/start`;

  async function readEvent(line: string): Promise<CliEvent[] | null> {
    const message = messageSchema.safeParse(parse(line)).data;
    if (message === undefined) return null;
    if (message.method === undefined) return answered(message);
    if (message.id !== undefined) {
      const result = await decide(message, start, toolbox);
      return [{ kind: "activity" }, { kind: "reply", line: JSON.stringify({ id: message.id, ...result }) }];
    }
    return told(message.method, message.params ?? {});
  }

  function answered({ id, result, error }: Message): CliEvent[] {
    if (error !== undefined) return [codexEnd(error.message)];
    if (id === 1) {
      const settings = {
        approvalPolicy: "untrusted",
        sandbox: "read-only",
        cwd: start,
        ephemeral: true,
      };
      const params = { ...settings, ...(model === null ? {} : { model }) };
      return [say({ method: "initialized" }), say({ id: 2, method: "thread/start", params })];
    }
    const thread = threadSchema.safeParse(result).data?.thread.id;
    if (id !== 2 || thread === undefined) return [];
    return [
      say({
        id: 3,
        method: "turn/start",
        params: { threadId: thread, input: [{ type: "text", text: prompt }] },
      }),
    ];
  }

  function told(method: string, params: Record<string, unknown>): CliEvent[] {
    if (method === "thread/tokenUsage/updated") {
      const total = usageSchema.safeParse(params).data?.tokenUsage.total;
      if (total === undefined) return [];
      turns += 1;
      const { inputTokens, cachedInputTokens: cachedTokens, outputTokens } = total;
      return [{ kind: "usage", usage: { model, inputTokens, cachedTokens, outputTokens, usd: null, turns } }];
    }
    if (method === "turn/completed") {
      const turn = turnSchema.safeParse(params).data?.turn;
      if (turn?.status === "completed") return [{ kind: "end", ok: true }];
      return [codexEnd(turn?.error?.message ?? `the turn was ${turn?.status ?? "lost"}`)];
    }
    if (method === "error") {
      const failure = errorSchema.safeParse(params).data;
      const end = codexEnd(failure?.error.message ?? "");
      return failure?.willRetry === true && !isLasting(end) ? [] : [end];
    }
    if (method.endsWith("/delta") || method.endsWith("Delta")) return [{ kind: "activity", chatter: true }];
    return method.startsWith("item/") ? [{ kind: "activity" }] : [];
  }

  const clientInfo = { name: "nimrod", title: "Nimrod", version: "1" };
  return { opening: JSON.stringify({ id: 1, method: "initialize", params: { clientInfo } }), readEvent };
}

/** The answer to something that it asks; whatever is not a command that may happen unasked is declined. */
async function decide({ method, params }: Message, start: string, toolbox: Toolbox): Promise<object> {
  switch (method) {
    case "item/commandExecution/requestApproval": {
      const asked = commandSchema.safeParse(params).data;
      // The gate reads paths as the worktree's. Its own folder is empty; in any other, such as its home, `cat auth.json`
      // would be another file than the one that was judged.
      const verdict =
        asked?.cwd === start ? await toolbox.judge?.({ kind: "run", command: asked.command }) : undefined;
      return { result: { decision: verdict?.allowed === true ? "accept" : "decline" } };
    }
    case "item/fileChange/requestApproval":
      return { result: { decision: "decline" } };
    case "mcpServer/elicitation/request":
      return { result: { action: "decline" } };
    default:
      return { error: { code: -32_601, message: "nobody is there; use the tools of the server nimrod" } };
  }
}

function say(message: object): CliEvent {
  return { kind: "reply", line: JSON.stringify(message) };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // not of the protocol: counted by the caller
  }
}
