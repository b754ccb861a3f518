import { isAbsolute } from "node:path";
import { z } from "zod";
import type { Toolbox } from "../adapter.ts";
import type { CliEvent } from "./cli-session.ts";

/**
 * The control protocol of claude: before it uses a tool of its own it asks, on stdout, and waits for the answer on
 * stdin. Only a read that the gate lets happen unasked is allowed, and exactly as it was judged.
 */
const askedSchema = z.object({
  type: z.literal("control_request"),
  request_id: z.string(),
  request: z.object({ subtype: z.string(), tool_name: z.string().optional(), input: z.unknown().optional() }),
});

const readSchema = z.object({
  file_path: z.string(),
  offset: z.int().min(1).optional(),
  limit: z.int().min(1).optional(),
});

/** The one tool of its own that it keeps where its tools cannot all be removed. */
export const keptTool = "Read";

/** The answer to one line; null where the line asks nothing. */
export async function answerPermission(line: string, toolbox: Toolbox): Promise<CliEvent[] | null> {
  if (!line.includes('"control_request"')) return null;
  const asked = askedSchema.safeParse(parse(line)).data;
  if (asked === undefined) return null;
  const { subtype, tool_name: tool, input } = asked.request;
  const response =
    subtype === "can_use_tool" && tool === keptTool
      ? await judgeRead(input, toolbox)
      : deny(`${tool ?? subtype} is not available; use the tools of the server nimrod`);
  const reply = {
    type: "control_response",
    response: { subtype: "success", request_id: asked.request_id, response },
  };
  return [{ kind: "activity" }, { kind: "reply", line: JSON.stringify(reply) }];
}

async function judgeRead(input: unknown, toolbox: Toolbox): Promise<object> {
  const read = readSchema.safeParse(input).data;
  // A relative path means another file to the CLI, which starts in an empty folder, than to the gate.
  if (read === undefined || !isAbsolute(read.file_path)) return deny("use read_file of the server nimrod");
  const { file_path: path, offset, limit } = read;
  const lines = { ...(offset === undefined ? {} : { offset }), ...(limit === undefined ? {} : { limit }) };
  const verdict = await toolbox.judge?.({ kind: "read", path, ...lines });
  if (verdict?.allowed !== true) return deny(verdict?.reason ?? "use read_file of the server nimrod");
  return { behavior: "allow", updatedInput: { file_path: path, ...lines } };
}

function deny(message: string): object {
  return { behavior: "deny", message };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // not of the protocol: the other reader counts it
  }
}
