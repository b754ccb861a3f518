import type * as z from "zod/mini";
import { catalog } from "../agents/catalog.ts";
import { NimrodError } from "../errors.ts";
import { readSource, type Source } from "../platform/json-source.ts";
import { nearestName } from "./nearest-name.ts";
import { type ConfigFile, projectSchema, userKeys, userSchema } from "./schema.ts";

type Issue = z.core.$ZodIssue;

/** One configuration file's text, checked. Throws `config` with file:line and the key. */
export function parseConfigFile(text: string, path: string, owner: "project" | "user"): ConfigFile {
  const source = parseJson(text, path);
  const { value } = source;
  const schema = owner === "user" ? userSchema : projectSchema;
  const read = schema.safeParse(value);
  if (!read.success) throw asError(read.error.issues, { ...source, path, owner, schema });
  for (const [name, agent] of Object.entries(read.data.agents ?? {})) {
    const problem = problemWith(name, agent);
    if (problem !== null) {
      throw new NimrodError("config", `agents.${name} ${problem.message}`, {
        where: `${path}:${source.lineOf(["agents", name])}`,
        hint: problem.hint,
      });
    }
  }
  return read.data;
}

/** What no single field can tell. */
function problemWith(
  name: string,
  { adapter, command, mode }: NonNullable<ConfigFile["agents"]>[string],
): { message: string; hint?: string | undefined } | null {
  if (adapter === "plain" && command === undefined) {
    return { message: "has no command; a plain agent needs one, as a list of words" };
  }
  const known = catalog.filter((row) => row.adapter === "acp").map((row) => row.name);
  if (adapter === "acp" && command === undefined && !known.includes(name)) {
    const nearest = nearestName(name, known);
    return {
      message: `has no command; an acp agent needs one, or one of the names ${known.join(", ")}`,
      hint: nearest === undefined ? undefined : `did you mean ${nearest}?`,
    };
  }
  if (adapter !== "plain" && mode !== undefined) return { message: "has a mode; only a plain agent has one" };
  return null;
}

function parseJson(text: string, path: string): Source {
  const source = readSource(text);
  if (!("value" in source)) {
    throw new NimrodError("config", `not valid JSON: ${source.message}`, { where: `${path}:${source.line}` });
  }
  const [twice] = source.twice;
  if (twice === undefined) return source;
  throw new NimrodError("config", `"${twice.path}" is there twice; only one of them would count`, {
    where: `${path}:${twice.line}`,
  });
}

function asError(issues: readonly Issue[], file: SourceFile & Source & { path: string }): NimrodError {
  const sentences = issues.map((issue) => sentence(issue, file));
  const first = sentences[0] ?? { keys: [], message: "does not fit", hint: undefined };
  return new NimrodError("config", first.message, {
    where: `${file.path}:${file.lineOf(first.keys)}`,
    lines: sentences.slice(1).map((other) => other.message),
    hint: first.hint,
  });
}

type SourceFile = { owner: "project" | "user"; schema: z.core.$ZodType; value: unknown };
type Sentence = { keys: string[]; message: string; hint: string | undefined };

function sentence(issue: Issue, file: SourceFile): Sentence {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    const full = [...path, key].join(".");
    if (userKeys.includes(full) && file.owner === "project") {
      return {
        keys: [...path, key],
        message: `"${full}" is not a project's to give: it belongs in your own configuration file`,
        hint: undefined,
      };
    }
    const known = knownKeys(file.schema, path);
    const nearest = nearestName(key, known);
    return {
      keys: [...path, key],
      message: `unknown key "${full}"; expected ${known.join(", ")}`,
      hint: nearest === undefined ? undefined : `did you mean ${nearest}?`,
    };
  }
  const name = path.join(".") || "the file";
  const value = at(file.value, path);
  // An address with a password in it is an error that must not tell the password to the terminal.
  const found = (JSON.stringify(value) ?? "missing").replaceAll(/\/\/[^/"]*@/g, "//…@");
  const nearest =
    issue.code === "invalid_value" ? nearestName(String(value), issue.values.map(String)) : undefined;
  return {
    keys: path,
    message: `${name} is ${found.length > 60 ? `${found.slice(0, 60)}…` : found}; expected ${expected(issue)}`,
    hint: nearest === undefined ? undefined : `did you mean ${nearest}?`,
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
    case "custom":
      return issue.message;
    case "too_big":
      return issue.origin === "string" ? `at most ${issue.maximum} characters` : `at most ${issue.maximum}`;
    case "invalid_key":
      return "another name";
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
  if (here === undefined) return [];
  const def = unwrap(here)._zod.def;
  const names = def.type === "record" && "keyType" in def ? asSchema(def.keyType) : undefined;
  return names === undefined ? Object.keys(shapeOf(here) ?? {}) : [...(names._zod.values ?? [])].map(String);
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
