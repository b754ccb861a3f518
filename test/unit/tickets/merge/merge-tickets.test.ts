import { describe, expect, test } from "vitest";
import { mergeTicketFiles, mergeTickets } from "../../../../src/tickets/merge/merge-tickets.ts";
import { ticketText } from "../ticket-text.ts";

type Row = [name: string, base: string, ours: string, theirs: string, merged: string];

const mark = (ours: string, theirs: string) => `<<<<<<< ours\n${ours}=======\n${theirs}>>>>>>> theirs\n`;

async function mergeOf(base: string, ours: string, theirs: string) {
  const merge = await mergeTickets({ base, ours, theirs });
  return { kind: merge.kind, content: merge.content };
}

describe("front matter", () => {
  const clean: Row[] = [
    ["a key of each side", "a: 1\nb: 1", "a: 2\nb: 1", "a: 1\nb: 2", "a: 2\nb: 2"],
    ["a key that each side added, ours first", "a: 1", "a: 1\nb: o", "a: 1\nc: t", "a: 1\nb: o\nc: t"],
    [
      "added keys stand behind what they followed",
      "a: 1\nb: 1",
      "a: 1\nb: 1\nc: o",
      "a: 1\nd: t\nb: 1",
      "a: 1\nd: t\nb: 1\nc: o",
    ],
    ["a removed key and a changed one", "a: 1\nb: 1", "b: 1", "a: 1\nb: 2", "b: 2"],
    ["the same value of both", "a: 1", "a: 2", 'a: "2"', "a: 2"],
    ["a comment here, a value there", "a: 1", "a: 1 # why", "a: 2", "a: 2 # why"],
    ["a value here, quotes there", "a: 1", "a: x", "a: '1'", "a: x"],
    ["comments of both above a key", "a: 1", "# o\na: 1", "# t\na: 1", "# o\n# t\na: 1"],
    ["a comment above a key that the other changed", "# x\na: 1", "# y\na: 1", "# x\na: 2", "# y\na: 2"],
    ["only theirs put the keys in another order", "a: 1\nb: 1", "a: 2\nb: 1", "b: 1\na: 1", "b: 1\na: 2"],
    [
      "list items that each side added",
      "labels: [a]",
      "labels: [a, o]",
      "labels: [a, t]",
      "labels: [a, o, t]",
    ],
    [
      "list items added here, taken out there",
      "labels: [a, b]",
      "labels: [a, b, o]",
      "labels: [b]",
      "labels: [b, o]",
    ],
    ["a list emptied by both", "labels: [a, b]", "labels: [a]", "labels: [b]", "labels: []"],
    ["a list that both added", "x: 1", "x: 1\nlabels: [a]", "x: 1\nlabels: [b, a]", "x: 1\nlabels: [a, b]"],
    ["a list under two names", "x: 1", "x: 1\nlabels: [a]", "x: 1\ntags: [b]", "x: 1\nlabels: [a, b]"],
    [
      "a list under another name in both",
      "deps: [n-1]",
      "deps: [n-1, n-2]",
      "deps: [n-1, n-3]",
      "deps: [n-1, n-2, n-3]",
    ],
    [
      "a single link that stands for a list",
      "related: n-1",
      "related: [n-1, n-2]",
      "related: [n-1, n-3]",
      "related: [n-1, n-2, n-3]",
    ],
    [
      "block lists keep their comments",
      "labels:\n  - a # first\n  - b",
      "labels:\n  - a # first\n  - b\n  - o",
      "labels:\n  - a # first",
      "labels:\n  - a # first\n  - o",
    ],
    ["a list of one's own", "mine: [1, 2]", "mine: [1, 2, 3]", "mine: [2]", "mine: [2, 3]"],
    [
      "a block scalar of one side",
      "a: 1\nb: |\n  x\n\n  y\nc: 1",
      "a: 1\nb: |\n  x\n\n  z\nc: 1",
      "a: 1\nb: |\n  x\n\n  y\nc: 2",
      "a: 1\nb: |\n  x\n\n  z\nc: 2",
    ],
    ["a mapping of one side", "a: {x: 1}\nb: 1", "a: {x: 2}\nb: 1", "a: {x: 1}\nb: 2", "a: {x: 2}\nb: 2"],
    [
      "a key called constructor",
      "constructor: 1\nb: 1",
      "constructor: 2\nb: 1",
      "constructor: 1\nb: 2",
      "constructor: 2\nb: 2",
    ],
  ];

  test.each(clean)("%s", async (_, base, ours, theirs, merged) => {
    const text = (fields: string) => ticketText(fields.split("\n"), "\ntext\n");
    expect(await mergeOf(text(base), text(ours), text(theirs))).toEqual({
      kind: "merged",
      content: text(merged),
    });
  });

  const contradictions: Row[] = [
    ["two values", "a: 1\nb: 1", "a: 2\nb: 1", "a: 3\nb: 2", `${mark("a: 2\n", "a: 3\n")}b: 2`],
    [
      "two values of a key that both added",
      "b: 1",
      "b: 1\na: 2",
      "b: 1\na: 3",
      `b: 1\n${mark("a: 2\n", "a: 3\n").trimEnd()}`,
    ],
    ["removed here, changed there", "a: 1\nb: 1", "b: 1", "a: 2\nb: 1", `${mark("", "a: 2\n")}b: 1`],
    ["changed here, removed there", "a: 1\nb: 1", "a: 2\nb: 1", "b: 1", `${mark("a: 2\n", "")}b: 1`],
    ["a list here, text there", "a: 1", "a: [1]", "a: 2", mark("a: [1]\n", "a: 2\n").trimEnd()],
    ["two mappings", "a: {x: 1}", "a: {x: 2}", "a: {x: 3}", mark("a: {x: 2}\n", "a: {x: 3}\n").trimEnd()],
    ["two comments on one value", "a: 1", "a: 1 # o", "a: 1 # t", mark("a: 1 # o\n", "a: 1 # t\n").trimEnd()],
    [
      "a comment that a merged list would lose",
      "labels: [a]",
      "labels: [a, o]",
      "labels: [a, t] # why",
      mark("labels: [a, o]\n", "labels: [a, t] # why\n").trimEnd(),
    ],
  ];

  test.each(contradictions)("a conflict: %s", async (_, base, ours, theirs, merged) => {
    const text = (fields: string) => ticketText(fields.split("\n"), "\ntext\n");
    expect(await mergeOf(text(base), text(ours), text(theirs))).toEqual({
      kind: "conflict",
      content: text(merged),
    });
  });

  test("closed here and in progress there is a conflict in its line, whatever else they did", async () => {
    const base = ticketText(["status: open", "x: 1"], "\n## Notes\n\n- a\n");
    const ours = base.replace("status: open", "status: closed\nclose_reason: done");
    const theirs = `${base.replace("status: open", "status: in_progress")}- b\n`;
    const merge = await mergeTickets({ base, ours, theirs });
    expect(merge).toMatchObject({ kind: "conflict", where: [{ line: 4, what: "status" }] });
    expect(merge.content).toContain("close_reason: done");
    expect(merge.content).toContain("- a\n- b\n");
  });

  test("line endings and a byte order mark are those of ours", async () => {
    const base = ticketText(["a: 1", "b: 1"], "\n## Notes\n\n- a\n");
    const ours = `\ufeff${base.replace("a: 1", "a: 2").replaceAll("\n", "\r\n")}`;
    const theirs = `${base.replace("b: 1", "b: 2")}- b\n`;
    expect((await mergeOf(base, ours, theirs)).content).toBe(
      `\ufeff${ticketText(["a: 2", "b: 2"], "\n## Notes\n\n- a\n- b\n").replaceAll("\n", "\r\n")}`,
    );
    const conflict = await mergeOf(base, ours, base.replace("a: 1", "a: 3"));
    expect(conflict.content).toContain("\r\n<<<<<<< ours\r\na: 2\r\n=======\r\na: 3\r\n>>>>>>> theirs\r\n");
  });
});

