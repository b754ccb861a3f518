import { NimrodError } from "../../errors.ts";
import { readSource } from "../../platform/json-source.ts";
import { exampleProblems } from "./examples.ts";
import { type Policy, policySchema } from "./schema.ts";

/** A policy from the outside: exactly one, with examples that hold, or an error that says where it is not. */

/** Throws NimrodError "broken", naming `where`, for anything that is not exactly a policy. */
export function parsePolicy(value: unknown, where: string): Policy {
  const read = readPolicy(value);
  if ("policy" in read) return read.policy;
  throw broken(
    where,
    read.problems.map(({ message }) => ({ where, message })),
  );
}

/** The same from the text of a file, naming `path:line`. */
export function parsePolicyText(text: string, path: string): Policy {
  const source = readSource(text);
  if ("message" in source)
    throw broken(path, [{ where: `${path}:${source.line}`, message: `not valid JSON: ${source.message}` }]);
  const twice = source.twice.map((each) => ({
    where: `${path}:${each.line}`,
    message: `${each.path} is there twice`,
  }));
  const read = readPolicy(source.value);
  if ("policy" in read && twice.length === 0) return read.policy;
  const found = "problems" in read ? read.problems : [];
  throw broken(path, [
    ...twice,
    ...found.map(({ path: keys, message }) => ({ where: `${path}:${source.lineOf(keys)}`, message })),
  ]);
}

type Problem = { path: PropertyKey[]; message: string };

function readPolicy(value: unknown): { policy: Policy } | { problems: Problem[] } {
  const parsed = policySchema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => {
      const extra = issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
      const keys = issue.path.map(String).join(".") || "policy";
      return { path: [...issue.path, ...extra], message: `not a valid policy: ${keys}: ${issue.message}` };
    });
    return { problems };
  }
  const problems = exampleProblems(parsed.data);
  return problems.length > 0 ? { problems } : { policy: parsed.data };
}

function broken(path: string, problems: { where: string; message: string }[]): NimrodError {
  const first = problems[0] ?? { where: path, message: "not a valid policy" };
  return new NimrodError("broken", `${first.where}: ${first.message}`, {
    where: first.where,
    lines: problems.slice(1).map(({ where, message }) => `${where}: ${message}`),
    hint: "nimrod policy check",
  });
}
