import { expect, test } from "vitest";
import type { Action } from "../../../src/authorization/action.ts";
import { decide } from "../../../src/authorization/gate.ts";
import { runExamples } from "../../../src/authorization/policy/examples.ts";
import { senders, standingEffects } from "../../../src/authorization/policy/floor.ts";
import { parsePolicy } from "../../../src/authorization/policy/parse.ts";
import { policySchema } from "../../../src/authorization/policy/schema.ts";
import { misfit } from "../../../src/authorization/policy/shape.ts";
import { allowsEgress, defaultPolicy } from "../../../src/authorization/policy.ts";
import { context } from "../authorization/context.ts";
import { fencedBlocks, tableUnder, textOf, wordsOf } from "./page.ts";

const page = "docs/policy.md";
const [block] = fencedBlocks(textOf(page)).filter(({ info }) => info === "json policy");
const policy = parsePolicy(JSON.parse(block?.text ?? ""), page);
const judge = (action: Action, now = "2026-11-23T12:00:00Z") =>
  decide(action, { context: context({ now: () => new Date(now) }), policy, inPlan: null, plannedHosts: [] });
const run = (command: string, now?: string) => judge({ kind: "run", command }, now);

test("the example does what the page says", () => {
  expect(run("git push origin main", "2026-11-23T20:00:00Z")).toMatchObject({
    tier: "deny",
    rule: "policy.1",
  });
  expect(run("git push origin main")).toMatchObject({ tier: "explicit" });
  expect(run("git status").tier).toBe("none");
  expect(run("sed -i s/a/b/ firewall/rules.conf")).toMatchObject({ tier: "explicit", rule: "policy.2" });
  expect(run("npm run lint && npm test")).toMatchObject({ tier: "none", rule: "policy.3", lowered: "brief" });
  expect(run("touch proxy/vault.conf")).toMatchObject({ tier: "explicit", rule: "resource.undeclared" });
  expect(run("curl http://nas.lan/x")).toMatchObject({ tier: "explicit" });
  const hosts = ["packages.example.org", "a.mirror.example.org", "docs.example.net", "nas.lan", "mirror"];
  expect(hosts.map((host) => allowsEgress(policy, host))).toEqual([true, true, true, false, false]);
  const [standing] = policy.standing;
  const reload: Action = { kind: "run", command: "systemctl reload nginx", target: "host" };
  expect(standing && misfit(standing, reload, judge(reload), context())).toBeNull();
  expect(runExamples(policy).length).toBeGreaterThan(6);
});

test("the page has every key, with its default", () => {
  const rows = tableUnder(page, "| key | default | says |");
  const names = rows.map(([key = ""]) => key.replaceAll("`", ""));
  expect(names.sort()).toEqual(Object.keys(policySchema.shape).sort());
  expect(names).toEqual(Object.keys(defaultPolicy).sort());
  expect(rows.find(([key]) => key === "`brief`")?.[1]).toBe(`\`${defaultPolicy.brief}\``);
});

const keysOf = (header: string) =>
  tableUnder(page, header).flatMap(([cell = ""]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, key]) => key));

test("the page has every key of a rule and of a standing approval", () => {
  const { rules, standing } = policySchema.shape;
  expect(keysOf("| key of a rule | says |").sort()).toEqual(
    Object.keys(rules.def.innerType.element.shape).sort(),
  );
  expect(keysOf("| key of a standing approval | says |").sort()).toEqual(
    Object.keys(standing.def.innerType.element.shape).sort(),
  );
});

test("the page names every key of a host, a window and a resource", () => {
  const { hosts, windows, resources } = policySchema.shape;
  const text = textOf(page);
  for (const { def } of [hosts, windows, resources]) {
    for (const key of Object.keys(def.innerType.valueType.shape))
      expect(text, key).toMatch(new RegExp(`[\`"]${key}[\`"]`));
  }
});

test("the floor on the page is the floor of the code", () => {
  expect(wordsOf(page, "| effect | a standing approval may cover |")).toEqual([...standingEffects]);
  expect(textOf(page)).toContain(`by ${senders.map((name) => `\`${name}\``).join(", ")} |`);
});
