import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { LLMock } from "@copilotkit/aimock";

/**
 * A model on loopback that does what a test's script says. `@copilotkit/aimock` speaks the vendors' protocols; what
 * it does not cover (silence, stalls, vendor error bodies) is answered here. Every request is kept.
 */

export type ToolCall = {
  name: string;
  args: Record<string, unknown>;
  /** A tool of the CLI's own, which may be named like one of Nimrod's. */
  own?: true;
};

export type Turn =
  | { calls: readonly ToolCall[]; say?: string }
  | { say: string }
  /** Takes the request and never answers; or begins a streamed answer and never ends it. */
  | { fault: "hang" | "stall" }
  | { status: number; message: string; retryAfter?: number };

type ModelRequest = {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** `performance.now()` of its last byte. */
  atMs: number;
  /** Names of the tools that the model is offered, as they stand in the request. */
  tools: string[];
};

/** What a script sees of a conversation, whichever protocol it came by. */
export type Conversation = {
  /** All that system and user said. */
  text: string;
  /** Texts of the tools' results so far, oldest first. */
  results: string[];
  tools: string[];
  model: string;
};

export type ModelScript = (seen: Conversation) => Turn | Promise<Turn>;

export type ModelServer = {
  url: string;
  port: number;
  requests: ModelRequest[];
  close: () => Promise<void>;
};

export async function startModelServer(script: ModelScript): Promise<ModelServer> {
  const mock = new LLMock({ host: "127.0.0.1", port: 0, logLevel: "silent" });
  const waiting: Turn[] = [];
  mock.on({ predicate: () => true }, () => answerOf(waiting.shift() ?? { say: "nothing left to say" }));
  const inner = await mock.start();
  const requests: ModelRequest[] = [];
  const open = new Set<ServerResponse>();

  const server = createServer(async (request, response) => {
    open.add(response);
    response.on("close", () => open.delete(response));
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString("utf8");
    const path = request.url ?? "/";
    const read = readBody(body);
    requests.push({
      method: request.method ?? "",
      path,
      headers: request.headers,
      body,
      atMs: performance.now(),
      tools: offeredTools(read),
    });
    if (request.method !== "POST" || !isModelPath(path)) {
      response.writeHead(404, { "content-type": "application/json" }).end("{}");
      return;
    }
    const turn = await script(conversationOf(read));
    if ("fault" in turn) return fail(response, turn.fault);
    if ("status" in turn) return refuse(response, turn);
    if ("calls" in turn && /\/responses/.test(path)) return answerCodex(response, resolveCalls(turn, read));
    waiting.push("calls" in turn ? resolveCalls(turn, read) : turn);
    const answered = await fetch(`${inner}${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "anthropic-version": "2023-06-01",
        authorization: "Bearer x",
      },
      body,
    });
    response.writeHead(answered.status, {
      "content-type": answered.headers.get("content-type") ?? "application/json",
    });
    response.end(Buffer.from(await answered.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    async close() {
      for (const response of open) response.destroy();
      await Promise.all([new Promise((done) => server.close(done)), mock.stop()]);
    },
  };
}

function isModelPath(path: string): boolean {
  return /\/(messages|responses|chat\/completions)(\?|$)|:(stream)?generateContent/i.test(path);
}

type Answer = { content: string } | { content?: string; toolCalls: { name: string; arguments: string }[] };

function answerOf(turn: Turn): Answer & { usage: Record<string, number> } {
  const usage = { input_tokens: 100, output_tokens: 10, total_tokens: 110 };
  if ("calls" in turn) {
    const toolCalls = turn.calls.map(({ name, args }) => ({ name, arguments: JSON.stringify(args) }));
    return { ...(turn.say === undefined ? {} : { content: turn.say }), toolCalls, usage };
  }
  return { content: "say" in turn ? turn.say : "", usage };
}

/** A script says `run`; the model is offered `mcp__nimrod__run`, or whatever the CLI made of it. */
function resolveCalls<T extends { calls: readonly ToolCall[] }>(turn: T, read: Json): T {
  const offered = conversationOf(read).tools;
  const calls = turn.calls.map(({ name, args, own }) => ({
    name: (own ? undefined : offered.find((each) => /nimrod/.test(each) && each.endsWith(name))) ?? name,
    args,
  }));
  return { ...turn, calls };
}

/** Codex groups the tools of an MCP server in a namespace, which aimock's function calls have no field for. */
function answerCodex(response: ServerResponse, turn: { calls: readonly ToolCall[] }): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (type: string, more: Json): void =>
    void response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`);
  const id = `resp_${Math.random().toString(36).slice(2)}`;
  send("response.created", { response: { id } });
  for (const [index, { name, args }] of turn.calls.entries()) {
    const [, namespace, own] = /^(.*)\.([^.]*)$/.exec(name) ?? [];
    const item = {
      type: "function_call",
      id: `fc_${id}_${index}`,
      call_id: `call_${id}_${index}`,
      ...(namespace === undefined || namespace === "functions" ? {} : { namespace }),
      name: own ?? name,
      arguments: JSON.stringify(args),
      status: "completed",
    };
    send("response.output_item.added", { output_index: index, item });
    send("response.output_item.done", { output_index: index, item });
  }
  send("response.completed", { response: { id, usage: { ...codexUsage } } });
  response.end();
}

const codexUsage = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 40 },
  output_tokens: 10,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 110,
};

