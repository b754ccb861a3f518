import fc from "fast-check";
import { expect, test } from "vitest";
import { type Action, type Tier, tiers } from "../../../../src/authorization/action.ts";
import { decide } from "../../../../src/authorization/gate.ts";
import { standingEffects } from "../../../../src/authorization/policy/floor.ts";
import { withoutLoosening } from "../../../../src/authorization/policy/loosening.ts";
import type { Rule } from "../../../../src/authorization/policy/schema.ts";
import { misfit } from "../../../../src/authorization/policy/shape.ts";
import { defaultPolicy, type Policy } from "../../../../src/authorization/policy.ts";
import { context } from "../context.ts";

/** Policies of every kind against actions of every tier. Examples are left out: they are checked before any of this. */

const rank = (tier: Tier): number => tiers.indexOf(tier);
const commands = [
  "ls",
  "git status",
  "npm test",
  "npm test > build/log",
  "touch build/a",
  "touch docs/a.md",
  "make && npm test",
  "git fetch origin",
  "curl https://example.org/x",
  "git push origin main",
  "systemctl reload caddy",
  "sudo ss -tlnp",
  "cat .env",
  "restic forget --keep-last 1",
  "ufw allow 22",
  "rm -rf /srv/x",
  "frobnicate",
  "bash deploy.sh",
  "echo x > tickets/a",
  "nimrod approve A-1",
  "cat ~/.local/state/nimrod/keys/approval.pem",
  "npm test; nimrod trust",
  "npm test | tee .nimrod/policy.json",
];
const actions: Action[] = [
  ...commands.map((command): Action => ({ kind: "run", command })),
  ...commands.map((command): Action => ({ kind: "run", command, target: "host" })),
  { kind: "write", path: "build/a", content: "x" },
  { kind: "write", path: ".nimrod/policy.json", content: "x" },
  { kind: "write", path: "../out", content: "x" },
  { kind: "read", path: "/etc/shadow" },
  { kind: "fetch", url: "https://example.org/x" },
];

const patterns = fc.array(
  fc.constantFrom(
    "*",
    "npm*",
    "npm test*",
    "git*",
    "sudo*",
    "touch*",
    "*x*",
    "make*",
    "nimrod*",
    "systemctl*",
  ),
  { minLength: 1, maxLength: 3 },
);
const paths = fc.array(fc.constantFrom("*", "build/*", "docs/*", "tickets/*", ".nimrod/*", "*.md"), {
  minLength: 1,
  maxLength: 2,
});
const hosts = fc.array(fc.constantFrom("example.org", "*.org", "everything"), { minLength: 1, maxLength: 2 });
const rule = fc.record(
  {
    match: fc.record({ command: patterns, path: paths, host: hosts }, { requiredKeys: [] }),
    tier: fc.constantFrom("none" as const, "brief" as const, "explicit" as const, "deny" as const),
    during: fc.constant("day"),
  },
  { requiredKeys: ["match", "tier"] },
) as fc.Arbitrary<Rule>;
const policies: fc.Arbitrary<Policy> = fc.record({
  version: fc.constant(1 as const),
  brief: fc.constantFrom("assume" as const, "ask" as const),
  rules: fc.array(rule, { maxLength: 5 }),
  egress: fc.array(fc.constantFrom("example.org", "*.org", "everything", "remote:origin"), { maxLength: 3 }),
  hosts: fc.constantFrom({}, { everything: { names: ["example.org", "remote:origin"] } }),
  windows: fc.constant({
    day: { zone: "UTC", days: ["mon" as const], from: "00:00", to: "24:00" },
  }),
  resources: fc.constantFrom(
    {},
    {
      all: { ports: [], units: ["caddy"], dns: [], volumes: ["build"], protected: true },
    },
  ),
  standing: fc.constant([]),
});
const times = fc.constantFrom(undefined, "2026-11-23T12:00:00Z", "2026-11-24T12:00:00Z");
const at = (time: string | undefined) => context(time === undefined ? {} : { now: () => new Date(time) });
const tierOf = (action: Action, policy: Policy, time?: string) =>
  decide(action, { context: at(time), policy, inPlan: null, plannedHosts: [] });

test("no policy makes anything of deny, and nothing explicit becomes less", () => {
  fc.assert(
    fc.property(policies, times, fc.constantFrom(...actions), (policy, time, action) => {
      // Opening a host is what egress is for: compared is with the same hosts open.
      const before = tierOf(action, { ...defaultPolicy, egress: policy.egress, hosts: policy.hosts }, time);
      const after = tierOf(action, policy, time);
      if (before.tier === "deny") expect(after.tier).toBe("deny");
      if (before.tier === "explicit") expect(rank(after.tier)).toBeGreaterThanOrEqual(rank("explicit"));
      if (after.tier === "none" && before.tier !== "none") {
        expect([before.tier, after.lowered]).toEqual(["brief", "brief"]);
        expect(after.vantage).toBeUndefined();
      }
    }),
    { numRuns: 3000 },
  );
});

test("a policy that nobody trusts makes nothing laxer than no policy at all", () => {
  fc.assert(
    fc.property(policies, times, fc.constantFrom(...actions), (policy, time, action) => {
      const before = tierOf(action, defaultPolicy, time);
      expect(rank(tierOf(action, withoutLoosening(policy), time).tier)).toBeGreaterThanOrEqual(
        rank(before.tier),
      );
    }),
    { numRuns: 2000 },
  );
});

test("taking a rule that lowers away makes nothing laxer; taking any away nothing laxer than the default", () => {
  fc.assert(
    fc.property(
      policies,
      times,
      fc.constantFrom(...actions),
      fc.nat({ max: 4 }),
      (policy, time, action, index) => {
        const taken = policy.rules[index];
        if (taken === undefined) return;
        const rest = { ...policy, rules: policy.rules.filter((each) => each !== taken) };
        const before = rank(tierOf(action, policy, time).tier);
        const after = rank(tierOf(action, rest, time).tier);
        if (taken.tier === "none") expect(after).toBeGreaterThanOrEqual(before);
        const raising = { ...rest, rules: rest.rules.filter(({ tier }) => tier !== "none") };
        const open = { ...defaultPolicy, egress: policy.egress, hosts: policy.hosts };
        expect(rank(tierOf(action, raising, time).tier)).toBeGreaterThanOrEqual(
          rank(tierOf(action, open, time).tier),
        );
      },
    ),
    { numRuns: 2000 },
  );
});

test("no standing approval covers what is not explicit, or an effect below the floor", () => {
  fc.assert(
    fc.property(fc.constantFrom(...actions), times, (action, time) => {
      if (action.kind !== "run" || !("command" in action)) return;
      const decision = tierOf(action, defaultPolicy, time);
      const standing = {
        name: "all",
        run: action.command.split(" "),
        parts: {},
        target: action.target ?? ("worktree" as const),
        paths: ["*"],
        uses: { total: 1 },
        expires: "2027-01-01",
        reason: "x",
        examples: { match: [], notMatch: [] },
      };
      if (misfit(standing, action, decision, at(time)) !== null) return;
      expect(decision.tier).toBe("explicit");
      expect(
        decision.effects.map(({ kind }) => kind).filter((kind) => !standingEffects.includes(kind)),
      ).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
