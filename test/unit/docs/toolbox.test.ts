import { expect, test } from "vitest";
import { decide } from "../../../src/authorization/gate.ts";
import { defaultPolicy } from "../../../src/authorization/policy.ts";
import { openCallSession } from "../../../src/toolbox/session.ts";
import { tools } from "../../../src/toolbox/tools.ts";
import { sessionOptions } from "../../support/call-session.ts";
import { context } from "../authorization/context.ts";
import { tableUnder } from "./page.ts";

const page = "docs/toolbox.md";
const words = (cell = "") => [...cell.matchAll(/`([a-z_]+)`/g)].map(([, word = ""]) => word);
const rows = tableUnder(page, "| tool | arguments | aliases | capability |");

test("the page has every tool with its arguments and capabilities, in the order of the code", () => {
  const listed = openCallSession(sessionOptions().options).list();
  expect(rows.map(([tool, args]) => ({ tool: words(tool)[0], args: words(args) }))).toEqual(
    listed.map(({ name, inputSchema }) => ({
      tool: name,
      args: Object.keys(inputSchema["properties"] ?? {}),
    })),
  );
  for (const { name, needs } of tools) {
    const row = rows.find(([tool]) => tool === `\`${name}\``);
    expect(row?.[3]?.split(", ").toSorted()).toEqual(needs.toSorted());
  }
});

test.each(rows.flatMap(([tool, , aliases]) => words(aliases).map((alias) => [words(tool)[0] ?? "", alias])))(
  "%s knows %s",
  (name, alias) => {
    const read = tools.find((tool) => tool.name === name)?.read({ [alias]: 7 });
    // Known under another name: what is wrong with it is its value.
    expect(read?.ok === false && read.problems.join()).not.toMatch(new RegExp(`\\b${alias}\\b`));
  },
);

test.each(tableUnder(page, "| an address | tier | rule |"))("%s is %s", (cell = "", tier, rule) => {
  const [, url = "", opened] = /^`([^`]+)`(?: and the policy opens `([^`]+)`)?/.exec(cell) ?? [];
  const policy = { ...defaultPolicy, egress: opened === undefined ? [] : [opened] };
  const decision = decide(
    { kind: "fetch", url },
    { context: context(), policy, inPlan: null, plannedHosts: [] },
  );
  expect([decision.tier, `\`${decision.rule}\``]).toEqual([tier, rule]);
});
