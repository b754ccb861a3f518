import { describe, expect, test } from "vitest";
import { classify } from "../../../src/authorization/classify.ts";
import { decide } from "../../../src/authorization/gate.ts";
import { defaultPolicy, type Policy } from "../../../src/authorization/policy.ts";
import { context } from "./context.ts";

const policy: Policy = {
  ...defaultPolicy,
  egress: ["example.org", "*.docs.example", "10.0.0.7", "::1", "169.254.169.254"],
};

function judged(url: string, plannedHosts: string[] = []): string {
  const decision = decide({ kind: "fetch", url }, { context: context(), policy, inPlan: null, plannedHosts });
  return `${decision.tier} ${decision.rule}`;
}

describe("fetching an address", () => {
  test.each<[string, string]>([
    ["https://example.org/a?b=c", "none fetch.get"],
    ["http://EXAMPLE.org:8080/", "none fetch.get"],
    ["https://api.docs.example/x", "none fetch.get"],
    ["https://10.0.0.7/", "none fetch.get"],
    ["https://0x0a000007/", "none fetch.get"],
    ["http://[::1]:3000/", "none fetch.get"],
    ["https://example.com/", "explicit egress.host"],
    ["https://example.org.evil.example/", "explicit egress.host"],
    ["https://example.org./", "explicit egress.host"],
    ["https://docs.example/", "explicit egress.host"],
    ["http://127.0.0.1/", "explicit egress.host"],
    ["http://localhost/", "explicit egress.host"],
    ["http://2130706433/", "explicit egress.host"],
    [`https://example.org/?q=${"x".repeat(1100)}`, "explicit fetch.long"],
    [`https://example.org/${"x".repeat(1100)}`, "explicit fetch.long"],
    [`https://example.com/?q=${"x".repeat(1100)}`, "explicit egress.host"],
    ["http://[::1]:3000/-/quit", "explicit fetch.acts"],
    ["http://10.0.0.7/cm?cmnd=Power%20Off", "explicit fetch.acts"],
    ["http://10.0.0.7/cm?cmnd=Status", "none fetch.get"],
    ["https://example.org/delete", "none fetch.get"],
    ["https://user:pass@example.org/", "deny fetch.credentials"],
    ["https://token@example.org/", "deny fetch.credentials"],
    ["https://example.com@example.org/", "deny fetch.credentials"],
    ["ftp://example.org/", "deny fetch.scheme"],
    ["file:///etc/passwd", "deny fetch.scheme"],
    ["data:text/plain,x", "deny fetch.scheme"],
    ["example.org", "deny fetch.address"],
    ["https://example.com\\@example.org/", "deny fetch.address"],
    ["https://exam\nple.org/", "deny fetch.address"],
    [" https://example.org/", "deny fetch.address"],
    ["https://", "deny fetch.address"],
    ["", "deny fetch.address"],
    ["http://169.254.169.254/latest/meta-data", "deny fetch.metadata"],
    ["http://0xa9fea9fe/", "deny fetch.metadata"],
    ["http://2852039166/", "deny fetch.metadata"],
    ["http://169.254.1.1/", "deny fetch.metadata"],
    ["http://[fe80::1]/", "deny fetch.metadata"],
    ["http://[febf::1]/", "deny fetch.metadata"],
    ["http://[::ffff:169.254.169.254]/", "deny fetch.metadata"],
    ["http://[64:ff9b::169.254.169.254]/", "deny fetch.metadata"],
    ["http://[fd00:ec2::254]/", "deny fetch.metadata"],
    ["http://metadata.google.internal/", "deny fetch.metadata"],
    ["http://metadata.google.internal./", "deny fetch.metadata"],
    ["http://METADATA/", "deny fetch.metadata"],
    ["http://100.100.100.200/", "deny fetch.metadata"],
  ])("%s is %s", (url, expected) => {
    expect(judged(url)).toBe(expected);
  });

  test("a host that the plan names is open", () => {
    expect(judged("https://example.com/", ["example.com"])).toBe("none fetch.get");
  });

  test("a role that only reads may fetch where the policy opens the host", () => {
    const reader = context({ mayWrite: false, role: "researcher" });
    const decision = classify({ kind: "fetch", url: "https://example.org/" }, reader, policy);
    expect(decision).toMatchObject({ tier: "none", needs: ["example.org"] });
  });
});

describe("listing and searching", () => {
  const tier = (action: Parameters<typeof classify>[0]) => {
    const decision = classify(action, context(), defaultPolicy);
    return `${decision.tier} ${decision.rule}`;
  };

  test.each<[Parameters<typeof classify>[0], string]>([
    [{ kind: "list", path: "." }, "none read.file"],
    [{ kind: "list", path: "tickets" }, "none read.file"],
    [{ kind: "list", path: "/home/ann/.ssh" }, "explicit read.secret"],
    [{ kind: "list", path: "/home/ann/.local/state/nimrod" }, "deny read.nimrod-state"],
    [{ kind: "search", pattern: "x", path: "." }, "none read.file"],
    [{ kind: "search", pattern: "x", path: ".env" }, "explicit read.secret"],
    [{ kind: "search", pattern: "x", path: "~" }, "none read.file"], // a file named so; no shell is near
    [{ kind: "search", pattern: "x", path: "/home/ann" }, "explicit read.secret"],
    [{ kind: "search", pattern: "x", path: "/home/ann/.local/state/nimrod/keys" }, "deny read.nimrod-state"],
  ])("%j is %s", (action, expected) => {
    expect(tier(action)).toBe(expected);
  });
});
