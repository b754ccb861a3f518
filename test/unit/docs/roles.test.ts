import { expect, test } from "vitest";
import { loadRole, parseRoleFile } from "../../../src/agents/role-file.ts";
import { promptRoles } from "../../../src/agents/role-names.ts";
import { instructionFiles } from "../../../src/pipeline/house-rules.ts";
import { mostAtOnce, mostQuestions } from "../../../src/pipeline/sub-pass.ts";
import { fencedBlocks, tableUnder, textOf, wordsOf } from "./page.ts";

const page = "docs/roles.md";

test("the roles, their capabilities and limits are those of the shipped files", async () => {
  const files = await Promise.all(promptRoles.map((role) => loadRole(role)));
  const rows = files.map(({ role, name, capabilities, limits }) => [
    `\`${role}\``,
    `\`${name}\``,
    capabilities.join(", ") || "nothing",
    Object.entries(limits)
      .map(([key, value]) => `${key}=${value}`)
      .join(" "),
  ]);
  expect(tableUnder(page, "| role | agent definition | may ask for | own limits |")).toEqual(rows);
});

test("the example file narrows the shipped one, and has every key", async () => {
  const [block] = fencedBlocks(textOf(page)).filter(({ info }) => info === "markdown");
  const base = await loadRole("researcher");
  const file = parseRoleFile({
    role: "researcher",
    path: "agents/researcher.md",
    text: block?.text ?? "",
    base,
  });
  expect(file).toMatchObject({ agent: "local", model: null, limits: { turns: 40, minutes: 15, usd: 1.5 } });
  const keys = wordsOf(page, "| key | means |");
  const front = block?.text.split("---")[1] ?? "";
  expect(keys).toEqual([...front.matchAll(/^([a-z]+):/gm)].map(([, key]) => key));
});

test.each([
  ["| capability | lets it ask for |", "capabilities: sudo", /is not one of (.*) \(or none\)/],
  ["| limit | of one pass |", "limits: sudo=1", /is not one of (.*), as/],
])("the words of %s are those of the reader", async (header, line, list) => {
  const base = await loadRole("researcher");
  const read = () =>
    parseRoleFile({ role: "researcher", path: "x.md", text: `---\n${line}\n---\nLook.`, base });
  let message = "";
  try {
    read();
  } catch (error) {
    message = String(error);
  }
  expect(wordsOf(page, header)).toEqual(list.exec(message)?.[1]?.split(", "));
});

test("the numbers and file names are those of the code", () => {
  const text = textOf(page).replaceAll(/\s+/g, " ");
  expect(text).toContain(`At most ${mostQuestions} in one pass, ${mostAtOnce} at a time`);
  for (const file of instructionFiles) expect(text).toContain(`\`${file}\``);
});
