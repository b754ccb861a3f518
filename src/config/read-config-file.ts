import type * as z from "zod/mini";
import { NimrodError } from "../errors.ts";
import { nearestName } from "./nearest-name.ts";
import { type ConfigFile, projectSchema, userSchema } from "./schema.ts";

type Issue = z.core.$ZodIssue;

/** One configuration file's text, checked. Throws `config` with file:line and the key. */
export function parseConfigFile(text: string, path: string, owner: "project" | "user"): ConfigFile {
  const value = parseJson(text, path);
  const schema = owner === "user" ? userSchema : projectSchema;
  const read = schema.safeParse(value);
  if (!read.success) throw asError(read.error.issues, { text, path, owner, schema, value });
  for (const [name, agent] of Object.entries(read.data.agents ?? {})) {
    if (agent.adapter === "plain" && agent.command === undefined) {
      throw new NimrodError(
        "config",
        `agents.${name} has no command; a plain agent needs one, as a list of words`,
        {
          where: place(path, text, name),
        },
      );
    }
  }
  return read.data;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const position = /at position (\d+)/.exec(reason)?.[1];
    const line = position === undefined ? 1 : text.slice(0, Number(position)).split("\n").length;
    throw new NimrodError("config", `not valid JSON: ${reason}`, { where: `${path}:${line}`, cause });
  }
}

function asError(issues: readonly Issue[], file: SourceFile & { text: string; path: string }): NimrodError {
  const sentences = issues.map((issue) => sentence(issue, file));
  const first = sentences[0] ?? { key: "", message: "does not fit", hint: undefined };
  return new NimrodError("config", first.message, {
    where: place(file.path, file.text, first.key),
    lines: sentences.slice(1).map((other) => other.message),
    hint: first.hint,
  });
}

type SourceFile = { owner: "project" | "user"; schema: z.core.$ZodType; value: unknown };
type Sentence = { key: string; message: string; hint: string | undefined };

function sentence(issue: Issue, file: SourceFile): Sentence {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    const full = [...path, key].join(".");
    if (full === "consent" && file.owner === "project") {
      return {
        key,
        message: `"consent" is not a project's to give: it belongs in your own configuration file`,
        hint: undefined,
      };
    }
    const known = knownKeys(file.schema, path);
    const nearest = nearestName(key, known);
    return {
      key,
      message: `unknown key "${full}"; expected ${known.join(", ")}`,
      hint: nearest === undefined ? undefined : `did you mean ${nearest}?`,
    };
  }
  const name = path.join(".") || "the file";
  const found = JSON.stringify(at(file.value, path)) ?? "missing";
  return {
    key: path.at(-1) ?? "",
    message: `${name} is ${found.length > 60 ? `${found.slice(0, 60)}…` : found}; expected ${expected(issue)}`,
    hint: undefined,
  };
}

function expected(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.expected === "int"
        ? "a whole number"
        : `${/^[aeiou]/.test(issue.expected) ? "an" : "a"} ${issue.expected}`;
    case "invalid_value":
      return `one of ${issue.values.map(String).join(", ")}`;
    case "too_small":
      if (issue.origin === "array") return "at least one entry";
      if (issue.origin === "string") return "some text";
      return `${issue.inclusive === true ? "at least" : "more than"} ${issue.minimum}`;
    case "invalid_format":
      return `something like ${"pattern" in issue ? String(issue.pattern) : issue.format}`;
    case "invalid_key":
      return "other names of its keys";
    default:
      return "something else";
  }
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (current, key) =>
      typeof current === "object" && current !== null ? Reflect.get(current, key) : undefined,
    value,
  );
}

/** The keys that an object at this path may have. */
function knownKeys(schema: z.core.$ZodType, path: readonly string[]): string[] {
  const here = path.reduce<z.core.$ZodType | undefined>(
    (current, key) => current && child(current, key),
    schema,
  );
  const shape = here === undefined ? undefined : shapeOf(here);
  return shape === undefined ? [] : Object.keys(shape);
}

function child(schema: z.core.$ZodType, key: string): z.core.$ZodType | undefined {
  const def = unwrap(schema)._zod.def;
  if (def.type === "record") return "valueType" in def ? asSchema(def.valueType) : undefined;
  return shapeOf(schema)?.[key];
}

function shapeOf(schema: z.core.$ZodType): Record<string, z.core.$ZodType> | undefined {
  const def = unwrap(schema)._zod.def;
  if (def.type !== "object" || !("shape" in def)) return undefined;
  // The `type` tag has just said which definition it is.
  return def.shape as Record<string, z.core.$ZodType>;
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const def = schema._zod.def;
  if (def.type !== "optional" || !("innerType" in def)) return schema;
  const inner = asSchema(def.innerType);
  return inner === undefined ? schema : unwrap(inner);
}

function asSchema(value: unknown): z.core.$ZodType | undefined {
  return typeof value === "object" && value !== null && "_zod" in value
    ? (value as z.core.$ZodType)
    : undefined;
}

/** `path:line` of a key, found in the text: near enough for a person, and JSON.parse keeps no positions. */
function place(path: string, text: string, key: string): string {
  const at = key === "" ? -1 : text.indexOf(JSON.stringify(key));
  return at < 0 ? path : `${path}:${text.slice(0, at).split("\n").length}`;
}
