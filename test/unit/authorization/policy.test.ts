import { describe, expect, test } from "vitest";
import { parsePolicy } from "../../../src/authorization/policy/parse.ts";
import { allowsEgress, defaultPolicy, policyDigest } from "../../../src/authorization/policy.ts";
import { NimrodError } from "../../../src/errors.ts";
import { run } from "./context.ts";

const where = ".nimrod/policy.json";

function policy(rule: Record<string, unknown>): ReturnType<typeof parsePolicy> {
  return parsePolicy({ version: 1, rules: [rule] }, where);
}

describe("the operator's policy", () => {
  test("raises what its command rule matches, at any depth", () => {
    const rules = policy({
      match: { command: ["git log*"] },
      tier: "explicit",
      reason: "history is private",
    });
    for (const command of [
      "git log",
      "/usr/bin/git log -1",
      "ls; bash -c 'git log'",
      "find . -exec git log {} ';'",
      "echo $(git log)",
    ]) {
      expect(run(command, {}, rules), command).toMatchObject({
        tier: "explicit",
        rule: "policy.1",
        reason: "history is private",
      });
    }
    expect(run("git status", {}, rules).tier).toBe("none");
  });

  test("raises what its path rule matches, whatever the route and spelling", () => {
    const rules = policy({ match: { path: ["proxy/*"] }, tier: "deny" });
    for (const command of ["touch proxy/a", "sed -i s/a/b/ ./src/../proxy/a", "echo x > PROXY/a"])
      expect(run(command, {}, rules).tier, command).toBe("deny");
    expect(run("touch src/proxy.ts", {}, rules).tier).toBe("brief");
  });

  test("can not lower anything", () => {
    const rules = policy({ match: { command: ["*"] }, tier: "brief" });
    expect(run("rm -rf x", {}, rules).tier).toBe("explicit");
    expect(run("nimrod approve A1", {}, rules).tier).toBe("deny");
    expect(run("ls", {}, rules).tier).toBe("brief");
    expect(() => policy({ match: { command: ["*"] }, tier: "none" })).toThrow(NimrodError);
  });

  test.each([
    ["an unknown field", { version: 1, allow: [] }],
    ["another version", { version: 2 }],
    ["a rule that matches nothing", { version: 1, rules: [{ match: {}, tier: "deny" }] }],
    [
      "a rule with an unknown field",
      { version: 1, rules: [{ match: { command: ["x"], regex: "y" }, tier: "deny" }] },
    ],
    ["no object", "text"],
    ["nothing", null],
  ])("%s is a broken policy", (_name, value) => {
    expect(() => parsePolicy(value, where)).toThrow(expect.objectContaining({ code: "broken", where }));
  });

  test("examples are checked when it is loaded", () => {
    const rule = { match: { command: ["docker compose down*"] }, tier: "deny" };
    expect(() =>
      policy({ ...rule, examples: { match: ["docker compose down -v"], notMatch: ["docker compose ps"] } }),
    ).not.toThrow();
    expect(() => policy({ ...rule, examples: { match: ["docker compose -f x.yaml down"] } })).toThrow(
      /should match/,
    );
    expect(() => policy({ ...rule, examples: { notMatch: ["sudo docker compose down"] } })).toThrow(
      /should not match/,
    );
    expect(() =>
      policy({ match: { path: ["proxy/*"] }, tier: "deny", examples: { match: ["src/a"] } }),
    ).toThrow(/should match/);
  });

  test("its digest moves with every rule", () => {
    expect(policyDigest(defaultPolicy)).toBe(policyDigest(parsePolicy({ version: 1 }, where)));
    expect(policyDigest(policy({ match: { path: ["a"] }, tier: "deny" }))).not.toBe(
      policyDigest(policy({ match: { path: ["a"] }, tier: "explicit" })),
    );
  });

  test("egress names hosts, and names below a starred one", () => {
    const rules = parsePolicy({ version: 1, egress: ["example.org", "*.example.com"] }, where);
    expect(
      ["example.org", "EXAMPLE.org", "packages.example.com"].every((host) => allowsEgress(rules, host)),
    ).toBe(true);
    expect(
      ["a.example.org", "example.com", "evilexample.com", "example.org.evil"].some((host) =>
        allowsEgress(rules, host),
      ),
    ).toBe(false);
  });
});
