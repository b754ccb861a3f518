import { z } from "zod";
import { isTimeZone, weekdays } from "./windows.ts";

/** What `.nimrod/policy.json` may say, key by key. docs/policy.md explains it, and a test compares the two. */

const glob = z.string().min(1).max(1000);
/** Longer lists belong into several rules; each entry is held against each command. */
const listed = 200;
const hostName = z.string().min(1).max(253);
const reason = z.string().min(1).max(500);
const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, "expected a name of small letters, digits and hyphens");
const examples = z.strictObject({
  match: z.array(z.string()).max(listed).default([]),
  notMatch: z.array(z.string()).max(listed).default([]),
});
/** When a rule holds: inside one window, outside another, or both. Without either it always does. */
const times = { during: name.optional(), outside: name.optional() };

const timeOfDay = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, "expected a time of day, 00:00 to 24:00");
const windowSchema = z
  .strictObject({
    zone: z.string().refine(isTimeZone, "expected a time zone such as Europe/Berlin or UTC"),
    days: z
      .array(z.enum(weekdays))
      .min(1)
      .default([...weekdays]),
    from: timeOfDay,
    /** Earlier than `from`: it ends on the next day. */
    to: timeOfDay,
  })
  .refine((window) => window.from !== window.to && window.from !== "24:00", "begins when it ends");

const hostSchema = z.strictObject({
  /** `*.example.org` covers every name below it. */
  names: z.array(hostName).min(1).max(100),
  /** At least this for every action that talks to it. */
  tier: z.enum(["brief", "explicit", "deny"]).optional(),
});

const resourceSchema = z
  .strictObject({
    ports: z.array(z.int().min(1).max(65_535)).max(listed).default([]),
    units: z.array(z.string().min(1).max(255)).max(listed).default([]),
    dns: z.array(hostName).max(listed).default([]),
    volumes: z.array(glob).max(listed).default([]),
    /** Whoever changes it must have declared it in the plan. */
    protected: z.boolean().default(false),
  })
  .refine(
    ({ ports, units, dns, volumes }) => ports.length + units.length + dns.length + volumes.length > 0,
    "names no port, unit, DNS name or volume",
  );

const ruleSchema = z
  .strictObject({
    /** All given kinds must match; of one kind, any pattern. `*` stands for any text, in paths too. */
    match: z
      .strictObject({
        command: z.array(glob).min(1).max(listed).optional(),
        path: z.array(glob).min(1).max(listed).optional(),
        host: z.array(hostName).min(1).max(listed).optional(),
      })
      .refine(
        ({ command, path, host }) => command !== undefined || path !== undefined || host !== undefined,
        "needs a command, a path or a host",
      ),
    /** `none` lowers what is `brief`; the others raise. */
    tier: z.enum(["none", "brief", "explicit", "deny"]),
    ...times,
    reason: reason.optional(),
    /** Checked when the policy is loaded: a rule that does not do what its author thinks is a broken policy. */
    examples: examples.optional(),
  })
  .superRefine(({ match, tier, examples: shown }, issues) => {
    if (tier !== "none") return;
    const say = (path: string[], message: string) => issues.addIssue({ code: "custom", path, message });
    if (match.command === undefined && match.path === undefined)
      say(["match"], "a rule that lowers needs a command or a path");
    if (match.command?.some((pattern) => /^[*\s]/.test(pattern)))
      say(["match", "command"], "a pattern that lowers begins with the name of a command");
    if (match.path?.some((pattern) => /^[*/.]*$/.test(pattern)))
      say(["match", "path"], "a pattern that lowers names something");
    if ((shown?.match.length ?? 0) === 0) say(["examples"], "a rule that lowers shows an example of it");
  });

/** A word of a standing approval: nothing that a shell would look at twice. `{part}` may stand in it. */
const shapeWord = z
  .string()
  .max(1000)
  .regex(/^[A-Za-z0-9_@%+=:,./{}-]+$/, "expected a plain word, with {part} for what may vary");
