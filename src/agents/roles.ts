import { z } from "zod";
import type { Role } from "./role-names.ts";

/** What each role returns. Strict: a field nobody asked for is an error, so nothing slips through unread. */

const text = z.string().min(1).max(20_000);
const line = z.string().min(1).max(500);
const list = <T extends z.ZodType>(item: T) => z.array(item).max(200);
const linkKind = z.enum([
  "depends_on",
  "bootstraps",
  "part_of",
  "local_variant_of",
  "conflicts_with",
  "related",
]);
const shortId = z.string().regex(/^[A-Z]{1,3}[0-9]{1,4}$/, "expected a short id such as F1 or AC2");

export const questionSchema = z.strictObject({
  id: shortId,
  kind: z.enum(["choice", "yesno", "text", "number"]),
  text: line,
  options: list(line).optional(),
  default: z.string().max(500).optional(),
  defaultSource: z.string().max(500).optional(),
  neededFor: list(line).default([]),
});
export type Question = z.infer<typeof questionSchema>;

export const triageSchema = z.strictObject({
  pick: line,
  order: list(z.strictObject({ id: line, reason: line })),
  summary: text,
  conflicts: list(z.strictObject({ a: line, b: line, what: line })),
});

const findingSchema = z.strictObject({
  id: shortId,
  claim: text,
  sources: list(
    z.union([
      z.strictObject({ path: line, lines: z.string().max(40).optional() }),
      z.strictObject({ url: line, lines: z.string().max(40).optional() }),
      z.strictObject({ command: text, lines: z.string().max(40).optional() }),
    ]),
  ),
});

export const researchSchema = z.strictObject({
  findings: list(findingSchema),
  constraints: list(text),
  links: list(z.strictObject({ kind: linkKind, to: line, why: line })),
  questions: list(questionSchema),
});

const path = z.string().min(1).max(4096);
const doSchema = z.union([
  z.strictObject({ write: z.strictObject({ path, content: z.string().max(1_000_000) }) }),
  z.strictObject({
    edit: z.strictObject({ path, old: z.string().max(1_000_000), new: z.string().max(1_000_000) }),
  }),
  z.strictObject({
    run: z.union([
      z.strictObject({ argv: z.array(z.string().max(65_536)).min(1).max(1000) }),
      z.strictObject({ command: z.string().min(1).max(65_536) }),
    ]),
  }),
  z.strictObject({ agent: z.strictObject({ paths: list(path), commands: list(line) }) }),
]);
export type StepDo = z.infer<typeof doSchema>;

const stepSchema = z.strictObject({
  id: shortId,
  title: line,
  intent: text,
  do: doSchema,
  target: line,
  verify: z.string().min(1).max(65_536).optional(),
  undo: z.string().min(1).max(65_536).optional(),
  after: z.enum(["land"]).optional(),
  resources: list(line).optional(),
  inputs: list(path).optional(),
  rehearse: z.string().min(1).max(65_536).optional(),
});
export type PlanStep = z.infer<typeof stepSchema>;

export const planSchema = z.strictObject({
  slice: text,
  outOfScope: list(text),
  steps: list(stepSchema),
  criteria: list(
    z.strictObject({
      ac: shortId,
      verify: z.string().min(1).max(65_536).optional(),
      attest: line.optional(),
      target: line,
    }),
  ),
  covers: list(z.strictObject({ ref: shortId, by: text })),
  docs: list(z.union([z.strictObject({ path }), z.strictObject({ none: z.literal(true), reason: text })])),
  risks: list(z.strictObject({ id: shortId, text, owner: line.optional() })),
  questions: list(questionSchema),
});

export const implementSchema = z.strictObject({
  steps: list(z.strictObject({ id: shortId, status: z.enum(["done", "skipped"]), note: text.optional() })),
  deviations: list(z.strictObject({ step: shortId, why: text })),
});

export const reviewSchema = z.strictObject({
  verdict: z.enum(["approve", "changes"]),
  criteria: list(z.strictObject({ ac: shortId, met: z.boolean(), evidence: text })),
  findings: list(
    z.strictObject({
      id: shortId,
      severity: z.enum(["critical", "major", "minor"]),
      path: path.optional(),
      lines: z.string().max(40).optional(),
      text,
      status: z.enum(["new", "open", "closed"]),
    }),
  ),
});

export const closeSchema = z.strictObject({
  summary: text,
  notDone: list(text),
  followUps: list(
    z.strictObject({
      title: line,
      type: z.enum(["task", "bug", "feature", "chore", "docs", "spike", "epic"]),
      priority: z.number().int().min(0).max(4),
      body: z.string().max(20_000),
      link: linkKind,
    }),
  ),
  changeLog: list(z.strictObject({ step: shortId, text })),
  links: list(z.strictObject({ kind: linkKind, to: line, why: line })),
  risks: list(z.strictObject({ id: shortId, text, owner: line })),
});

export const delegateSchema = z.strictObject({
  answer: text,
  findings: list(findingSchema),
  unknowns: list(text),
});

export type Triage = z.infer<typeof triageSchema>;
export type Research = z.infer<typeof researchSchema>;
export type Plan = z.infer<typeof planSchema>;
export type Implementation = z.infer<typeof implementSchema>;
export type Review = z.infer<typeof reviewSchema>;
export type Closing = z.infer<typeof closeSchema>;
export type Delegated = z.infer<typeof delegateSchema>;

export const roleSchemas = {
  triager: triageSchema,
  researcher: researchSchema,
  planner: planSchema,
  implementer: implementSchema,
  reviewer: reviewSchema,
  closer: closeSchema,
  delegate: delegateSchema,
} as const satisfies Record<Role, z.ZodType>;
