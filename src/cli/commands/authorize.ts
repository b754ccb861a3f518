import { hostname } from "node:os";
import * as z from "zod/mini";
import type { Action, Decision } from "../../authorization/action.ts";
import { classify } from "../../authorization/classify.ts";
import type { ClassifyContext } from "../../authorization/context.ts";
import {
  decisionToJson,
  describeExplanation,
  type Explanation,
  explain,
} from "../../authorization/explain.ts";
import { defaultPolicy, type Policy } from "../../authorization/policy.ts";
import { NimrodError } from "../../errors.ts";
import { repositoryStateFolder } from "../../platform/paths.ts";
import { realPathSoFar } from "../../platform/real-path.ts";
import { probeSandbox } from "../../workspace/sandbox.ts";
import type { Context } from "../context.ts";
import { inertNote, loadProjectPolicy } from "../load-policy.ts";
import { flagOption, type Options } from "../options.ts";
import { stdinLines } from "../stdin-lines.ts";

/** Explains decisions without running anything: of the command after `--`, or of every line on stdin. */
export async function authorize(
  context: Context,
  args: readonly string[],
  options: Options,
): Promise<number> {
  const jsonl = flagOption(options, "jsonl");
  if (jsonl === args.length > 0) {
    throw new NimrodError("usage", "give either a command or --jsonl", {
      hint: "nimrod authorize -- git push --force",
    });
  }
  const root = context.projectRoot ?? context.cwd;
  const policy = await policyFor(context);
  const facts = await classifyFacts(context, root);
  if (jsonl) return answerLines(context, (action) => classify(action, facts, policy));
  printExplanation(context, explain(actionOf(args), facts, policy));
  return 0;
}

async function policyFor(context: Context): Promise<Policy> {
  const { projectRoot: root, stateHome } = context;
  if (root === null) return defaultPolicy;
  const stateFolder = repositoryStateFolder(context.env, root);
  const loaded = await loadProjectPolicy({ root, stateFolder, stateHome });
  const note = inertNote(loaded);
  if (note !== null) context.output.say({ text: note, style: "yellow" });
  return loaded.policy;
}

/** As for a pass that may write, working in this folder. */
async function classifyFacts(context: Context, root: string): Promise<ClassifyContext> {
  const sandbox = await probeSandbox({ ...context.env });
  return {
    worktree: realPathSoFar(root),
    role: null,
    mayWrite: true,
    sandbox: sandbox.kind,
    realPath: realPathSoFar,
    frozen: () => false,
    home: context.home,
    state: context.stateHome,
    host: hostname(),
    now: context.clock.now,
  };
}

/** One word with white space in it is a command line; several words, or one plain one, are an argv. */
function actionOf(words: readonly string[]): Action {
  const [only = ""] = words;
  return words.length === 1 && /\s/.test(only)
    ? { kind: "run", command: only }
    : { kind: "run", argv: [...words] };
}

const id = z.union([z.string(), z.number()]);
const namedSchema = z.object({ id });
const lineSchema = z.object({ id, command: z.string(), cwd: z.optional(z.string()) });

async function answerLines({ output }: Context, decide: (action: Action) => Decision): Promise<number> {
  let exit = 0;
  for await (const text of stdinLines()) {
    if (output.isClosed()) break;
    if (text !== null && text.trim() === "") continue;
    const line = parseLine(text);
    if (!("command" in line)) {
      exit = 2;
      const reason = 'not a line of {"id","command","cwd"?}';
      const { id } = line;
      output.jsonLine({ id, tier: "explicit", rule: "authorize.unreadable-line", reason, effects: [] });
      continue;
    }
    const { id, command, cwd } = line;
    const action: Action = cwd === undefined ? { kind: "run", command } : { kind: "run", command, cwd };
    output.jsonLine({ id, ...decisionToJson(decide(action)) });
  }
  return exit;
}

/** What cannot be read is answered by a row of its own, under its id where it has one. */
function parseLine(text: string | null): z.infer<typeof lineSchema> | { id: string | number | null } {
  let value: unknown = null;
  try {
    value = JSON.parse(text ?? "");
  } catch {
    return { id: null };
  }
  const line = lineSchema.safeParse(value);
  if (line.success) return line.data;
  const named = namedSchema.safeParse(value);
  return { id: named.success ? named.data.id : null };
}

const tierStyles = { none: "green", brief: "cyan", explicit: "yellow", deny: "red" } as const;

function printExplanation({ output }: Context, explanation: Explanation): void {
  const { decision, parts } = explanation;
  const { vantage = null, needs = [], instead = null } = decision;
  output.document("decision", { ...decisionToJson(decision), vantage, needs, parts, instead });
  const [verdict = "", ...reasons] = describeExplanation(explanation);
  output.line({ text: verdict, style: tierStyles[decision.tier] });
  for (const reason of reasons) output.line(`  ${reason}`);
}
