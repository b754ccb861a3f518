import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A model server that only listens: it notes which tools its requests offer, and refuses to answer. With `call` it first
 * asks for one use of a tool, in the form that the request is in.
 */
export type ToolListener = {
  url: string;
  /** Names as the model would see them, `group.name` where the vendor groups them; null before a request came. */
  offered: () => string[] | null;
  close: () => Promise<void>;
};

export type ListenerCall = { name: string; input: Record<string, unknown> };

const maxBytes = 16 * 1024 * 1024;

export async function startToolListener(call: ListenerCall | null = null): Promise<ToolListener> {
  let offered: string[] | null = null;
  let left = call;
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of request) {
      if (!Buffer.isBuffer(part)) continue;
      size += part.length;
      if (size > maxBytes) return void request.destroy();
      parts.push(part);
    }
    const tools = request.method === "POST" ? toolsIn(Buffer.concat(parts).toString("utf8")) : null;
    // Of all requests: some CLIs ask for a title or a route before they begin, and offer nothing there.
    if (tools !== null) offered = [...new Set([...(offered ?? []), ...tools])];
    if (tools !== null && left !== null) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(request.url?.includes("/responses") ? responseWith(left) : useOf(left));
      left = null;
      return;
    }
    // 400 is final for every CLI: it does not try again.
    response.writeHead(request.method === "POST" ? 400 : 404, { "content-type": "application/json" });
    const error = {
      type: "invalid_request_error",
      code: 400,
      status: "INVALID_ARGUMENT",
      message: "this is a probe",
    };
    response.end(JSON.stringify({ type: "error", error }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = addressOf(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    offered: () => offered,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** One streamed message that uses one tool. */
function useOf({ name, input }: ListenerCall): string {
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: "msg_probe", type: "message", role: "assistant", model: "probe", content: [], usage };
  const events = [
    { type: "message_start", message },
    {
      type: "content_block_start",
      index: 0,
      content_block: { type: "tool_use", id: "toolu_probe", name, input: {} },
    },
    {
      type: "content_block_delta",
      index: 0,
      delta: { type: "input_json_delta", partial_json: JSON.stringify(input) },
    },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "tool_use" }, usage },
    { type: "message_stop" },
  ];
  return streamOf(events);
}

function responseWith({ name, input }: ListenerCall): string {
  const call = {
    type: "function_call",
    id: "fc_probe",
    call_id: "call_probe",
    name,
    arguments: JSON.stringify(input),
  };
  const response = { id: "resp_probe", usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } };
  return streamOf([
    { type: "response.created", response: { id: response.id } },
    { type: "response.output_item.done", output_index: 0, item: { ...call, status: "completed" } },
    { type: "response.completed", response },
  ]);
}

function streamOf(events: readonly { type: string; [field: string]: unknown }[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

function addressOf(address: string | AddressInfo | null): AddressInfo {
  if (address === null || typeof address === "string") throw new Error("listening on no port");
  return address;
}

/** Of a request in the form of Anthropic, OpenAI or Google; null where it is no request to a model. */
export function toolsIn(body: string): string[] | null {
  const request = object(parse(body));
  const conversation = [request["messages"], request["input"], request["contents"]].find(Array.isArray);
  if (conversation === undefined) return null;
  // Codex hands some models their tools as an entry of the conversation.
  const later = conversation.flatMap((entry) => list(object(entry)["tools"]));
  return [...list(request["tools"]), ...later].flatMap(namesOf);
}

function namesOf(tool: unknown): string[] {
  const { type, name, tools, functionDeclarations, function: declared } = object(tool);
  if (Array.isArray(functionDeclarations)) return functionDeclarations.flatMap(namesOf);
  if (Array.isArray(tools)) return tools.flatMap(namesOf).map((inner) => `${String(name)}.${inner}`);
  // A vendor's own tool, run on its side, has a type or a key and no name.
  return [String(name ?? object(declared)["name"] ?? type ?? Object.keys(object(tool))[0])];
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // some requests of a CLI have another kind of body
  }
}
