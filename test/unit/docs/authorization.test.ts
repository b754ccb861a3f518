import { expect, onTestFinished, test } from "vitest";
import { effectKinds, tiers } from "../../../src/authorization/action.ts";
import type { ClassifyContext } from "../../../src/authorization/classify.ts";
import type { Table, Tool } from "../../../src/authorization/effects/row.ts";
import * as helpers from "../../../src/authorization/effects/row.ts";
import { tools } from "../../../src/authorization/effects/tools.ts";
import { describeExplanation, explain } from "../../../src/authorization/explain.ts";
import { decide } from "../../../src/authorization/gate.ts";
import { defaultPolicy } from "../../../src/authorization/policy.ts";
import { parseConfigFile } from "../../../src/config/read-config-file.ts";
import { userSchema } from "../../../src/config/schema.ts";
import type { FamilyRows } from "../authorization/context.ts";
import { fencedBlocks, tableUnder, textOf, wordsOf } from "./page.ts";

const page = "docs/authorization.md";
const context: ClassifyContext = {
  worktree: "/home/op/.local/state/nimrod/repo/work/nim-1/run/worktree",
  role: "implementer",
  mayWrite: true,
  sandbox: "bwrap",
  realPath: (path) => path,
  frozen: () => false,
  home: "/home/op",
  state: "/home/op/.local/state/nimrod",
  host: "localhost",
};
const judge = (command: string, policy = defaultPolicy) =>
  decide({ kind: "run", command }, { context, policy, inPlan: null, plannedHosts: [] });

test("the page has the four tiers in their order", () => {
  expect(wordsOf(page, "| tier | what | what Nimrod does |")).toEqual([...tiers]);
});

test("the page names every effect, in the order of the code", () => {
  const text = textOf(page).split("The effects that a decision can name:")[1]?.split("\n## ")[0] ?? "";
  expect([...text.matchAll(/`([a-z-]+)`/g)].map(([, kind]) => kind)).toEqual([...effectKinds]);
});

test.each(tableUnder(page, "| an agent asks for | tier | rule |"))(
  "%s is %s by %s, as the page says",
  (command = "", tier, rule) => {
    const decision = judge(command.slice(1, -1));
    expect([decision.tier, `\`${decision.rule}\``]).toEqual([tier, rule]);
  },
);

test("the page has the keys of a second opinion, and its example is one", async () => {
  const rows = tableUnder(page, "| key | default | says |").map(([key = ""]) => key.replaceAll("`", ""));
  const [block] = fencedBlocks(textOf(page)).filter(({ info }) => info === "json second-opinion");
  const read = parseConfigFile(block?.text ?? "", page, "user").secondOpinion;
  expect(read?.command).toEqual(["my-model", "--quiet"]);
  expect(rows.sort()).toEqual(Object.keys(userSchema.shape.secondOpinion.def.innerType.shape).sort());
});

const blockOf = (info: string) => fencedBlocks(textOf(page)).find((block) => block.info === info)?.text ?? "";

test("what authorize shows is what the page shows", () => {
  const [prompt = "", ...shown] = blockOf("text authorize").split("\n");
  const command = /-- '(.*)'$/.exec(prompt)?.[1] ?? "";
  const [verdict, ...lines] = describeExplanation(explain({ kind: "run", command }, context, defaultPolicy));
  expect(shown).toEqual([verdict, ...lines.map((line) => `  ${line}`)]);
});

test("the tool that the page adds is judged as its rows say", () => {
  const valueIn = (info: string) =>
    blockOf(info).replace(/^export const \w+(?:: \w+)? = (?:\(\): \w+ => )?([\s\S]*);$/, "return $1;");
  const build = new Function(...Object.keys(helpers), valueIn("ts row"));
  const [[name, tool] = []] = Object.entries(build(...Object.values(helpers)) as Table);
  const rows = new Function(valueIn("ts rows"))() as FamilyRows;
  expect(tools.has(name ?? "")).toBe(false);
  const { get } = tools;
  tools.get = (asked) => (asked === name ? (tool as Tool) : get(asked));
  onTestFinished(() => {
    tools.get = get;
  });
  expect(Object.keys(rows)).toEqual([...tiers]);
  for (const tier of tiers) {
    for (const command of rows[tier] ?? []) expect(judge(command).tier, command).toBe(tier);
  }
});
