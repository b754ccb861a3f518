import * as z from "zod/mini";

/** `nimrod.json` of a project, and `config.json` of a user, who may add `consent`. Strict: no key goes unread. */

const positive = z.number().check(z.positive());
const whole = z.int().check(z.positive());

export const adapterNames = ["plain", "builtin", "claude", "codex", "gemini", "acp"] as const;
export type AdapterName = (typeof adapterNames)[number];

const words = z.array(z.string().check(z.minLength(1))).check(z.minLength(1));

/** Becomes an argument of the CLI, so it must not look like an option. */
const model = z.string().check(
  z.refine((text) => /^[\p{L}\p{N}][^\s\p{C}]{0,199}$/u.test(text), {
    error: "a model's name, without spaces and not beginning with -",
  }),
);

/** A name or an address of one machine, and a port: no patterns, so that what is shown is what is opened. */
const host = z
  .string()
  .check(z.refine(isHost, { error: "host or host:port, such as models.example.net or 127.0.0.1:8080" }));

const baseUrl = z.string().check(
  z.refine(isBaseUrl, {
    error: "an http or https address without a user, such as https://gateway.example.net/v1",
  }),
);

/** What Nimrod sets itself, and what would load code or send traffic elsewhere, is not handed on. */
const kept = /^(?:PATH|HOME|TMPDIR|NODE_OPTIONS|BASH_ENV|LD_.*|NIMROD_.*|.*_PROXY)$/i;

const variable = z.string().check(
  z.refine((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !kept.test(name), {
    error:
      "the name of a variable, and none of PATH, HOME, TMPDIR, NODE_OPTIONS, BASH_ENV, LD_*, NIMROD_*, *_PROXY",
  }),
);

function isHost(text: string): boolean {
  const match =
    /^((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?::([0-9]{1,5}))?$/i.exec(
      text,
    );
  if (match === null || text.length > 253) return false;
  const port = Number(match[2] ?? 443);
  return port >= 1 && port <= 65_535;
}

function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text) || /\s/.test(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  // A key in the address would be in every log; what follows ? or # would end up in the middle of the CLI's own paths.
  return /^https?:$/.test(protocol) && [username, password, search, hash].every((part) => part === "");
}

const agentSchema = z.strictObject({
  adapter: z.enum(adapterNames),
  /** argv, never a shell line; required for `plain` and `acp`. For a CLI that Nimrod knows, its program elsewhere than on PATH. */
  command: z.optional(words),
  /** Of `plain`: a process a round, or a line of JSON a round. */
  mode: z.optional(z.enum(["once", "stream"])),
  /** Who receives the repository's content; without it, nothing leaves the machine. */
  vendor: z.optional(z.string().check(z.minLength(1), z.maxLength(80))),
  /** As the CLI names it. */
  model: z.optional(model),
  /** Base address of the model server, in place of the vendor's own: a gateway, or a server on this machine. */
  baseUrl: z.optional(baseUrl),
  /** More `host` or `host:port` (443 without it) that the agent may reach, beside its model's. */
  hosts: z.optional(z.array(host)),
  /** Names of environment variables that it is given, beside those its adapter declares for logging in. */
  env: z.optional(z.array(variable)),
});

/** US dollars for a million tokens. */
const priceSchema = z.strictObject({
  input: z.number().check(z.nonnegative()),
  /** Input read from the vendor's cache; default: as `input`. */
  cached: z.optional(z.number().check(z.nonnegative())),
  output: z.number().check(z.nonnegative()),
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
      z.strictObject({ agent: z.optional(name), model: z.optional(model) }),
    ),
  ),
  /** By the beginning of a model's name; the longest that fits counts. */
  prices: z.optional(z.record(z.string().check(z.minLength(1)), priceSchema)),
  limits: z.optional(
    z.strictObject({
      passMinutes: z.optional(positive),
      idleSeconds: z.optional(positive),
      startSeconds: z.optional(positive),
      turns: z.optional(whole),
      tokens: z.optional(whole),
      usd: z.optional(z.number().check(z.nonnegative())),
      ticketUsd: z.optional(z.number().check(z.nonnegative())),
      tries: z.optional(z.int().check(z.gte(1), z.lte(3))),
      retrySeconds: z.optional(z.number().check(z.nonnegative())),
      askMinutes: z.optional(z.number().check(z.nonnegative())),
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

/** A program that is asked about actions: the prompt on stdin, one JSON object on stdout. */
const secondOpinionSchema = z.strictObject({
  /** argv, never a shell line. */
  command: words,
  /** Which tiers it is asked about; `none` only where there is an effect beside reading. */
  for: z.optional(z.array(z.enum(["none", "brief"])).check(z.minLength(1))),
  seconds: z.optional(z.number().check(z.positive(), z.lte(600))),
  hosts: z.optional(z.array(host)),
  env: z.optional(z.array(variable)),
});

export const projectSchema = z.strictObject(shape);
export const userSchema = z.strictObject({
  ...shape,
  consent: z.optional(z.array(z.string().check(z.minLength(1)))),
  secondOpinion: z.optional(secondOpinionSchema),
});
/** What only the operator's own file may say. */
export const userKeys: readonly string[] = Object.keys(userSchema.shape).filter((key) => !(key in shape));
export type ConfigFile = z.infer<typeof userSchema>;
