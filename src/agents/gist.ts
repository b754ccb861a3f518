import { isRecord } from "./adapters/strict-json.ts";

/** What one line of an agent's output says, in the order in which a person would read it. */
export type Gist = { kind: "says" | "calls" | "hears" | "ends"; text: string };

/**
 * Reads a line of Claude Code, Codex, Gemini or an ACP agent for a person. Empty for bookkeeping; null for anything
 * else, which is best shown as it is. Nothing is decided by it: the adapters read these lines strictly. Pure.
 */
export function gistOf(line: string): Gist[] | null {
  const value = parse(line);
  if (!isRecord(value)) return null;
  if (value["jsonrpc"] === "2.0") return ofUpdate(value);
  const type = value["type"];
  if (typeof type !== "string") return null;
  const read = byType[type];
  if (read) return read(value);
  return type.endsWith(".started") || bookkeeping.has(type) ? [] : null;
}

const bookkeeping = new Set(["init", "stream_event", "item.updated", "rate_limit_event"]);

type Read = (line: Record<string, unknown>) => Gist[] | null;

const byType: Readonly<Record<string, Read>> = {
  // Claude Code
  system: (line) => (line["subtype"] === "api_retry" ? [ends(line["error"])] : []),
  assistant: (line) => blocksOf(line["message"]).flatMap(ofBlock),
  user: (line) => blocksOf(line["message"]).flatMap(ofBlock),
  // and Gemini, whose last word has a status
  result: (line) => [ends(line["result"] ?? line["status"] ?? line["subtype"])],
  // Codex
  "item.completed": (line) => (isRecord(line["item"]) ? ofItem(line["item"]) : null),
  "turn.completed": () => [ends("end of its turn")],
  "turn.failed": (line) => [ends(isRecord(line["error"]) ? line["error"]["message"] : line["error"])],
  error: (line) => [ends(line["message"])],
  // Gemini
  message: (line) => (line["role"] === "assistant" ? says(line["content"]) : []),
  tool_use: (line) => [calls(line["tool_name"], line["parameters"])],
  tool_result: (line) => [hears(line["output"] ?? line["error"])],
};

function ofBlock(block: unknown): Gist[] {
  if (!isRecord(block)) return [];
  switch (block["type"]) {
    case "text":
      return says(block["text"]);
    case "thinking":
      return says(block["thinking"]);
    case "tool_use":
      return [calls(block["name"], block["input"])];
    case "tool_result":
      return [hears(block["content"])];
    default:
      return [];
  }
}

function ofItem(item: Record<string, unknown>): Gist[] | null {
  switch (item["type"]) {
    case "agent_message":
    case "reasoning":
      return says(item["text"]);
    case "mcp_tool_call":
      return [calls(item["tool"], item["arguments"]), hears(item["error"] ?? item["result"])];
    case "error":
      return [ends(item["message"])];
    default:
      return null;
  }
}

/** An ACP agent's: a call is told once, when its arguments are there. */
function ofUpdate({ params, error }: Record<string, unknown>): Gist[] {
  if (isRecord(error)) return [ends(error["message"])];
  const update = isRecord(params) && isRecord(params["update"]) ? params["update"] : {};
  switch (update["sessionUpdate"]) {
    case "agent_message_chunk":
    case "agent_thought_chunk":
      return says(isRecord(update["content"]) ? update["content"]["text"] : "");
    case "tool_call_update":
      if (update["status"] === "completed" || update["status"] === "failed")
        return [hears(update["rawOutput"] ?? update["content"])];
      return isRecord(update["rawInput"]) ? [calls(update["title"], update["rawInput"])] : [];
    default:
      return [];
  }
}

function says(text: unknown): Gist[] {
  return typeof text === "string" && text.trim() !== "" ? [{ kind: "says", text }] : [];
}

function calls(tool: unknown, given: unknown): Gist {
  const name = wordsOf(tool).replace(/^mcp_+nimrod_+|^nimrod_/, "");
  return { kind: "calls", text: `${name} ${JSON.stringify(given) ?? ""}`.trim() };
}

function hears(answer: unknown): Gist {
  return { kind: "hears", text: wordsOf(answer) };
}

function ends(why: unknown): Gist {
  return { kind: "ends", text: wordsOf(why) };
}

/** Texts are often wrapped: in a list of parts, or in `content`, or in `text`. */
function wordsOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(wordsOf).join("\n");
  if (!isRecord(value)) return "";
  return wordsOf(value["text"] ?? value["content"] ?? value["message"]) || JSON.stringify(value);
}

function blocksOf(message: unknown): unknown[] {
  if (!isRecord(message)) return [];
  const { content } = message;
  return Array.isArray(content) ? content : [{ type: "text", text: content }];
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null; // prose
  }
}
