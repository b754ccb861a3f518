import type { AgentAction } from "../adapter.ts";
import { actionTable } from "../how-to-answer.ts";

/**
 * A permission request of the Agent Client Protocol, read as what it is about. Everything in it was written by the
 * agent, so it may only ever lead to less than what the agent's own hands could do anyway.
 */

/** The fields of the protocol's `ToolCallUpdate` that are looked at. */
export type AskedCall = {
  title?: string | null;
  name?: string | null;
  kind?: string | null;
  rawInput?: unknown;
  locations?: readonly { path: string }[] | null;
};

export type Asked =
  /** A call of Nimrod's own toolbox: it is judged there, so nothing is decided here. */
  | { kind: "toolbox"; tool: string }
  | { kind: "own"; action: AgentAction }
  | { kind: "unknown"; what: string };

export type PermissionOption = { optionId: string; kind: string };

export type PermissionOutcome = { outcome: "selected"; optionId: string } | { outcome: "cancelled" };

const toolboxTools: readonly string[] = [...actionTable.map(({ tool }) => tool), "submit"];

/**
 * What the agent wants to be allowed. `byTitle`: a title may say that it is about Nimrod's toolbox, for agents that
 * send no name. A title can be text of the model's choice, so this is only for agents whose hands the sandbox ties. Pure.
 */
export function readAsked(call: AskedCall, { byTitle }: { byTitle: boolean }): Asked {
  const input = asObject(call.rawInput);
  const tool = toolNamed(call.name) ?? (byTitle ? toolTitled(call) : null);
  if (tool !== null) return { kind: "toolbox", tool };
  const action = ownAction(call, input);
  const what = `${call.kind ?? "no kind"}: ${(call.name ?? call.title ?? "no title").slice(0, 200)}`;
  return action === null ? { kind: "unknown", what } : { kind: "own", action };
}

/**
 * The option to choose, by its kind: `allow_once` or `reject_once`, never one that lasts. Where there is no such
 * option, or its id also stands for another one, nothing is chosen.
 */
export function choosePermission(options: readonly PermissionOption[], allowed: boolean): PermissionOutcome {
  const wanted = options.find(({ kind }) => kind === (allowed ? "allow_once" : "reject_once"));
  if (wanted === undefined) return { outcome: "cancelled" };
  const same = options.filter(({ optionId }) => optionId === wanted.optionId);
  return same.length === 1 ? { outcome: "selected", optionId: wanted.optionId } : { outcome: "cancelled" };
}

function toolTitled({ name, title, kind }: AskedCall): string | null {
  return name == null && (kind ?? "other") === "other" ? toolNamed(title) : null;
}

/** `mcp__nimrod__run`, `nimrod_run` and their like. */
function toolNamed(text: string | null | undefined): string | null {
  const tool = /^(?:mcp_{1,2})?nimrod(?:_{1,2}|[.:/])([a-z_]+)$/.exec(text ?? "")?.[1];
  return tool !== undefined && toolboxTools.includes(tool) ? tool : null;
}

/** Null where the kind is no action of ours or its subject is missing. A change has no reading: it is never allowed. */
function ownAction({ kind, locations }: AskedCall, input: Record<string, unknown>): AgentAction | null {
  const path =
    textOf(input, "file_path", "filePath", "path", "notebook_path") ?? locations?.[0]?.path ?? null;
  switch (kind) {
    case "execute": {
      const argv = input["command"];
      if (Array.isArray(argv))
        return argv.length > 0 && argv.every(isText) ? { kind: "run", argv: argv.filter(isText) } : null;
      const command = textOf(input, "command", "cmd");
      return command === null ? null : { kind: "run", command };
    }
    case "read":
      return path === null || carriesMore(input) ? null : { kind: "read", path };
    case "search": {
      const pattern = textOf(input, "pattern", "query", "regex");
      if (pattern === null || carriesMore(input)) return null;
      return { kind: "search", pattern, ...(path === null ? {} : { path }) };
    }
    case "fetch": {
      const url = textOf(input, "url");
      return url === null || carriesMore(input) ? null : { kind: "fetch", url };
    }
    default:
      return null;
  }
}

/** A "read" that brings a command or new content along is not what it says it is. */
function carriesMore(input: Record<string, unknown>): boolean {
  return ["command", "cmd", "argv", "content", "new_string", "newString", "diff"].some((key) => key in input);
}

function textOf(input: Record<string, unknown>, ...keys: string[]): string | null {
  for (const key of keys) {
    const value = input[key];
    if (isText(value)) return value;
  }
  return null;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
