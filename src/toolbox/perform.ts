import { resolve } from "node:path";
import type { Action, Decision } from "../authorization/action.ts";
import { parseCommand } from "../authorization/parse-command.ts";
import { staticArgv } from "../authorization/parsed-command.ts";
import { NimrodError } from "../errors.ts";
import { type ExecOutcome, exec } from "../platform/exec.ts";
import type { Sandbox } from "../workspace/sandbox.ts";
import { assertInside, editFile, readFile, writeFile } from "./file-actions.ts";
import { listFiles, searchFiles } from "./look.ts";
import { enclosed, look } from "./looking-sandbox.ts";
import type { Performed, Place } from "./place.ts";

export type { Performed, Place } from "./place.ts";

/** Performs one authorized action. It decides nothing: the gate has, and `decision` says what was allowed. */

/** Bytes of output kept of one command; the middle is cut. */
const keptOutputBytes = 64 * 1024;

export async function perform(
  action: Action,
  decision: Decision,
  place: Place,
  signal: AbortSignal,
): Promise<Performed> {
  const started = performance.now();
  const finish = (part: Partial<Performed>): Performed => ({
    status: "done",
    exit: null,
    ended: "done",
    stdout: "",
    stderr: "",
    truncated: false,
    outputDigest: null,
    ms: Math.round(performance.now() - started),
    reason: null,
    ...part,
  });
  try {
    switch (action.kind) {
      case "run":
        return finish(fromOutcome(await runAction(action, decision, place, signal)));
      case "write":
        await writeFile(place, action);
        return finish({});
      case "edit":
        await editFile(place, action);
        return finish({});
      case "read":
        return finish(await readFile(place, action));
      case "list":
        return finish(await listFiles(place, action));
      case "search":
        return finish(await searchFiles(place, action, signal));
      case "fetch": {
        // Loaded here: most passes never leave the machine.
        const { fetchText } = await import("./fetch-text.ts");
        return finish(await fetchText(action.url, signal));
      }
      case "start-agent":
        return finish({});
    }
  } catch (error) {
    if (!(error instanceof NimrodError)) throw error;
    return finish({ status: "failed", ended: "refused", reason: error.message });
  }
}

/** Where this action would happen, for evidence: in the sandbox, or on the host itself. */
export function vantageOf(action: Action, decision: Decision, sandbox: Sandbox): "sandbox" | "host" {
  const onHost =
    action.kind === "fetch" ||
    ("target" in action && action.target === "host") ||
    decision.vantage === "host" ||
    sandbox.kind === "none";
  return onHost ? "host" : "sandbox";
}

async function runAction(
  action: Extract<Action, { kind: "run" }>,
  decision: Decision,
  place: Place,
  signal: AbortSignal,
): Promise<ExecOutcome> {
  const argv = commandLine(action, decision);
  const cwd = resolve(place.root, action.cwd ?? ".");
  await assertInside(place.root, cwd);
  const limits = { timeoutMs: place.commandTimeoutMs, maxOutputBytes: keptOutputBytes, signal };
  if (vantageOf(action, decision, place.sandbox) === "host") {
    const [file = "", ...args] = argv;
    return exec({ ...limits, file, args, cwd, env: place.env });
  }
  const network = (decision.needs ?? []).length > 0;
  if (!place.writable && !network) return look(place, argv, cwd, limits);
  return exec({ ...limits, ...(await enclosed(place, argv, cwd, network)) });
}

/**
 * Text is run by bash, whose grammar the classifier parsed; no start-up file is read. A live read outside the sandbox
 * is started by its words alone: no shell is near it.
 */
function commandLine(action: Extract<Action, { kind: "run" }>, decision: Decision): readonly string[] {
  const words = "argv" in action ? action.argv : liveRead(action.command, decision);
  if (words === null) {
    return ["bash", "--noprofile", "--norc", "-c", "command" in action ? action.command : ""];
  }
  if ((words[0] ?? "") === "") throw new NimrodError("failed", "an empty argv");
  return words;
}

function liveRead(command: string, decision: Decision): string[] | null {
  if (decision.vantage !== "host") return null;
  const parsed = parseCommand(command);
  const words = parsed.kind === "parsed" ? staticArgv(parsed) : null;
  if (words === null) throw new NimrodError("failed", "a live read of the host must be one plain command");
  return words;
}

function fromOutcome(outcome: ExecOutcome): Partial<Performed> {
  if (outcome.kind === "missing")
    return { status: "failed", exit: 127, ended: "missing", reason: outcome.message };
  const exit = outcome.kind === "exited" ? outcome.code : null;
  return {
    status: exit === 0 ? "done" : "failed",
    exit,
    ended: outcome.kind,
    stdout: outcome.stdout.text,
    stderr: outcome.stderr.text,
    truncated: outcome.stdout.truncated || outcome.stderr.truncated,
    outputDigest: outcome.stdout.sha256,
    reason: exit === null ? `ended by ${outcome.kind}` : null,
  };
}
