import { expect, test } from "vitest";
import { effectKinds, tiers } from "../../../src/authorization/action.ts";
import type { ClassifyContext } from "../../../src/authorization/classify.ts";
import { decide } from "../../../src/authorization/gate.ts";
import { defaultPolicy } from "../../../src/authorization/policy.ts";
import { parseConfigFile } from "../../../src/config/read-config-file.ts";
import { userSchema } from "../../../src/config/schema.ts";
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