const partValue = z
  .string()
  .max(255)
  .regex(
    /^(?!.*\*.*\*)[A-Za-z0-9_*][A-Za-z0-9_@%+=:,.*-]*$/,
    "expected a plain word; one * stands for part of a name",
  );

const standingSchema = z
  .strictObject({
    name,
    /** Word for word what may be run. */
    run: z.array(shapeWord).min(1).max(64),
    parts: z.record(z.string().regex(/^[a-z][a-z0-9]*$/), z.array(partValue).min(1).max(100)).default({}),
    target: z.enum(["worktree", "host"]),
    /** Files of the worktree that it may change. */
    paths: z.array(glob).max(100).default([]),
    uses: z
      .strictObject({
        total: z.int().min(1).max(10_000).optional(),
        /** In any 24 hours. */
        perDay: z.int().min(1).max(1_000).optional(),
      })
      .refine(({ total, perDay }) => total !== undefined || perDay !== undefined, "needs total or perDay"),
    /** A date ends when it begins, in UTC. */
    expires: z.union([z.iso.datetime({ offset: true }), z.iso.date()]),
    ...times,
    reason,
    examples: examples.refine((shown) => shown.match.length > 0, "shows an example of what it covers"),
  })
  .superRefine(({ run, parts }, issues) => {
    const say = (path: string[], message: string) => issues.addIssue({ code: "custom", path, message });
    if (!/^[A-Za-z0-9][A-Za-z0-9_.+-]*$/.test(run[0] ?? ""))
      say(["run"], "begins with the plain name of a command");
    const used = run.flatMap((word) => [...word.matchAll(/\{([^{}]*)\}/g)].map(([, part = ""]) => part));
    if (run.some((word) => (word.match(/\{/g) ?? []).length > 2)) say(["run"], "has a word of three parts");
    if (run.some((word) => /[{}]/.test(word.replaceAll(/\{[^{}]*\}/g, ""))))
      say(["run"], "has a brace that belongs to no part");
    for (const part of used) if (!Object.hasOwn(parts, part)) say(["run"], `{${part}} is not named in parts`);
    for (const part of Object.keys(parts))
      if (!used.includes(part)) say(["parts", part], "stands in no word of run");
  });

export const policySchema = z
  .strictObject({
    version: z.literal(1),
    /** Are brief actions done under a recorded assumption, or asked for in one line? */
    brief: z.enum(["assume", "ask"]).default("assume"),
    rules: z.array(ruleSchema).max(1000).default([]),
    /** Hosts the network may be opened to: names, or names of `hosts`. */
    egress: z.array(hostName).max(1000).default([]),
    hosts: z.record(name, hostSchema).default({}),
    windows: z.record(name, windowSchema).default({}),
    resources: z.record(name, resourceSchema).default({}),
    standing: z.array(standingSchema).max(100).default([]),
  })
  .superRefine(({ rules, windows, standing }, issues) => {
    const timed = [
      ...rules.map((rule, index) => ({ ...rule, path: ["rules", index] })),
      ...standing.map((one, index) => ({ ...one, path: ["standing", index] })),
    ];
    for (const { during, outside, path } of timed) {
      for (const [key, window] of Object.entries({ during, outside })) {
        if (window !== undefined && !Object.hasOwn(windows, window))
          issues.addIssue({ code: "custom", path: [...path, key], message: `no window is called ${window}` });
      }
    }
    const names = standing.map((one) => one.name);
    for (const [index, one] of names.entries()) {
      if (names.indexOf(one) !== index)
        issues.addIssue({ code: "custom", path: ["standing", index, "name"], message: `${one} is taken` });
    }
  });

export type Policy = z.infer<typeof policySchema> & {
  /** Nobody has trusted what it loosens: lowering rules do not count. */
  untrusted?: true;
};
export type Rule = Policy["rules"][number];
export type Standing = Policy["standing"][number];
export type Window = Policy["windows"][string];
export type Resource = Policy["resources"][string];