describe("the text", () => {
  const clean: Row[] = [
    [
      "a section of each side",
      "## A\n\na\n\n## B\n\nb\n",
      "## A\n\no\n\n## B\n\nb\n",
      "## A\n\na\n\n## B\n\nt\n",
      "## A\n\no\n\n## B\n\nt\n",
    ],
    [
      "a list item of both",
      "## Notes\n\n- a\n",
      "## Notes\n\n- a\n- o\n",
      "## Notes\n\n- a\n- t\n",
      "## Notes\n\n- a\n- o\n- t\n",
    ],
    [
      "a paragraph of both",
      "## Notes\n\na\n",
      "## Notes\n\na\n\no\n",
      "## Notes\n\na\n\nt\n",
      "## Notes\n\na\n\no\n\nt\n",
    ],
    [
      "the same item of both, once",
      "## Links\n\n- a\n",
      "## Links\n\n- a\n- x\n- o\n",
      "## Links\n\n- a\n- t\n- x\n",
      "## Links\n\n- a\n- x\n- o\n- t\n",
    ],
    [
      "an item goes to the list, a paragraph behind it",
      "## Notes\n\n- a\n",
      "## Notes\n\n- a\n\no\n",
      "## Notes\n\n- a\n- t\n",
      "## Notes\n\n- a\n- t\n\no\n",
    ],
    [
      "a section that both added",
      "x\n",
      "x\n\n## Notes\n\n- o\n",
      "x\n\n## Notes\n\n- t\n",
      "x\n\n## Notes\n\n- o\n- t\n",
    ],
    [
      "a different section of each",
      "x\n",
      "x\n\n## Notes\n\n- o\n",
      "x\n\n## Risks\n\n- t\n",
      "x\n\n## Notes\n\n- o\n\n## Risks\n\n- t\n",
    ],
    [
      "a section in the middle",
      "## A\n\na\n\n## C\n\nc\n",
      "## A\n\na\n\n## B\n\nb\n\n## C\n\nc\n",
      "## A\n\na\n\n## C\n\nc\n\n## D\n\nd\n",
      "## A\n\na\n\n## B\n\nb\n\n## C\n\nc\n\n## D\n\nd\n",
    ],
    [
      "a section taken out here, another one changed there",
      "## A\n\na\n\n## B\n\nb\n",
      "## A\n\na\n",
      "## A\n\nt\n\n## B\n\nb\n",
      "## A\n\nt\n",
    ],
    [
      "a note changed here, one added there",
      "## Notes\n\n- a\n",
      "## Notes\n\n- o\n",
      "## Notes\n\n- a\n- t\n",
      "## Notes\n\n- o\n- t\n",
    ],
    [
      "ticks of both, side by side",
      "## Acceptance Criteria\n\n- [ ] one\n- [ ] two\n",
      "## Acceptance Criteria\n\n- [x] one\n- [ ] two\n",
      "## Acceptance Criteria\n\n- [ ] one\n- [x] two\n",
      "## Acceptance Criteria\n\n- [x] one\n- [x] two\n",
    ],
    [
      "a tick here, a criterion between them there",
      "## Acceptance Criteria\n\n- [ ] one\n- [ ] two\n",
      "## Acceptance Criteria\n\n- [x] one\n- [x] two\n",
      "## Acceptance Criteria\n\n- [ ] one\n  - verify: `true`\n- [ ] two\n",
      "## Acceptance Criteria\n\n- [x] one\n  - verify: `true`\n- [x] two\n",
    ],
    [
      "criteria of both with the same check",
      "## Acceptance Criteria\n\n- [ ] a\n  - verify: `true`\n",
      "## Acceptance Criteria\n\n- [ ] a\n  - verify: `true`\n- [ ] o\n  - verify: `false`\n",
      "## Acceptance Criteria\n\n- [ ] a\n  - verify: `true`\n- [ ] t\n  - verify: `false`\n",
      "## Acceptance Criteria\n\n- [ ] a\n  - verify: `true`\n- [ ] o\n  - verify: `false`\n- [ ] t\n  - verify: `false`\n",
    ],
    [
      "code blocks of both stay two",
      "## Notes\n\na\n",
      "## Notes\n\na\n\n```sh\no\n```\n",
      "## Notes\n\na\n\n```sh\nt\n```\n",
      "## Notes\n\na\n\n```sh\no\n```\n\n```sh\nt\n```\n",
    ],
    [
      "a heading in a code block is no section",
      "## Notes\n\n```\n## A\na\n```\n\n## A\n\na\n",
      "## Notes\n\n```\n## A\no\n```\n\n## A\n\na\n",
      "## Notes\n\n```\n## A\na\n```\n\n## A\n\nt\n",
      "## Notes\n\n```\n## A\no\n```\n\n## A\n\nt\n",
    ],
    [
      "two sections of one name",
      "## A\n\n1\n\n## A\n\n2\n",
      "## A\n\no\n\n## A\n\n2\n",
      "## A\n\n1\n\n## A\n\nt\n",
      "## A\n\no\n\n## A\n\nt\n",
    ],
    [
      "no line feed at the end",
      "## Notes\n\n- a",
      "## Notes\n\n- a\n- o",
      "## Notes\n\n- a\n\n## Z\n\nz",
      "## Notes\n\n- a\n- o\n\n## Z\n\nz",
    ],
    [
      "links written by both",
      "x\n",
      "x\n\n## Links\n\n<!-- nimrod:links:begin -->\n- needed by n-1\n<!-- nimrod:links:end -->\n",
      "x\n\n## Links\n\n<!-- nimrod:links:begin -->\n- needed by n-2\n<!-- nimrod:links:end -->\n",
      "x\n\n## Links\n\n<!-- nimrod:links:begin -->\n- needed by n-1\n- needed by n-2\n<!-- nimrod:links:end -->\n",
    ],
    [
      "links below a line of a person",
      "x\n",
      "x\n\n## Links\n\nmine\n\n<!-- nimrod:links:begin -->\n- n-1\n<!-- nimrod:links:end -->\n",
      "x\n\n## Links\n\n<!-- nimrod:links:begin -->\n- n-2\n<!-- nimrod:links:end -->\n",
      "x\n\n## Links\n\nmine\n\n<!-- nimrod:links:begin -->\n- n-1\n- n-2\n<!-- nimrod:links:end -->\n",
    ],
    [
      "evidence written by both",
      "## Evidence\n\n<!-- nimrod:evidence:begin -->\nAC1 red\n<!-- nimrod:evidence:end -->\n",
      "## Evidence\n\n<!-- nimrod:evidence:begin -->\nAC1 green\n<!-- nimrod:evidence:end -->\n",
      "## Evidence\n\n<!-- nimrod:evidence:begin -->\nAC1 failed\n<!-- nimrod:evidence:end -->\n",
      "## Evidence\n\n<!-- nimrod:evidence:begin -->\nAC1 green\nAC1 failed\n<!-- nimrod:evidence:end -->\n",
    ],
  ];

  test.each(clean)("%s", async (_, base, ours, theirs, merged) => {
    const text = (body: string) => ticketText([], `\n${body}`);
    expect(await mergeOf(text(base), text(ours), text(theirs))).toEqual({
      kind: "merged",
      content: text(merged),
    });
  });

  const steps = (step: string) =>
    `## Runbook\n\n\`\`\`yaml\nsteps:\n  - title: ${step}\n    run: ls\n\`\`\`\n`;
  const contradictions: Row[] = [
    [
      "the same line",
      "## A\n\na\nb\n",
      "## A\n\no\nb\n",
      "## A\n\nt\nb\n",
      `## A\n\n${mark("o\n", "t\n")}b\n`,
    ],
    [
      "a description that both wrote",
      "x\n",
      "x\n\n## Description\n\no\n",
      "x\n\n## Description\n\nt\n",
      `x\n\n## Description\n\n${mark("o\n", "t\n")}`,
    ],
    [
      "a criterion reworded here, ticked there",
      "## Acceptance Criteria\n\n- [ ] a\n",
      "## Acceptance Criteria\n\n- [ ] o\n",
      "## Acceptance Criteria\n\n- [x] a\n",
      `## Acceptance Criteria\n\n${mark("- [ ] o\n", "- [x] a\n")}`,
    ],
    [
      "met here, waived there",
      "## Acceptance Criteria\n\n- [ ] a\n",
      "## Acceptance Criteria\n\n- [x] a\n",
      "## Acceptance Criteria\n\n- [~] a\n",
      `## Acceptance Criteria\n\n${mark("- [x] a\n", "- [~] a\n")}`,
    ],
    [
      "a second check for one criterion",
      "## Acceptance Criteria\n\n- [ ] a\n",
      "## Acceptance Criteria\n\n- [ ] a\n  - verify: `o`\n",
      "## Acceptance Criteria\n\n- [ ] a\n  - verify: `t`\n",
      `## Acceptance Criteria\n\n- [ ] a\n${mark("  - verify: `o`\n", "  - verify: `t`\n")}`,
    ],
    [
      "a section taken out here, changed there",
      "## A\n\na\n\n## B\n\nb\n",
      "## A\n\na\n",
      "## A\n\na\n\n## B\n\nt\n",
      `## A\n\na\n\n${mark("", "## B\n\nt\n")}`,
    ],
    [
      "inside a code block: the whole section, so that the mark is seen",
      steps("a"),
      steps("o"),
      steps("t"),
      `## Runbook\n${mark(steps("o").slice(11), steps("t").slice(11))}`,
    ],
  ];

  test.each(contradictions)("a conflict: %s", async (_, base, ours, theirs, merged) => {
    const text = (body: string) => ticketText([], `\n${body}`);
    expect(await mergeOf(text(base), text(ours), text(theirs))).toEqual({
      kind: "conflict",
      content: text(merged),
    });
  });
});

