import { expect, test } from "vitest";
import { parseBody } from "../../../src/tickets/body.ts";
import { keyAliases, readTicket } from "../../../src/tickets/read.ts";
import { closeReasons, linkKinds, statuses, types } from "../../../src/tickets/ticket.ts";
import { fencedBlocks, tableUnder, textOf, wordsOf } from "./page.ts";

const page = "docs/ticket-format.md";
const [example] = fencedBlocks(textOf(page)).filter(({ info }) => info === "markdown");
const read = (text: string) =>
  readTicket({ path: "tickets/active/a.md", bytes: Buffer.from(text), archived: false });

test("the example is a ticket without any problem, and says what the page says it does", async () => {
  const result = await read(`${example?.text}\n`);
  expect(result).toMatchObject({
    kind: "ticket",
    ticket: { id: "nim-7k3f9q", priority: 1, assignee: "sara" },
  });
  const body = await parseBody(`${example?.text}\n`);
  expect(body).toMatchObject({ kind: "body" });
  if (body.kind !== "body") return;
  const { criteria, runbook } = body.body;
  expect(criteria.map(({ baseline }) => baseline)).toEqual(["red", "red", "green", "red", "red"]);
  expect(criteria.map(({ target }) => target)).toEqual([
    "worktree",
    "worktree",
    "worktree",
    "host",
    "worktree",
  ]);
  expect(criteria.map(({ waived }) => waived !== null)).toEqual([false, false, false, false, true]);
  expect(runbook.map((step) => step.do.kind)).toEqual(["write", "edit", "run"]);
});

test.each([
  ["| status | means |", statuses],
  ["| type | means |", types],
  ["| key | means | also read as |", linkKinds],
  ["| close reason | means |", closeReasons],
])("%s lists the words of the code, in their order", (header, words) => {
  expect(wordsOf(page, header)).toEqual([...words]);
});

test("the other names of keys are those that are read", () => {
  const named = [
    ...tableUnder(page, "| key | holds | without it | also read as |").map((row) => [row[0], row[3]]),
    ...tableUnder(page, "| key | means | also read as |").map((row) => [row[0], row[2]]),
  ].flatMap(([key = "", names = ""]) => {
    const others = [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
    return others.length === 0 || key === "`priority`" ? [] : [[key.replaceAll("`", ""), others]];
  });
  expect(Object.fromEntries(named)).toEqual(keyAliases);
});

test("every spelling of a priority on the page is read", async () => {
  const [, , , names = ""] =
    tableUnder(page, "| key | holds | without it | also read as |").find(([key]) => key === "`priority`") ??
    [];
  for (const [, word] of names.matchAll(/`([^`]+)`/g)) {
    expect(await read(`---\nid: a-1\ntitle: t\nstatus: open\npriority: ${word}\n---\n`), word).toMatchObject({
      kind: "ticket",
    });
  }
});

const detail = "| line | says |";
test.each(tableUnder(page, detail).map(([cell = ""]) => cell.replaceAll(/[`\-: ]/g, "")))(
  "a criterion's `%s` is read, once",
  async (name) => {
    const value: Record<string, string> = { target: "host", baseline: "green" };
    const line = `  - ${name}: ${value[name] ?? "x"}\n`;
    const ticket = (lines: string) =>
      `---\nid: a-1\ntitle: t\nstatus: open\n---\n\n## Acceptance Criteria\n\n- [~] it\n${lines}`;
    const once = await parseBody(ticket(line));
    expect(once).toMatchObject({
      kind: "body",
      body: { criteria: [{ [name]: value[name] ?? "x" }] },
    });
    expect(await parseBody(ticket(line + line))).toMatchObject({
      kind: "broken",
      problems: [{ found: `a second ${name} for AC1` }],
    });
  },
);

test("every key of a Runbook step is read, and a key that is not on the page is refused", async () => {
  const keys = wordsOf(page, "| key | holds |");
  const ticket = (steps: string) =>
    `---\nid: a-1\ntitle: t\nstatus: open\n---\n\n## Runbook\n\n\`\`\`yaml\nsteps:\n${steps}\`\`\`\n`;
  const rest = keys.filter((key) => !["title", "write", "edit", "run"].includes(key));
  const extra = rest.map((key) => `    ${key}: ${key === "after" ? "land" : "x"}\n`).join("");
  const ways = ["    write: a\n    content: c\n", "    edit: a\n    old: b\n    new: c\n", "    run: [a]\n"];
  for (const way of ways) {
    expect(await parseBody(ticket(`  - title: t\n${way}${extra}`)), way).toMatchObject({ kind: "body" });
  }
  expect(await parseBody(ticket(`  - title: t\n${ways[2]}    when: x\n`))).toMatchObject({ kind: "broken" });
});

test.each(tableUnder(page, "| the file says | reported as |"))("%s is reported as %s", async (cell, said) => {
  const line = cell?.slice(1, -1) ?? "";
  const fields = ["id: a-1", "title: t", "status: open"].filter(
    (field) => field.split(":")[0] !== line.split(":")[0],
  );
  const result = await read(`---\n${[...fields, line].join("\n")}\n---\n`);
  expect(result.kind).toBe("broken");
  const problems = result.kind === "broken" ? result.problems : [];
  expect(problems.map(({ found, expected }) => `\`${found}; expected ${expected}\``)).toEqual([said]);
});
