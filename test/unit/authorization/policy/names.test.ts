import { describe, expect, test } from "vitest";
import type { Action } from "../../../../src/authorization/action.ts";
import { decide } from "../../../../src/authorization/gate.ts";
import { allowsEgress } from "../../../../src/authorization/policy.ts";
import { context, run } from "../context.ts";
import { parse } from "./standing-world.ts";

/** What the policy gives a name: hosts and resources. */

describe("hosts", () => {
  const policy = parse({
    hosts: {
      nas: { names: ["nas.lan", "10.0.0.5", "*.nas.lan"], tier: "deny" },
      mirror: { names: ["mirror.example.org", "*.mirror.example.org"] },
    },
    egress: ["mirror", "example.com"],
  });

  test("a name opens the network to all that it names, and to nothing else", () => {
    const open = ["mirror.example.org", "deb.mirror.example.org", "EXAMPLE.com"];
    const closed = ["mirror", "nas.lan", "a.example.com", "mirror.example.org.evil.example"];
    expect(open.filter((host) => !allowsEgress(policy, host))).toEqual([]);
    expect(closed.filter((host) => allowsEgress(policy, host))).toEqual([]);
  });

  test.each([
    ["ssh nas.lan uptime", "deny"],
    ["ssh ann@nas.lan uptime", "deny"],
    ["ssh ann@10.0.0.5 uptime", "deny"],
    ["curl https://backup.nas.lan:8443/x", "deny"],
    ["scp a NAS.lan:/srv", "deny"],
    ["rsync -a site/ ann@nas.lan:/srv/site/", "deny"],
    ["ls; ssh nas.lan", "deny"],
    ["ssh nas.lan.example.org uptime", "explicit"],
    ["cat nas.lan", "none"],
  ])("%s is %s where the policy denies nas", (command, tier) => {
    expect(run(command, {}, policy).tier).toBe(tier);
  });

  test("a rule can be about a host, by its own name or by the policy's", () => {
    const rules = parse({
      hosts: { nas: { names: ["nas.lan"] } },
      rules: [
        {
          match: { host: ["nas", "*.example.org"] },
          tier: "explicit",
          examples: { match: ["nas.lan", "a.example.org"], notMatch: ["nas", "example.org"] },
        },
      ],
    });
    const fetch = (url: string) =>
      decide({ kind: "fetch", url }, { context: context(), policy: rules, inPlan: null, plannedHosts: [] });
    expect(fetch("https://a.example.org/x")).toMatchObject({ tier: "explicit" });
    expect(run("curl http://nas.lan/x", {}, rules)).toMatchObject({ tier: "explicit", rule: "policy.1" });
    expect(run("curl http://other.lan/x", {}, rules).rule).not.toBe("policy.1");
  });
});

describe("resources", () => {
  const resources = {
    proxy: {
      ports: [443],
      units: ["caddy.service"],
      dns: ["vault.lan"],
      volumes: ["proxy", "/srv/vault"],
      protected: true,
    },
    scratch: { volumes: ["scratch"] },
  };
  const policy = parse({ resources });
  const decided = (action: Action, declared: string[] = []) =>
    decide(action, { context: context(), policy, inPlan: null, plannedHosts: [], declared: () => declared });
  const command = (text: string): Action => ({ kind: "run", command: text });
  const write = (path: string): Action => ({ kind: "write", path, content: "x" });

  test.each([
    ["a file of its volume", write("proxy/vault.conf")],
    ["the same by a command", command("touch proxy/vault.conf")],
    ["the same by another spelling", command("echo x > ./src/../PROXY/vault.conf")],
    ["its unit", command("systemctl restart caddy")],
    ["its unit in full", command("systemctl restart caddy.service")],
    ["its port", command("docker run -p 443:80 nginx")],
    ["its name", command("curl -X POST https://vault.lan/v1/seal")],
    ["its volume on the host", command("rm -r /srv/vault/data")],
  ])("undeclared, a change of %s is asked about as such", (_, action) => {
    expect(decided(action)).toMatchObject({
      tier: "explicit",
      rule: "resource.undeclared",
      reason: expect.stringMatching(/^changes proxy, which the policy protects/),
    });
  });

  test.each(["proxy", "caddy.service", "caddy", "port 443", "vault.lan", " proxy "])(
    "a plan that declares %j is asked no more than without the policy",
    (declared) => {
      expect(decided(write("proxy/vault.conf"), [declared])).toMatchObject({ tier: "brief" });
      expect(decided(command("systemctl restart caddy"), [declared])).toMatchObject({
        tier: "explicit",
        rule: "systemctl.restart",
      });
    },
  );

  test("declaring another one does not help", () => {
    expect(decided(write("proxy/vault.conf"), ["scratch", "proxy2", ""]).rule).toBe("resource.undeclared");
  });

  test.each([
    ["reading it", command("cat proxy/vault.conf")],
    ["looking at its unit", command("systemctl status caddy")],
    ["one that is not protected", write("scratch/a")],
    ["a folder of a similar name", write("proxy2/a")],
    ["a file that begins like it", write("proxy.conf")],
  ])("%s is no change of it", (_, action) => {
    expect(decided(action).rule).not.toBe("resource.undeclared");
  });

  test("what is denied stays denied by its own name", () => {
    expect(decided(command("systemctl restart caddy > tickets/active/a.md"))).toMatchObject({ tier: "deny" });
  });
});
