import { z } from "zod";
import { lineFinder, type Problem } from "./fences.ts";
import { parseYaml, type YamlNode } from "./hardened-yaml.ts";
import type { RunbookDo, RunbookStep } from "./ticket.ts";

/** Reads the YAML of a Runbook. Loaded on demand by `body.ts`: it brings the YAML library and zod. */

const text = z.string().trim().min(1);
const command = text;
const stepSchema = z
  .strictObject({
    title: text,
    write: text.optional(),
    content: z.string().optional(),
    edit: text.optional(),
    old: z.string().min(1).optional(),
    new: z.string().optional(),
    run: z.union([command, z.array(z.string()).min(1)]).optional(),
    verify: command.optional(),
    undo: command.optional(),
    target: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/, "expected one word")
      .optional(),
    after: z.literal("land").optional(),
    resources: z.union([text.transform((one) => [one]), z.array(text)]).optional(),
    rehearse: command.optional(),
  })
  .transform((step, context): RunbookStep => {
    const todo = readDo(step);
    if (typeof todo === "string") {
      context.addIssue({ code: "custom", message: todo });
      return z.NEVER;
    }
    return {
      title: step.title,
      do: todo,
      verify: step.verify ?? null,
      undo: step.undo ?? null,
      target: step.target ?? "worktree",
      after: step.after ?? null,
      resources: step.resources ?? [],
      rehearse: step.rehearse ?? null,
    };
  });
const runbookSchema = z.strictObject({ steps: z.array(stepSchema) });

type RawStep = {
  write?: string | undefined;
  content?: string | undefined;
  edit?: string | undefined;
  old?: string | undefined;
  new?: string | undefined;
  run?: string | string[] | undefined;
};

/** What a step does, or what is wrong with how it says so. */
function readDo(step: RawStep): RunbookDo | string {
  const { write, content, edit, old, run } = step;
  const kinds = [write, edit, run].filter((value) => value !== undefined).length;
  if (kinds !== 1) return "expected exactly one of write, edit and run";
  if (write === undefined && content !== undefined) return "expected content only beside write";
  if (edit === undefined && (old !== undefined || step.new !== undefined)) {
    return "expected old and new only beside edit";
  }
  if (write !== undefined) {
    return content === undefined ? "expected content beside write" : { kind: "write", path: write, content };
  }
  if (edit !== undefined) {
    if (old === undefined || step.new === undefined) return "expected old and new beside edit";
    return { kind: "edit", path: edit, old, new: step.new };
  }
  return Array.isArray(run) ? { kind: "run", argv: run } : { kind: "run", command: run ?? "" };
}

/** @param firstLine line of the file on which `yaml` starts. */
export function parseRunbook(yaml: string, firstLine: number): { steps: RunbookStep[]; problems: Problem[] } {
  const lineOf = lineFinder(yaml, firstLine);
  const parsed = parseYaml(yaml, 0);
  if (parsed.kind === "broken") {
    const problems = parsed.problems.map(({ offset, found, expected }) => ({
      // An error at the end of the YAML belongs to its last line, not to the fence.
      line: lineOf(Math.max(0, Math.min(offset, yaml.length - 1))),
      found,
      expected,
    }));
    return { steps: [], problems };
  }
  const { node } = parsed;
  const result = runbookSchema.safeParse(node === null ? null : toPlain(node));
  if (result.success) return { steps: result.data.steps, problems: [] };
  const problems = result.error.issues.map((issue) => {
    const offset = node === null ? 0 : offsetOf(node, issue.path, issueKey(issue));
    const where = issue.path.length === 0 ? "the Runbook" : issue.path.map(pathPart).join("");
    return {
      line: lineOf(offset),
      found: `${where}: ${issue.message}`,
      expected: "steps with title and one of write, edit, run",
    };
  });
  return { steps: [], problems };
}

// Every scalar stays the text that was written: `run: [sleep, 5]` and `verify: true` are words for a command line.
function toPlain(node: YamlNode): unknown {
  if (node.kind === "scalar") return node.text;
  if (node.kind === "list") return node.items.map(toPlain);
  // fromEntries defines own properties, so a key __proto__ is one more unknown key.
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, toPlain(value)]));
}

function offsetOf(root: YamlNode, path: readonly PropertyKey[], key: string | undefined): number {
  let node = root;
  let offset = root.at.start;
  for (const part of key === undefined ? path : [...path, key]) {
    if (node.kind === "list") {
      const item = node.items[Number(part)];
      if (item === undefined) return offset;
      node = item;
      offset = item.at.start;
    } else if (node.kind === "map") {
      const entry = node.entries.find((candidate) => candidate.key === part);
      if (entry === undefined) return offset;
      node = entry.value;
      offset = entry.keyAt.start;
    }
  }
  return offset;
}

function issueKey(issue: z.core.$ZodIssue): string | undefined {
  return issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
}

function pathPart(part: PropertyKey, index: number): string {
  if (typeof part === "number") return `[${part + 1}]`;
  return index === 0 ? String(part) : `.${String(part)}`;
}
