import { z } from "zod";
import { visible } from "../../evidence/redact.ts";
import type { AgentAction, Usage } from "../adapter.ts";
import type { Role } from "../role-names.ts";
import { questionSchema, roleSchemas } from "../roles.ts";
import { isRecord, parseStrictObject } from "./strict-json.ts";

export const protocol = "nimrod-pass/1";

/** Actions in one round. More is a flood of another kind: nobody looks at the outcomes in between. */
const maxActions = 100;
const maxProblems = 10;

export type Answer =
  /** `usage`: what the agent says it used in this pass so far. */
  | { kind: "actions"; actions: AgentAction[]; usage?: Usage }
  /** As the role's schema read it: defaults filled in, nothing unknown left. */
  | { kind: "result"; result: unknown; usage?: Usage }
  | { kind: "invalid"; reason: "schema" | "nonce" | "flood"; problems: string[] };

export type Expected = {
  role: Role;
  nonce: string;
  /** `once`: the whole of stdout. `stream`: one line. */
  mode: "once" | "stream";
  /** Bytes of one answer. */
  answerBytes: number;
};

/**
 * Reads one answer of `nimrod-pass/1`. Only the one object counts: prose, a quoted verdict, an exit code or an
 * object with another pass's nonce never becomes a result. Pure; never throws.
 */
export function parseAnswer(text: string, expected: Expected): Answer {
  const bytes = Buffer.byteLength(text);
  if (bytes > expected.answerBytes) {
    return invalid("flood", [`the answer has ${bytes} bytes; at most ${expected.answerBytes} are read`]);
  }
  const found = expected.mode === "stream" ? { kind: "text" as const, text } : findObject(text);
  if (found.kind === "none") return invalid("schema", [found.problem]);
  const read = parseStrictObject(found.text);
  if (read.kind === "broken") return invalid("schema", [`the answer cannot be read: ${read.problem}`]);
  return readEnvelope(read.value, expected);
}

function readEnvelope(value: Record<string, unknown>, expected: Expected): Answer {
  // The nonce first: what another pass said is not worth a schema's opinion.
  if (value["nonce"] !== expected.nonce) {
    const what =
      typeof value["nonce"] === "string" ? "carries another nonce than this pass's" : "carries no nonce";
    return invalid("nonce", [`the answer ${what}`]);
  }
  if (value["protocol"] !== protocol) return invalid("schema", [`protocol is not "${protocol}"`]);
  const unknown = Object.keys(value).filter(
    (key) => !["protocol", "nonce", "actions", "result", "usage"].includes(key),
  );
  if (unknown.length > 0)
    return invalid("schema", [`unknown field ${unknown.map((key) => JSON.stringify(key)).join(", ")}`]);
  const acts = Object.hasOwn(value, "actions");
  const ends = Object.hasOwn(value, "result");
  if (acts && ends)
    return invalid("schema", ["both actions and a result: an answer either acts or finishes"]);
  if (!acts && !ends) return invalid("schema", ["neither actions nor a result"]);
  const answer = acts ? readActions(value["actions"]) : readResult(value["result"], expected.role);
  const told = value["usage"];
  return answer.kind === "invalid" || told === undefined ? answer : { ...answer, usage: readUsage(told) };
}

/** A figure that is no number becomes NaN, which the budget counts as money spent: it never fails an answer. */
function readUsage(told: unknown): Usage {
  const value = isRecord(told) ? told : { usd: told };
  const figure = (key: string) => Number(value[key] === undefined ? 0 : (value[key] ?? Number.NaN));
  const { model } = value;
  return {
    model: typeof model === "string" ? model.slice(0, 100) : null,
    inputTokens: figure("inputTokens"),
    cachedTokens: figure("cachedTokens"),
    outputTokens: figure("outputTokens"),
    usd: value["usd"] === undefined ? null : figure("usd"),
    turns: 0,
  };
}

function readResult(value: unknown, role: Role): Answer {
  const read = roleSchemas[role].safeParse(value);
  return read.success
    ? { kind: "result", result: read.data }
    : invalid("schema", problemsOf(read.error, "result"));
}

const plainText = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((value) => !value.includes("\0"), "holds a NUL character");
const path = plainText(4096);
const content = z.string().max(1_000_000);
const actionSchemas = {
  "run argv": z.strictObject({
    kind: z.literal("run"),
    argv: z
      .array(
        z
          .string()
          .max(65_536)
          .refine((value) => !value.includes("\0"), "holds a NUL character"),
      )
      .min(1)
      .max(1000)
      .refine((argv) => argv[0] !== "", "names no program"),
  }),
  "run command": z.strictObject({ kind: z.literal("run"), command: plainText(65_536) }),
  write: z.strictObject({ kind: z.literal("write"), path, content }),
  edit: z.strictObject({ kind: z.literal("edit"), path, old: content.min(1), new: content }),
  read: z.strictObject({
    kind: z.literal("read"),
    path,
    offset: z.int().min(1).exactOptional(),
    limit: z.int().min(1).max(10_000).exactOptional(),
  }),
  list: z.strictObject({ kind: z.literal("list"), path, glob: plainText(1000).exactOptional() }),
  search: z.strictObject({
    kind: z.literal("search"),
    pattern: plainText(1000),
    path: path.exactOptional(),
    glob: plainText(1000).exactOptional(),
  }),
  fetch: z.strictObject({ kind: z.literal("fetch"), url: plainText(8192) }),
  delegate: z.strictObject({
    kind: z.literal("delegate"),
    question: plainText(4000),
    paths: z.array(path).max(50).exactOptional(),
  }),
  ask: z.strictObject({ kind: z.literal("ask"), questions: z.array(questionSchema).min(1).max(200) }),
} as const satisfies Record<string, z.ZodType<AgentAction>>;

