import * as z from "zod";
import { effectKinds, effectScopes, tiers } from "../../authorization/action.ts";
import { closeReasons, linkKinds, statuses, types } from "../../tickets/ticket.ts";

/** What several documents of `--json` are made of. Lists are read-only for whoever prints them. */

export const text = z.string();
export const maybe = z.nullable(z.string());
export const texts = list(text);
/** RFC 3339 in UTC, or as a person wrote it in the ticket. */
export const time = z.string();

export function list<S extends z.core.$ZodType>(item: S) {
  return z.array(item).readonly();
}

/** A ticket's fields, named as in its file. */
export const ticketFields = {
  id: text,
  title: text,
  status: z.enum(statuses),
  type: z.enum(types),
  priority: z.int().min(0).max(4),
  labels: texts,
  assignee: maybe,
  depends_on: texts,
  bootstraps: texts,
  part_of: texts,
  local_variant_of: texts,
  conflicts_with: texts,
  related: texts,
  external_ref: maybe,
  created: z.nullable(time),
  defer_until: z.nullable(time),
  stage: maybe,
  branch: maybe,
  closed: z.nullable(time),
  close_reason: z.nullable(z.enum(closeReasons)),
  evidence: maybe,
  path: text,
};

export const ticket = z.strictObject(ticketFields);
/** With what holds it back: ids, unknown ones included. */
export const waitingTicket = z.strictObject({ ...ticketFields, blocked_by: texts });

/** A file that cannot be read as a ticket. Lines count from 1. */
export const broken = list(z.strictObject({ path: text, line: z.int(), found: text, expected: text }));

export const link = z.strictObject({
  kind: z.enum(linkKinds),
  direction: z.enum(["out", "in"]),
  id: text,
  title: maybe,
  status: maybe,
});

export const tier = z.enum(tiers);
export const effects = list(
  z.strictObject({ kind: z.enum(effectKinds), target: text, scope: z.enum(effectScopes) }),
);

/** Why a ticket is not taken, in one word and in a sentence, and what would change that. */
export const skipped = list(
  z.strictObject({
    id: text,
    title: text,
    kind: z.enum([
      "later",
      "running",
      "waits",
      "failed",
      "review",
      "draft",
      "blocked",
      "depends",
      "epic",
      "deferred",
    ]),
    reason: text,
    command: maybe,
  }),
);

/** Recorded revisions of criteria, oldest first. */
export const revisions = list(z.strictObject({ ac: text, text, by: text, reason: text, at: time }));