describe("files that are no tickets", () => {
  const good = ticketText(["a: 1", "b: 1", "c: 1", "d: 1"], "\ntext\n");

  test("a side that cannot be read is merged line by line", async () => {
    const ours = good.replace("a: 1", "a: [");
    expect(await mergeOf(good, ours, good.replace("d: 1", "d: 2"))).toEqual({
      kind: "merged",
      content: ours.replace("d: 1", "d: 2"),
    });
    expect(await mergeOf(good, ours, good.replace("a: 1", "a: 2"))).toEqual({
      kind: "conflict",
      content: good.replace("a: 1\n", mark("a: [\n", "a: 2\n")),
    });
  });

  test("both sides made the file", async () => {
    expect((await mergeOf("", good, good.replace("a: 1", "a: 2"))).content).toBe(
      good.replace("a: 1\n", mark("a: 1\n", "a: 2\n")),
    );
  });

  test("an ancestor with marks in it, and sides that are whole, lose nothing", async () => {
    const base = good.replace("a: 1\n", mark("a: 1\n", "a: 2\n"));
    const merge = await mergeOf(base, good, good.replace("a: 1", "a: 2"));
    expect(merge.kind).toBe("conflict");
    expect(merge.content).toContain("a: 1\n");
    expect(merge.content).toContain("a: 2\n");
  });

  test("bytes that are no text stand between marks as they are", async () => {
    const theirs = Buffer.from([0x2d, 0xff, 0x00, 0x0a]);
    const merge = await mergeTicketFiles({ base: Buffer.from("x"), ours: Buffer.from(good), theirs });
    expect(merge).toMatchObject({ kind: "conflict", where: [{ line: 1 }] });
    expect(Buffer.from(merge.content).includes(theirs)).toBe(true);
    expect(Buffer.from(merge.content).includes(good)).toBe(true);
  });
});

