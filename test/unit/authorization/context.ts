import type { Decision, Tier } from "../../../src/authorization/action.ts";
import { classify } from "../../../src/authorization/classify.ts";
import type { ClassifyContext } from "../../../src/authorization/context.ts";
import { defaultPolicy, type Policy } from "../../../src/authorization/policy.ts";

export function context(changes: Partial<ClassifyContext> = {}): ClassifyContext {
  return {
    worktree: "/home/ann/lab",
    role: "implementer",
    mayWrite: true,
    sandbox: "bwrap",
    realPath: (path) => path,
    frozen: () => false,
    home: "/home/ann",
    state: "/home/ann/.local/state/nimrod/lab-00000000",
    host: "lab",
    ...changes,
  };
}

export function run(
  command: string,
  changes: Partial<ClassifyContext> = {},
  policy: Policy = defaultPolicy,
): Decision {
  return classify({ kind: "run", command }, context(changes), policy);
}

/** Commands of one family of tools by the tier that each needs. */
export type FamilyRows = Readonly<Partial<Record<Tier, readonly string[]>>>;