function fail(response: ServerResponse, fault: "hang" | "stall"): void {
  if (fault === "hang") return;
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(": the answer begins\n\n");
}

function refuse(
  response: ServerResponse,
  turn: { status: number; message: string; retryAfter?: number },
): void {
  const type =
    turn.status === 401 ? "authentication_error" : turn.status === 429 ? "rate_limit_error" : "api_error";
  response.writeHead(turn.status, {
    "content-type": "application/json",
    ...(turn.retryAfter === undefined ? {} : { "retry-after": String(turn.retryAfter) }),
  });
  response.end(JSON.stringify({ type: "error", error: { type, code: turn.status, message: turn.message } }));
}

// --- reading requests of three vendors -----------------------------------------------------------

type Json = Record<string, unknown>;

function readBody(body: string): Json {
  try {
    return asObject(JSON.parse(body));
  } catch {
    return {}; // not every request of a CLI has a body
  }
}

function conversationOf(body: Json): Conversation {
  const items = [body["messages"], body["input"], body["contents"]].flatMap(asList).map(asObject);
  const results: string[] = [];
  const said: string[] = [textOf(body["system"]), textOf(body["instructions"])];
  for (const item of items) {
    if (item["type"] === "function_call_output") results.push(textOf(item["output"]));
    else if (item["role"] === "tool") results.push(textOf(item["content"]));
    else if (item["role"] === "user" || item["role"] === "system" || item["role"] === "developer") {
      for (const part of [item["content"], item["parts"]].flatMap(asList)) {
        const block = asObject(part);
        if (block["type"] === "tool_result") results.push(textOf(block["content"]));
        else if (block["functionResponse"] !== undefined)
          results.push(JSON.stringify(block["functionResponse"]));
        else said.push(textOf(part));
      }
    }
  }
  return {
    text: said.join("\n"),
    results,
    tools: offeredTools(body),
    model: typeof body["model"] === "string" ? body["model"] : "",
  };
}

/** Codex puts the tools into the conversation for some models. */
function offeredTools(body: Json): string[] {
  const later = asList(body["input"])
    .map(asObject)
    .flatMap((item) => toolNames(item["tools"]));
  return [...toolNames(body["tools"]), ...later];
}

/** `namespace.name` for codex's groups of tools. */
function toolNames(tools: unknown): string[] {
  return asList(tools)
    .map(asObject)
    .flatMap((tool) => {
      const declared = [...asList(tool["functionDeclarations"]), ...asList(tool["function_declarations"])];
      if (declared.length > 0) return toolNames(declared);
      if (tool["type"] === "namespace")
        return toolNames(tool["tools"]).map((name) => `${String(tool["name"])}.${name}`);
      const name = tool["name"] ?? asObject(tool["function"])["name"] ?? tool["type"];
      return [String(name)];
    });
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(textOf).join("\n");
  const { text, content } = asObject(value);
  return typeof text === "string" ? text : content === undefined ? "" : textOf(content);
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
