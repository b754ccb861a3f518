import * as z from "zod";
import { linkKinds } from "../../tickets/ticket.ts";
import {
  broken,
  link,
  list,
  maybe,
  revisions,
  skipped,
  text,
  texts,
  ticket,
  ticketFields,
  time,
  waitingTicket,
} from "./parts.ts";
import { run } from "./runs.ts";

const table = z.strictObject({ tickets: list(waitingTicket), total: z.int(), broken });

const evidence = z.strictObject({
  ticket: text,
  criteria: list(
    z.strictObject({
      ac: text,
      text,
      state: z.enum(["met", "unmet", "unknown"]),
      command: maybe,
      attestedBy: maybe,
      target: text,
      exit: z.nullable(z.int()),
      ended: text,
      tree: maybe,
      outputDigest: maybe,
      at: z.nullable(time),
      attest: maybe,
      waived: maybe,
      next: maybe,
    }),
  ),
  passes: list(
    z.strictObject({
      pass: text,
      agent: text,
      verdict: text,
      done: z.int(),
      assumed: z.int(),
      asked: z.int(),
      denied: z.int(),
      cost: z.optional(text),
    }),
  ),
  revisions,
  count: z.int(),
  heads: texts,
  waiting: texts,
});

/** What commands that read or edit tickets print, by `kind`. */
export const ticketDocuments = {
  "ticket-list": table,
  "ready-list": table,
  "blocked-list": table,
  ticket: z.strictObject({
    ticket: waitingTicket,
    links: list(link),
    waits: texts,
    run,
    evidence: z.nullable(evidence),
    body: text,
    broken,
  }),
  "ticket-created": z.strictObject({ ticket }),
  "ticket-edited": z.strictObject({ ticket, changed: z.boolean(), voids: z.boolean() }),
  "ticket-file": z.strictObject({ ticket: maybe, path: text, file: text }),
  revise: z.strictObject({
    ticket,
    criterion: text,
    from: text,
    text,
    verify: maybe,
    reason: text,
    by: maybe,
    changed: z.boolean(),
  }),
  search: z.strictObject({
    words: texts,
    tickets: list(
      z.strictObject({
        ...ticketFields,
        score: z.number(),
        matches: list(z.strictObject({ line: z.int(), text })),
      }),
    ),
    total: z.int(),
    broken,
  }),
  link: z.strictObject({
    from: text,
    link: z.enum(linkKinds),
    to: text,
    removed: z.boolean(),
    changed: z.boolean(),
  }),
  note: z.strictObject({
    ticket: text,
    path: text,
    note: z.strictObject({ at: time, author: text, text }),
  }),
  next: z.strictObject({
    ticket: text,
    title: text,
    why: text,
    resumes: z.boolean(),
    order: texts,
    equals: texts,
    passes: texts,
    agents: list(z.strictObject({ role: text, agent: maybe, vendor: maybe, model: maybe, why: text })),
    skipped,
    /** With --explain: every other ticket that is not closed. */
    others: z.optional(skipped),
  }),
};
