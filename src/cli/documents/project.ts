import * as z from "zod";
import { broken, list, maybe, revisions, skipped, text, texts, time } from "./parts.ts";

/** What an outcome says that is an answer and no failure, and what an error says on stderr. */
const told = { code: text, message: text, hint: maybe, where: maybe, lines: texts };

/** What commands about the project, the machine and the evidence print, by `kind`. */
export const projectDocuments = {
  init: z.strictObject({ root: text, made: texts }),
  setup: z.strictObject({ cwd: text, steps: list(z.strictObject({ command: text, does: text })) }),
  status: z.strictObject({
    needs: list(
      z.strictObject({
        kind: z.enum(["approval", "waits", "failed", "review"]),
        ticket: maybe,
        text,
        command: text,
      }),
    ),
    running: list(
      z.strictObject({ ticket: text, title: text, step: maybe, agent: maybe, since: z.nullable(time) }),
    ),
    held: skipped,
    done: list(z.strictObject({ ticket: text, title: text, how: text, at: time })),
    spent: z.nullable(z.number()),
    ready: z.nullable(z.strictObject({ ticket: text, title: text, why: text, more: z.int() })),
    health: z.strictObject({ tickets: z.int(), broken, unknown: texts, cycles: list(texts) }),
    next: text,
  }),
  config: z.strictObject({
    values: list(z.strictObject({ key: text, value: z.unknown(), origin: text, from: text })),
  }),
  "config-value": z.strictObject({ key: text, value: z.unknown(), origin: text }),
  "config-paths": z.strictObject({ files: list(z.looseObject({ path: maybe })) }),
  "merge-driver": z.strictObject({ path: text }),
  completion: z.strictObject({ shell: z.enum(["bash", "zsh", "fish"]), script: text }),
  help: z.strictObject({ text }),
  version: z.strictObject({ version: text }),
  "exit-codes": z.strictObject({ exitCodes: z.record(text, text) }),
  doctor: z.strictObject({
    healthy: z.boolean(),
    checks: list(
      z.strictObject({
        area: z.enum(["machine", "project", "agents", "tickets"]),
        level: z.enum(["ok", "note", "broken"]),
        text,
        hint: maybe,
      }),
    ),
    agents: list(
      z.strictObject({
        name: text,
        vendor: maybe,
        program: maybe,
        version: maybe,
        tested: z.nullable(z.boolean()),
        gate: z.nullable(z.enum(["full", "sandbox"])),
        probed: z.boolean(),
        login: texts,
      }),
    ),
    repairs: list(
      z.strictObject({
        kind: z.enum(["links", "remove", "new-id"]),
        path: text,
        section: maybe,
        add: texts,
        id: maybe,
        renamed: maybe,
        applied: z.boolean(),
      }),
    ),
  }),
  verify: z.strictObject({
    results: list(
      z.strictObject({
        ticket: text,
        revisions,
        ok: z.boolean(),
        count: z.int(),
        heads: texts,
        segments: list(
          z.strictObject({
            file: text,
            run: maybe,
            pass: text,
            records: z.int(),
            head: maybe,
            verdict: maybe,
            tree: maybe,
            key: maybe,
            opened: z.nullable(time),
            state: z.enum(["sealed", "live", "bad"]),
          }),
        ),
        problems: list(z.looseObject({ file: text, kind: text, message: text })),
      }),
    ),
    rerun: z.nullable(
      list(
        z.strictObject({
          ac: text,
          command: text,
          target: text,
          on: z.enum(["base", "candidate", "live"]),
          tree: text,
          exit: z.nullable(z.int()),
          ended: text,
          passed: z.boolean(),
          ms: z.number(),
          outputDigest: text,
          tail: text,
        }),
      ),
    ),
    joined: z.boolean(),
    ok: z.boolean(),
  }),
  "nothing-to-do": z.strictObject(told),
  "needs-person": z.strictObject(told),
  refused: z.strictObject(told),
  error: z.strictObject({
    ...told,
    where: z.optional(maybe),
    lines: z.optional(texts),
    stack: z.optional(text),
  }),
};
