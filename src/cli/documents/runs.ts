import * as z from "zod";
import { waitSchema } from "../../pipeline/journal.ts";
import { list, maybe, skipped, text, texts, time } from "./parts.ts";

/** Where the newest run of a ticket stands. */
export const run = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({ kind: z.literal("live"), owner: text, pid: z.int() }),
  z.strictObject({ kind: z.literal("cut") }),
  z.strictObject({ kind: z.literal("parked"), waits: list(waitSchema), satisfied: z.boolean() }),
  z.strictObject({ kind: z.literal("failed"), step: text, reason: text }),
  z.strictObject({ kind: z.literal("ended"), how: text }),
]);

/** One thing that a run waits for, with what a person types. */
const [approval, answer, doubt, trust, login] = waitSchema.def.options;
const command = { command: maybe };
const wait = z.discriminatedUnion("kind", [
  z.strictObject({ ...approval.shape, ...command }),
  z.strictObject({ ...answer.shape, ...command }),
  z.strictObject({ ...doubt.shape, ...command }),
  z.strictObject({ ...trust.shape, ...command }),
  z.strictObject({ ...login.shape, ...command }),
]);

/** The table of the life cycle had nothing left to do. */
const already = z.strictObject({ ticket: text, result: z.literal("already"), message: text });

const doneCheck = z.strictObject({
  id: text,
  title: text,
  met: z.boolean(),
  proof: list(text),
  command: maybe,
});

/** What commands print that run, land or look at the run of a ticket, by `kind`. */
export const runDocuments = {
  run: z.discriminatedUnion("result", [
    z.strictObject({ ticket: text, result: z.literal("in_review"), waits: list(wait) }),
    z.strictObject({ ticket: text, result: z.literal("until"), pass: text, waits: list(wait) }),
    z.strictObject({ ticket: maybe, result: z.literal("parked"), waits: list(wait) }),
    z.strictObject({ ticket: z.null(), result: z.literal("nothing"), waits: list(wait), skipped }),
    already,
  ]),
  resume: already,
  close: z.discriminatedUnion("result", [
    z.strictObject({
      ticket: text,
      result: z.enum(["closed", "unmet"]),
      commit: maybe,
      checks: list(doneCheck),
      followUps: texts,
    }),
    z.strictObject({
      ticket: text,
      result: z.enum(["wontfix", "duplicate", "superseded", "abandoned"]),
      path: text,
      checks: list(doneCheck),
    }),
    already,
  ]),
  reopen: z.union([z.strictObject({ ticket: text, path: text }), already]),
  rollback: z.union([z.strictObject({ ticket: text, commit: maybe, undone: texts }), already]),
  answers: z.strictObject({ ticket: text, answers: list(z.strictObject({ id: text, text, answer: text })) }),
  attest: z.strictObject({ ticket: text, criterion: text, by: text, evidence: text, tree: text }),
  diff: z.strictObject({
    ticket: text,
    base: text,
    head: text,
    files: list(z.strictObject({ path: text, test: z.boolean() })),
    diff: text,
  }),
  log: z.strictObject({
    ticket: text,
    run: maybe,
    live: z.boolean(),
    entries: list(z.strictObject({ time, step: maybe, what: maybe, tier: maybe, status: maybe })),
  }),
  transcript: z.strictObject({
    ticket: text,
    run: maybe,
    passes: list(
      z.strictObject({
        pass: text,
        step: maybe,
        lines: list(z.strictObject({ direction: z.enum(["in", "out", "err"]), text })),
        more: z.int(),
      }),
    ),
  }),
  prompt: z.strictObject({
    ticket: text,
    role: text,
    agent: text,
    model: maybe,
    protocol: z.enum(["once", "stream", "toolbox"]),
    prompt: text,
    manifest: z.strictObject({
      name: text,
      model: maybe,
      sections: list(
        z.strictObject({ name: text, source: text, bytes: z.int(), sha256: text, leftOut: z.int() }),
      ),
      digest: text,
    }),
  }),
};
