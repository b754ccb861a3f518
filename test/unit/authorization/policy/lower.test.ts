import { describe, expect, test } from "vitest";
import { classify } from "../../../../src/authorization/classify.ts";
import { decide } from "../../../../src/authorization/gate.ts";
import { withoutLoosening } from "../../../../src/authorization/policy/loosening.ts";
import { parsePolicy } from "../../../../src/authorization/policy/parse.ts";
import { defaultPolicy, type Policy } from "../../../../src/authorization/policy.ts";
import { cpuMs } from "../../../support/cpu-time.ts";
import { context, run } from "../context.ts";

const where = ".nimrod/policy.json";
const parse = (policy: object) => parsePolicy({ version: 1, ...policy }, where);
const tests = {
  match: { command: ["npm test*", "npm run lint*"] },
  tier: "none",
  reason: "always fine",
  examples: { match: ["npm test", "npm run lint -- --quiet"], notMatch: ["npm publish"] },
};
const built = { match: { path: ["build/*"] }, tier: "none", examples: { match: ["build/app.js"] } };
const policy = parse({ rules: [tests, built] });

describe("a rule that lowers", () => {
  test.each([
    ["npm test", "none", "policy.1"],
    ["npm test && npm run lint", "none", "policy.1"],
    ["npm test -- --watch=false", "none", "policy.1"],
    ["bash -c 'npm test'", "brief", /./],
    ["npm test; make", "brief", /./],
    ["npm test > build/log.txt", "none", /policy\.[12]/],
    ["npm test > src/log.ts", "brief", /./],
    ["touch build/x", "none", "policy.2"],
    ["touch BUILD/x", "none", "policy.2"],
    ["touch build/x src/y", "brief", "write.worktree"],
    ["rm build/x", "none", "policy.2"],
    ["touch build/../src/y", "brief", "write.worktree"],
    ["npm test; npm publish", "explicit", /./],
    ["sudo npm test", "explicit", /./],
    ["npm test | tee tickets/active/x.md", "deny", "write.nimrod"],
    ["npm test $(cat ~/.ssh/id_rsa)", "explicit", /./],
    ["echo x > .git/hooks/pre-commit", "explicit", /./],
  ])("%s is %s", (command, tier, rule) => {
    const decision = run(command, {}, policy);
    expect(decision).toMatchObject({ tier, rule: expect.stringMatching(rule) });
    expect(decision.lowered).toBe(tier === "none" ? "brief" : undefined);
  });

  test("says what it was and why, and keeps the effects", () => {
    expect(run("npm test", {}, policy)).toMatchObject({
      reason: "always fine (runs the project's own code)",
      effects: run("npm test").effects,
    });
  });

  test("speaks of file actions by their paths", () => {
    const write = (path: string) =>
      classify(
        { kind: "write", path, content: "x" },
        context({ frozen: () => path.includes("frozen") }),
        policy,
      );
    expect(write("build/x")).toMatchObject({ tier: "none", lowered: "brief", rule: "policy.2" });
    expect(write("src/x")).toMatchObject({ tier: "brief" });
    expect(write("build/frozen")).toMatchObject({ tier: "explicit", rule: "write.frozen" });
    expect(write("build/../../out")).toMatchObject({ tier: "deny" });
  });

  test("does nothing where the place made it stricter", () => {
    const onHost = { kind: "run", command: "npm test", target: "host" } as const;
    expect(classify(onHost, context(), policy).tier).toBe("explicit");
    expect(run("npm test", { sandbox: "none" }, policy).tier).toBe("explicit");
    expect(run("touch build/x", { mayWrite: false }, policy).tier).toBe("deny");
  });

  test("never makes a live read of what a privilege looked at", () => {
    const rules = [
      { match: { command: ["sudo ss*", "ss*"] }, tier: "none", examples: { match: ["npm test"] } },
    ];
    expect(() => parse({ rules })).toThrow(/should lower "npm test" and does not/);
    const looks = [
      { match: { command: ["sudo*", "ss*"] }, tier: "none", examples: { match: ["sudo ss -tlnp"] } },
    ];
    expect(() => parse({ rules: looks })).toThrow(/should lower/);
  });

  test("stops at the floor, whatever the policy was loaded with", () => {
    const rules: Policy["rules"] = [{ match: { command: ["sudo*", "ss*"] }, tier: "none" }];
    expect(run("sudo ss -tlnp", {}, { ...defaultPolicy, rules })).toMatchObject({
      tier: "brief",
      effects: expect.arrayContaining([expect.objectContaining({ kind: "privilege" })]),
    });
  });

  test("loses against a rule of the policy that raises", () => {
    const both = parse({
      rules: [tests, { match: { command: ["npm test*"] }, tier: "brief" }],
    });
    expect(run("npm test", {}, both)).toMatchObject({ tier: "brief" });
    const deny = parse({ rules: [tests, { match: { command: ["npm*"] }, tier: "deny" }] });
    expect(run("npm test", {}, deny)).toMatchObject({ tier: "deny", rule: "policy.2" });
  });

  test("is inert until somebody trusts it, and so are opened hosts; what raises is not", () => {
    const all = parse({
      rules: [tests, { match: { command: ["git log*"] }, tier: "explicit" }],
      egress: ["example.org"],
    });
    const inert = withoutLoosening(all);
    expect(run("npm test", {}, inert)).toMatchObject({ tier: "brief", rule: "npm.test" });
    expect(run("git log", {}, inert)).toMatchObject({ tier: "explicit", rule: "policy.2" });
    const fetch = (policy: typeof all) =>
      decide(
        { kind: "fetch", url: "https://example.org/x" },
        { context: context(), policy, inPlan: null, plannedHosts: [] },
      ).tier;
    expect([fetch(all), fetch(inert)]).toEqual(["none", "explicit"]);
  });

  test("holds in its window only, and not at all where nobody tells the time", () => {
    const windows = { day: { zone: "Europe/Berlin", from: "08:00", to: "18:00" } };
    const timed = parse({ windows, rules: [{ ...tests, during: "day" }] });
    const at = (now: string) => run("npm test", { now: () => new Date(now) }, timed).tier;
    expect([at("2026-11-23T06:59:59Z"), at("2026-11-23T07:00:00Z"), at("2026-11-23T17:00:00Z")]).toEqual([
      "brief",
      "none",
      "brief",
    ]);
    expect(run("npm test", {}, timed).tier).toBe("brief");
    const raising = parse({
      windows,
      rules: [{ match: { command: ["git log*"] }, tier: "explicit", outside: "day" }],
    });
    const log = (now?: string) =>
      run("git log", now === undefined ? {} : { now: () => new Date(now) }, raising).tier;
    expect([log("2026-11-23T12:00:00Z"), log("2026-11-23T20:00:00Z"), log()]).toEqual([
      "none",
      "explicit",
      "explicit",
    ]);
  });

  test("a pattern of many stars costs no more than one of few", async () => {
    const stars = parse({
      rules: [{ match: { command: [`ls ${"a*".repeat(300)}b`], path: ["*a*a*a*a*a*a*b"] }, tier: "deny" }],
    });
    const judge = () => expect(run(`ls ${"a".repeat(60_000)}`, {}, stars).tier).toBe("none");
    expect(await cpuMs(judge)).toBeLessThan(2_000);
  });

  test("a role gets no more than what it may do of what it was", () => {
    const mayAsk = (_: unknown, tier: string) => tier === "none";
    const decision = decide(
      { kind: "run", command: "npm test" },
      { context: context(), policy, inPlan: null, plannedHosts: [], mayAsk },
    );
    expect(decision).toMatchObject({ tier: "deny", rule: "role.capability" });
  });

  test.each([
    ["everything", { match: { command: ["*"] }, tier: "none", examples: { match: ["npm test"] } }],
    ["every path", { match: { path: ["**/*"] }, tier: "none", examples: { match: ["a"] } }],
    ["nothing it shows", { match: { command: ["npm test"] }, tier: "none" }],
    [
      "what is explicit",
      { match: { command: ["git push*"] }, tier: "none", examples: { match: ["git push"] } },
    ],
    ["what is none already", { match: { command: ["ls*"] }, tier: "none", examples: { match: ["ls"] } }],
    ["only hosts", { match: { host: ["example.org"] }, tier: "none", examples: { match: ["x"] } }],
    [
      "a path of Nimrod's",
      { match: { path: ["tickets/*"] }, tier: "none", examples: { match: ["tickets/a"] } },
    ],
    ["in a window that nobody named", { ...tests, during: "night" }],
  ])("%s is refused when the policy is loaded", (_, rule) => {
    expect(() => parse({ rules: [rule] })).toThrow(expect.objectContaining({ code: "broken" }));
  });
});
