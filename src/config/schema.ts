import * as z from "zod/mini";

/** `nimrod.json` of a project, and `config.json` of a user, who may add `consent`. Strict: no key goes unread. */

const positive = z.number().check(z.positive());
const whole = z.int().check(z.positive());

/** A program that speaks `nimrod-pass/1`, or Nimrod's own. */
const agentSchema = z.strictObject({
  adapter: z.enum(["plain", "builtin"]),
  /** argv; required for `plain`. Never a shell line. */
  command: z.optional(z.array(z.string().check(z.minLength(1))).check(z.minLength(1))),
  mode: z.optional(z.enum(["once", "stream"])),
  /** Who receives the repository's content; without it, nothing leaves the machine. */
  vendor: z.optional(z.string().check(z.minLength(1))),
});

const name = z.string().check(z.regex(/^[a-z][a-z0-9._-]{0,39}$/i));

const shape = {
  /** Ids are `<idPrefix>-<6 of 0-9a-z>`. */
  idPrefix: z.optional(z.string().check(z.regex(/^[a-z][a-z0-9]{0,11}$/))),
  /** An entry of `agents`, an adapter, or `auto`. */
  agent: z.optional(name),
  agents: z.optional(z.record(name, agentSchema)),
  roles: z.optional(
    z.partialRecord(
      z.enum(["triager", "researcher", "planner", "implementer", "reviewer", "closer"]),
      z.strictObject({ agent: name }),
    ),
  ),
  limits: z.optional(
    z.strictObject({
      passMinutes: z.optional(positive),
      idleSeconds: z.optional(positive),
      startSeconds: z.optional(positive),
      turns: z.optional(whole),
      usd: z.optional(z.number().check(z.nonnegative())),
      slice: z.optional(
        z.strictObject({
          files: z.optional(whole),
          steps: z.optional(whole),
          lines: z.optional(whole),
          minutes: z.optional(positive),
        }),
      ),
    }),
  ),
  /** Shell lines that make a fresh checkout ready (install dependencies). Inert until trusted when the project brings them. */
  workspace: z.optional(z.strictObject({ setup: z.optional(z.array(z.string().check(z.minLength(1)))) })),
};

export const projectSchema = z.strictObject(shape);
export const userSchema = z.strictObject({ ...shape, consent: z.optional(z.array(z.string())) });
export type ConfigFile = z.infer<typeof userSchema>;

export type AgentEntry = {
  adapter: "plain" | "builtin";
  command: string[];
  mode: "once" | "stream";
  vendor: string | null;
};

/** The configuration with nothing left open. Minutes, seconds and US dollars as the names say. */
export type Config = {
  idPrefix: string;
  agent: string;
  agents: Record<string, AgentEntry>;
  roles: Record<string, { agent: string }>;
  limits: {
    passMinutes: number;
    idleSeconds: number;
    startSeconds: number;
    turns: number;
    usd: number;
    slice: { files: number; steps: number; lines: number | null; minutes: number | null };
  };
  workspace: { setup: string[] };
  /** Agents that may be sent any repository. Only the user's own file can say so. */
  consent: string[];
};

export const defaults: Config = {
  idPrefix: "nim",
  agent: "auto",
  agents: {},
  roles: {},
  limits: {
    passMinutes: 30,
    idleSeconds: 300,
    // A model server under load answers its first token late; idleSeconds takes over from there.
    startSeconds: 120,
    turns: 80,
    usd: 2,
    slice: { files: 20, steps: 12, lines: null, minutes: null },
  },
  workspace: { setup: [] },
  consent: [],
};