describe("hostile files take bounded time", () => {
  const lines = (count: number, of: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => of(i)).join("\n");
  const rows: [string, (side: string) => string][] = [
    [
      "3000 sections, all changed by both",
      (side) => ticketText([], `\n${lines(3000, (i) => `## S${i}\n${side}\n`)}`),
    ],
    ["3000 sections of each side", (side) => ticketText([], `\n${lines(3000, (i) => `## ${side}${i}\n`)}`)],
    ["30,000 different lines", (side) => ticketText([], `\n${lines(30_000, (i) => `${side}${i % 7}${i}`)}`)],
    [
      "30,000 equal lines in another number",
      (side) => ticketText([], `\n${"a\n\n".repeat(15_000 + side.charCodeAt(0) * 9)}${side}`),
    ],
    [
      "300 keys, all changed by both",
      (side) => ticketText(lines(300, (i) => `key${i}: ${side}`).split("\n"), "\n"),
    ],
    [
      "5 MB of no ticket",
      (side) => lines(100_000, (i) => `${i % 50 === 0 ? side : ""} some line of fifty characters or so ${i}`),
    ],
    ["one line of 5 MB", (side) => `${side}${"- [ ] ```".repeat(600_000)}`],
    [
      "1,000 code blocks that are never closed",
      (side) => ticketText([], `\n${"- ```\n".repeat(1000)}${side}\n`),
    ],
  ];

  test.each(rows)("%s", async (_, make) => {
    const started = process.cpuUsage();
    const [base, ours, theirs] = [make("b"), make("o"), make("t")];
    expect((await mergeTickets({ base, ours, theirs })).content.length).toBeGreaterThan(ours.length);
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1e6).toBeLessThan(5);
  });
});
