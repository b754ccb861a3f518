import * as z from "zod";
import { requestSchema } from "../../authorization/approvals.ts";
import { effects, list, maybe, text, texts, tier, time } from "./parts.ts";

/** One simple command that was found in an action; `parts` are what it wraps or substitutes. */
type Part = {
  command: string;
  tier: z.infer<typeof tier>;
  rule: string;
  reason: string;
  effects: z.infer<typeof effects>;
  parts: readonly Part[];
};
const part: z.ZodType<Part> = z.strictObject({
  command: text,
  tier,
  rule: text,
  reason: text,
  effects,
  get parts() {
    return list(part);
  },
});

const approval = requestSchema.extend({ state: text, expires: z.nullable(time), denied: maybe });

/** What commands about authorization print, by `kind`. */
export const gateDocuments = {
  decision: z.strictObject({
    tier,
    rule: text,
    reason: text,
    effects,
    vantage: z.nullable(z.literal("host")),
    needs: texts,
    parts: list(part),
    instead: maybe,
  }),
  approvals: z.strictObject({ approvals: list(approval) }),
  /** The request's kind goes by another name here: `kind` is the document's. */
  approval: approval.omit({ kind: true }).extend({ requestKind: requestSchema.shape.kind }),
  trust: z.strictObject({
    digest: text,
    items: list(z.strictObject({ what: text, text })),
    trusted: z.boolean(),
    presence: z.optional(maybe),
  }),
  policy: z.strictObject({
    digest: text,
    trusted: z.boolean(),
    /** As it counts now, in the words of .nimrod/policy.json. */
    policy: z.looseObject({}),
    inert: texts,
    standing: list(
      z.strictObject({
        name: text,
        state: z.optional(text),
        used: z.optional(z.int()),
        why: z.optional(text),
        approver: z.optional(text),
        presence: z.optional(text),
      }),
    ),
  }),
  "policy-check": z.strictObject({
    path: text,
    digest: text,
    trusted: z.boolean(),
    remarks: list(z.strictObject({ where: text, state: text, message: text, hint: text })),
  }),
  "policy-test": z.strictObject({
    examples: list(
      z.strictObject({
        where: text,
        does: z.enum(["raises", "lowers", "covers"]),
        expected: z.boolean(),
        held: z.boolean(),
        text,
        ok: z.boolean(),
      }),
    ),
  }),
  "policy-sign": z.strictObject({ signed: texts, digest: text }),
};