const actionKinds = Object.keys(actionSchemas).filter((kind) => !kind.startsWith("run "));

function readActions(value: unknown): Answer {
  if (!Array.isArray(value)) return invalid("schema", ["actions is not a list"]);
  if (value.length === 0) return invalid("schema", ["actions is empty: act, or finish with a result"]);
  if (value.length > maxActions)
    return invalid("schema", [`${value.length} actions in one answer; at most ${maxActions}`]);
  const actions: AgentAction[] = [];
  const problems: string[] = [];
  for (const [index, item] of value.entries()) {
    const schema = schemaFor(item);
    if (schema === undefined) {
      problems.push(`actions.${index}: kind is not one of run, ${actionKinds.join(", ")}`);
      continue;
    }
    const read = schema.safeParse(item);
    if (read.success) actions.push(read.data);
    else problems.push(...problemsOf(read.error, `actions.${index}`));
  }
  return problems.length > 0 ? invalid("schema", problems) : { kind: "actions", actions };
}

/** One schema by kind, so that a problem names the field and not "no alternative matched". */
function schemaFor(item: unknown): z.ZodType<AgentAction> | undefined {
  if (!isRecord(item)) return undefined;
  const { kind } = item;
  if (kind === "run") return actionSchemas[Object.hasOwn(item, "argv") ? "run argv" : "run command"];
  return isActionKind(kind) ? actionSchemas[kind] : undefined;
}

function isActionKind(kind: unknown): kind is Exclude<keyof typeof actionSchemas, `run ${string}`> {
  return typeof kind === "string" && actionKinds.includes(kind);
}

type Found = { kind: "text"; text: string } | { kind: "none"; problem: string };

/** The object alone, or the last fenced `json` block, with no second protocol object anywhere beside it. */
function findObject(text: string): Found {
  if (text.trim() === "") return { kind: "none", problem: "nothing was written on stdout" };
  if (text.trimStart().startsWith("{")) return { kind: "text", text };
  const blocks = fencedBlocks(text.split(/\r?\n/));
  const last = blocks.filter((block) => block.info === "json").at(-1);
  if (last === undefined) {
    return { kind: "none", problem: "no JSON object alone on stdout, and no fenced json block" };
  }
  if (!last.closed) return { kind: "none", problem: "truncated: the fenced json block is not closed" };
  const elsewhere = [...last.before, ...last.after].join("\n");
  if (/"protocol"\s*:\s*"nimrod-pass\//.test(elsewhere)) {
    return {
      kind: "none",
      problem: "more than one protocol object: which of them counts is not for Nimrod to guess",
    };
  }
  return { kind: "text", text: last.lines.join("\n") };
}

type Block = { info: string; lines: string[]; closed: boolean; before: string[]; after: string[] };

function fencedBlocks(lines: string[]): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const open = /^ {0,3}(`{3,}|~{3,})\s*([^`\s]*)[^`]*$/.exec(lines[at] ?? "");
    const mark = open?.[1];
    if (mark === undefined) continue;
    const close = new RegExp(`^ {0,3}${mark[0]}{${mark.length},}\\s*$`);
    const length = lines.slice(at + 1).findIndex((line) => close.test(line));
    const end = length < 0 ? lines.length : at + 1 + length;
    blocks.push({
      info: (open?.[2] ?? "").toLowerCase(),
      lines: lines.slice(at + 1, end),
      closed: length >= 0,
      before: lines.slice(0, at),
      after: lines.slice(end + 1),
    });
    at = end;
  }
  return blocks;
}

function problemsOf(error: z.ZodError, root: string): string[] {
  return error.issues.map((issue) => `${[root, ...issue.path.map(String)].join(".")}: ${issue.message}`);
}

/** An agent's words end up in a terminal: bounded and with control characters shown. */
function invalid(reason: "schema" | "nonce" | "flood", problems: string[]): Answer {
  const shown = problems.slice(0, maxProblems).map((problem) => visible(problem.slice(0, 300)));
  const more = problems.length - shown.length;
  return { kind: "invalid", reason, problems: more > 0 ? [...shown, `and ${more} more`] : shown };
}
